"""What the office writes of an expert of the register."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import User
from review.services import register


class ExpertForm(ServiceForm):
    name = forms.CharField(label=_("姓名"), max_length=60)
    employer = forms.CharField(label=_("工作单位"), required=False, max_length=120)
    employer_code = forms.CharField(
        label=_("工作单位信用代码"),
        required=False,
        max_length=18,
        help_text=_("与参评企业相同的，系统列为须回避。"),
    )
    fields_text = forms.CharField(
        label=_("专业领域"),
        required=False,
        max_length=200,
        help_text=_("几个领域之间用顿号隔开。与申报表的所属行业、十强产业用词相同的，分配任务时优先。"),
    )
    title = forms.CharField(label=_("职称职务"), required=False, max_length=60)
    division_name = forms.ChoiceField(label=_("所在区市"), required=False)
    phone = forms.CharField(label=_("联系电话"), required=False, max_length=40)
    mail = forms.EmailField(label=_("电子邮箱"), required=False)
    user = forms.ModelChoiceField(
        label=_("账户"),
        required=False,
        queryset=User.objects.none(),
        empty_label=_("没有账户"),
        help_text=_("账户和专家身份由系统管理员设置。没有账户的，由办公室凭纸质评分表导入评分。"),
    )
    note = forms.CharField(label=_("备注"), required=False, max_length=300)

    def __init__(self, *args, expert=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = register.free_accounts(expert)
        places = register.districts()
        if expert is not None and expert.division_name and expert.division_name not in places:
            places.append(expert.division_name)
        self.fields["division_name"].choices = [("", _("不填")), *((each, each) for each in places)]
        if expert is not None:
            names = [name for name in self.fields if name != "fields_text"]
            self.initial = {name: getattr(expert, name) for name in names}
            self.initial["fields_text"] = "、".join(expert.fields)

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        facts = {name: value for name, value in data.items() if name != "fields_text"}
        facts["employer_code"] = facts["employer_code"].strip().upper()
        return facts | {"fields": register.split_fields(data["fields_text"])}


class RegisterFileForm(ServiceForm):
    file = forms.FileField(
        label=_("专家库文件"),
        help_text=_("Excel 文件（.xlsx）。先预览，确认后才保存；有一处错误就都不导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

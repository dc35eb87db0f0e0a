"""What is entered about an honour after the naming."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.forms.naming import OFFICES
from awards.models import Honour, Promotion
from awards.services.promoting import CRITERIA
from nominations.models import Category
from portal.forms import ServiceForm


class MedalForm(ServiceForm):
    name = forms.CharField(label=_("姓名"), max_length=60, required=False, help_text=_("留空表示暂无人选。"))
    office = forms.ChoiceField(label=_("人选类别"), choices=OFFICES, required=False)
    position = forms.CharField(label=_("职务"), max_length=60, required=False)


class PersonForm(ServiceForm):
    sex = forms.ChoiceField(
        label=_("性别"), choices=[("男", _("男")), ("女", _("女"))], widget=forms.RadioSelect
    )
    born = forms.DateField(label=_("出生日期"), widget=DateInput)
    id_number = forms.CharField(
        label=_("身份证号"), max_length=18, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(label=_("联系电话"), max_length=40)
    politics = forms.CharField(label=_("政治面貌"), max_length=40, required=False)
    education = forms.CharField(label=_("学历"), max_length=40, required=False)
    deeds = forms.CharField(
        label=_("主要事迹"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    consent_on = forms.DateField(
        label=_("本人同意日期"), widget=DateInput, help_text=_("本人书面同意把这些信息报送上级工会的日期。")
    )


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class OutcomeForm(ServiceForm):
    outcome = forms.ChoiceField(label=_("结果"), choices=Promotion.Outcome.choices, widget=forms.RadioSelect)
    day = forms.DateField(label=_("结果日期"), widget=DateInput)
    number = forms.CharField(
        label=_("结果文号"), max_length=60, required=False, help_text=_("已获命名的必须填写，会公开。")
    )


class PromoteForm(ServiceForm):
    """The criteria of the list, each met or not with a note, and one more of the office's own."""

    reason = forms.CharField(label=_("推荐理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    minute = forms.CharField(label=_("会议纪要文号"), max_length=60, required=False)

    def __init__(self, *args, to: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = [_now(name) for name in CRITERIA[to]]
        own = {}
        for number, name in enumerate(self.names):
            own[f"met_{number}"] = forms.BooleanField(label=name, required=False)
            own[f"note_{number}"] = forms.CharField(label=_("情况说明"), max_length=200, required=False)
        own["other"] = forms.CharField(
            label=_("其他条件"), max_length=100, required=False, help_text=_("委员会另定的条件，已经达到的。")
        )
        self.fields = {**own, **self.fields}

    def clean(self):
        cleaned = super().clean()
        lines = [
            (name, cleaned.pop(f"met_{number}", False), cleaned.pop(f"note_{number}", ""))
            for number, name in enumerate(self.names)
        ]
        lines.append((cleaned.pop("other", ""), True, ""))
        return {**cleaned, "criteria": lines}


class RevokeForm(ServiceForm):
    reason = forms.CharField(
        label=_("撤销理由"),
        max_length=300,
        help_text=_("在公开名录中显示。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minute = forms.CharField(label=_("会议纪要文号"), max_length=60, required=False)
    decision = forms.CharField(
        label=_("撤销文号"),
        max_length=60,
        required=False,
        help_text=_("会议纪要文号和撤销文号至少填写一项。"),
    )


class FormerForm(ServiceForm):
    """A naming as it stands on its paper; the keys are those of the workbook."""

    category = forms.ModelChoiceField(label=_("类别"), queryset=Category.objects.all(), empty_label=None)
    level = forms.ChoiceField(label=_("级别"), choices=Honour.Level.choices)
    year = forms.IntegerField(label=_("年度"), min_value=1950, max_value=2100)
    title = forms.CharField(label=_("称号"), max_length=120)
    subject = forms.CharField(
        label=_("命名对象"),
        max_length=120,
        required=False,
        help_text=_("命名的是个人、工作室、班组或成果的，填写名称；命名企业的不填。"),
    )
    name = forms.CharField(label=_("企业名称"), max_length=120)
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=18)
    division_name = forms.CharField(label=_("所属区市"), max_length=30, required=False)
    industry = forms.CharField(label=_("所属行业"), max_length=40, required=False)
    number = forms.CharField(
        label=_("命名编号"), max_length=40, help_text=_("没有编号的，填写能与其他命名区分的编号。")
    )
    decision = forms.CharField(label=_("命名文号"), max_length=60, required=False)
    named_on = forms.DateField(label=_("命名日期"), widget=DateInput)
    namer = forms.CharField(
        label=_("命名单位"),
        max_length=120,
        required=False,
        help_text=_("由本单位命名的不填；企业级的不填即为企业自己命名。"),
    )

    def __init__(self, *args, levels, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [each for each in Honour.Level.choices if each[0] in levels]
        own = [each for each in (Honour.Level.CITY, Honour.Level.DISTRICT) if each in levels]
        self.fields["level"].initial = own[0]


class CorrectFormerForm(FormerForm):
    reason = forms.CharField(label=_("更正理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class FormerFileForm(ServiceForm):
    file = forms.FileField(
        label=_("历年命名表"),
        help_text=_("Excel 文件（.xlsx）。先预览，确认后才导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class FormerListForm(forms.Form):
    q = forms.CharField(required=False, max_length=60)
    year = forms.IntegerField(required=False)
    level = forms.ChoiceField(choices=[("", ""), *Honour.Level.choices], required=False)

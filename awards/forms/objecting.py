"""What the public fills in: an objection, and where it stands."""

from django import forms
from django.utils.translation import gettext_lazy as _

from awards import rules
from awards.services.objection_papers import MOST
from nominations.models import Nomination
from nominations.states import State
from portal.forms import ServiceForm


class Subject(forms.ModelChoiceField):
    def label_from_instance(self, nomination):
        return nomination.subject_name


class PapersInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Several files of one field, as a list."""

    widget = PapersInput

    def clean(self, data, initial=None):
        return [super(PapersField, self).clean(each) for each in data or []]


class ObjectForm(ServiceForm):
    """An objection from outside: named, with grounds."""

    nomination = Subject(Nomination.objects.none(), label=_("对哪一家有异议"), empty_label=_("请选择"))
    of_unit = forms.TypedChoiceField(
        label=_("谁提出异议"),
        choices=[("person", _("个人")), ("unit", _("单位"))],
        coerce=lambda value: value == "unit",
        initial="person",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("姓名或单位名称"),
        max_length=60,
        help_text=_("个人写真实姓名，单位写全称。匿名的不予受理。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    unit = forms.CharField(
        label=_("单位联系人"), max_length=60, required=False, help_text=_("只有单位提出的填写。")
    )
    contact = forms.CharField(
        label=_("联系电话和地址"),
        max_length=120,
        help_text=_("用于核实情况和答复，只有经办人员能够查看。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    grounds = forms.CharField(
        label=_("事实和理由"),
        max_length=3000,
        help_text=_("请写清时间、地点、经过和依据。请不要在这里写您的姓名、单位和联系方式。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    papers = PapersField(
        label=_("证据材料"),
        required=False,
        help_text=_("PDF、Word、Excel 或图片，可以多选，合计不超过 24 MB。文件和文件名都加密保存。"),
    )
    seal_letter = forms.FileField(
        label=_("加盖公章的书面意见"),
        required=False,
        help_text=_("单位提出的必须上传，扫描件或照片均可。"),
    )
    agreed = forms.BooleanField(label=_("以上内容属实，我愿意配合核实"))

    def __init__(self, *args, notice, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nomination"].queryset = Nomination.objects.filter(
            notice_rows__notice=notice, state=State.PUBLICITY
        ).order_by("notice_rows__position")

    def clean_contact(self):
        contact = self.cleaned_data["contact"]
        if not rules.has_telephone(contact):
            raise forms.ValidationError(_("请写明能打通的电话号码，固定电话加区号。"))
        return contact

    def clean_papers(self):
        papers = self.cleaned_data["papers"]
        if len(papers) > MOST:
            raise forms.ValidationError(_("最多上传 {most} 份材料，请合并后再提交。").format(most=MOST))
        return papers

    def clean(self):
        cleaned = super().clean()
        cleaned.pop("agreed", None)
        if cleaned.get("of_unit"):
            if not cleaned.get("unit"):
                self.add_error("unit", _("单位提出异议的，请填写单位联系人。"))
            if not cleaned.get("seal_letter") and "seal_letter" not in self.errors:
                self.add_error("seal_letter", _("单位提出异议的，请上传加盖公章的书面意见（扫描件或照片）。"))
        return cleaned


class StatusForm(ServiceForm):
    number = forms.CharField(
        label=_("受理编号"), max_length=24, help_text=_("提交异议时给出，样子如 YY20260925-7KQ3。")
    )
    code = forms.CharField(
        label=_("查询码"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

from django import forms
from django.utils.translation import gettext_lazy as _

from nominations.models import Nomination
from nominations.states import State
from portal.forms import ServiceForm


class Subject(forms.ModelChoiceField):
    def label_from_instance(self, nomination):
        return nomination.subject_name


class ObjectForm(ServiceForm):
    """An objection from outside: named, with grounds."""

    nomination = Subject(Nomination.objects.none(), label=_("对哪一家有异议"), empty_label=_("请选择"))
    name = forms.CharField(
        label=_("姓名或单位名称"),
        max_length=60,
        help_text=_("个人写真实姓名，单位写全称。匿名的不予受理。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    unit = forms.CharField(
        label=_("单位联系人"),
        max_length=60,
        required=False,
        help_text=_("单位提出的填写，并在证据材料中附加盖公章的函。"),
    )
    contact = forms.CharField(
        label=_("联系电话和地址"), max_length=120, help_text=_("用于核实情况和答复，只有经办人员能够查看。")
    )
    grounds = forms.CharField(
        label=_("事实和理由"),
        max_length=3000,
        help_text=_("请写清时间、地点、经过和依据。请不要在这里写您的姓名和联系方式。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    evidence = forms.FileField(
        label=_("证据材料"),
        required=False,
        help_text=_("PDF、Word、Excel 或图片一份，不超过 20 MB。多份材料请合并为一个文件。"),
    )
    agreed = forms.BooleanField(label=_("以上内容属实，我愿意配合核实"))

    def __init__(self, *args, notice, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nomination"].queryset = Nomination.objects.filter(
            notice_rows__notice=notice, state=State.PUBLICITY
        ).order_by("notice_rows__position")

    def clean(self):
        cleaned = super().clean()
        cleaned.pop("agreed", None)
        return cleaned


class StatusForm(ServiceForm):
    number = forms.CharField(
        label=_("受理编号"), max_length=24, help_text=_("提交异议时给出，样子如 YY20260925-7KQ3。")
    )
    code = forms.CharField(
        label=_("查询码"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


_OUTCOME_HELP = _("显示在公示页上，只写办理结果，不写异议人的任何信息。")


class ReceiveForm(ServiceForm):
    """受理 or 不予受理."""

    accept = forms.TypedChoiceField(
        label=_("是否受理"),
        choices=[("yes", _("受理")), ("no", _("不予受理"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=2000,
        required=False,
        help_text=_("不予受理的必须写明。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    public_outcome = forms.CharField(
        label=_("公开结果"), max_length=300, required=False, help_text=_OUTCOME_HELP
    )


class DecideForm(ServiceForm):
    upheld = forms.TypedChoiceField(
        label=_("核查结论"),
        choices=[("no", _("异议不成立")), ("yes", _("异议成立"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    decision = forms.CharField(
        label=_("处理意见"),
        max_length=2000,
        help_text=_("核查了什么、依据什么、得出什么。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    public_outcome = forms.CharField(label=_("公开结果"), max_length=300, help_text=_OUTCOME_HELP)

    def __init__(self, *args, hidden=False, **kwargs):
        super().__init__(*args, **kwargs)
        if hidden:
            for field in self.fields.values():
                field.widget = forms.HiddenInput()


class AnswerForm(ServiceForm):
    answer = forms.CharField(
        label=_("答复"),
        max_length=2000,
        help_text=_("异议人凭受理编号和查询码查看。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

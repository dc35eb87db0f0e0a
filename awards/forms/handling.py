"""What the office fills in for an objection, and what the enterprise answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.models import Hearing
from awards.services import roster
from portal.forms import ServiceForm
from portal.models import User

_OUTCOME_HELP = _("显示在公示页上，只写办理结果，不写异议人的任何信息。")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


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
        help_text=_("核查了什么、依据什么、得出什么。写入给企业的告知函，不写异议人的任何信息。"),
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
        help_text=_("异议人凭受理编号和查询码查看，并写入答复函。称呼由系统填写，这里不写姓名。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class HearForm(ServiceForm):
    side = forms.ChoiceField(label=_("听取对象"), choices=Hearing.Side, widget=forms.RadioSelect)
    way = forms.CharField(label=_("方式"), max_length=60, help_text=_("例如：电话、面谈、现场核实。"))
    held_at = forms.DateTimeField(label=_("时间"), widget=MomentInput())
    words = forms.CharField(
        label=_("陈述要点"),
        max_length=3000,
        help_text=_("异议人的陈述加密保存；其他各方的陈述中不写异议人的任何信息。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class AskEnterpriseForm(ServiceForm):
    matter = forms.CharField(
        label=_("转告企业的内容"),
        max_length=2000,
        help_text=_("用办公室自己的话写清要企业说明什么。不要照抄异议人的原文，原文可能让企业猜出是谁。"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    reply_due = forms.DateField(label=_("请企业答复的期限"), widget=DateInput())


class ReplyForm(ServiceForm):
    words = forms.CharField(
        label=_("答复"),
        max_length=3000,
        help_text=_("请就所列事项逐项说明。只有经办人员查看。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class ExtendForm(ServiceForm):
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        help_text=_("例如：需要调阅原始凭证。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AllowForm(ServiceForm):
    allowed = forms.TypedChoiceField(
        label=_("是否同意延期"),
        choices=[("yes", _("同意")), ("no", _("不同意"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class AssignForm(ServiceForm):
    users = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("经办人"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只有勾选的人员能查看异议人信息。没有勾选的，从现在起不能再看。"),
    )
    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, *args, host, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["users"].queryset = roster.people_of(host).order_by("full_name")


class TurnForm(ServiceForm):
    """One turn on the roster."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("值班人"), empty_label=_("请选择"))
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label=_("副班"),
        required=False,
        empty_label=_("不设副班"),
        help_text=_("值班人和副班同为当日异议的经办人。"),
    )
    starts_on = forms.DateField(label=_("开始日期"), widget=DateInput())
    ends_on = forms.DateField(label=_("结束日期"), widget=DateInput())
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args, host, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("user", "deputy"):
            self.fields[name].queryset = roster.people_of(host).order_by("full_name")

"""What the office fills in to send, chase, ask again, and let somebody in by a link."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import Organisation
from review.forms.days import DayInput


class BatchForm(ServiceForm):
    """The named ones are carried along, so that nobody unnamed is sent."""

    due_on = forms.DateField(label=_("答复期限"), widget=DayInput())
    note = forms.CharField(
        label=_("给部门的说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("随通知一并送达。"),
    )
    named = forms.CharField(widget=forms.HiddenInput)

    def clean_named(self):
        try:
            return [int(pk) for pk in self.cleaned_data["named"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("请返回上一页重新打开。")) from None


class ChaseForm(ServiceForm):
    """Which of those that are not done are reminded now."""

    departments = forms.TypedMultipleChoiceField(
        label=_("催办的部门"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个部门。")},
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["departments"].choices = choices
        self.fields["departments"].initial = [pk for pk, _label in choices]


class RecheckForm(ServiceForm):
    """Whom the departments are asked about again."""

    nominations = forms.TypedMultipleChoiceField(
        label=_("再次核查的企业"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一家企业。")},
    )
    due_on = forms.DateField(label=_("答复期限"), widget=DayInput())
    note = forms.CharField(
        label=_("给部门的说明"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nominations"].choices = choices


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class LinkForm(ServiceForm):
    organisation = forms.ModelChoiceField(label=_("单位"), queryset=Organisation.objects.none())
    name = forms.CharField(
        label=_("答复人姓名"),
        max_length=60,
        help_text=_("答复以此人的名义记录。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    position = forms.CharField(label=_("职务"), required=False, max_length=60)
    contact = forms.CharField(
        label=_("电话或邮箱"),
        required=False,
        max_length=80,
        help_text=_("便于联系，系统不会自动发送。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    valid_until = forms.DateField(
        label=_("有效至"), widget=DayInput(), help_text=_("当天 24 时止，最长 30 天。")
    )
    note = forms.CharField(label=_("备注"), required=False, max_length=300)

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].label_from_instance = lambda each: each.short_name

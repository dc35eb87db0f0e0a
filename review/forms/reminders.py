"""Whom the office reminds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class RemindForm(ServiceForm):
    """Which of those that are not done are reminded now."""

    members = forms.TypedMultipleChoiceField(
        label=_("催办的专家"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一位专家。")},
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = choices
        self.fields["members"].initial = [pk for pk, _label in choices]

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class ChosenField(forms.TypedMultipleChoiceField):
    """The chosen ones, in the order of the list, whatever order they were ticked in."""

    def clean(self, value):
        picked = set(super().clean(value))
        return [pk for pk, _name in self.choices if pk in picked]


class PickForm(forms.Form):
    """Whom the office ticked on the proposal."""

    chosen = ChosenField(coerce=int, required=False)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(row.nomination_id, row.nomination.subject_name) for row in rows]

    def picked(self) -> list[int]:
        return self.cleaned_data["chosen"] if self.is_valid() else []


class PublishForm(ServiceForm):
    """What the confirm page asks; a question that does not arise is not asked."""

    chosen = ChosenField(coerce=int, widget=forms.MultipleHiddenInput)
    departs = forms.CharField(
        label=_("未按名次的理由"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    minute = forms.CharField(
        label=_("会议纪要文号"),
        max_length=60,
        required=False,
        help_text=_("名单经委员会会议研究的，写明纪要文号，公告中会引用。"),
    )
    provisional_confirmed = forms.BooleanField(label=_("放假安排为暂定，截止日已经核对无误"), required=False)
    rechecked = forms.BooleanField(label=_("已重新核查上述企业的排除条件，没有发现问题"), required=False)
    recheck_note = forms.CharField(
        label=_("复核情况"),
        max_length=300,
        required=False,
        help_text=_("哪一天、由谁、查了哪些名录。留痕保存。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, rows, preview, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(row.nomination_id, row.nomination.subject_name) for row in rows]
        if not preview.departs:
            del self.fields["departs"]
        else:
            self.fields["departs"].required = self.fields["minute"].required = True
        if not preview.provisional:
            del self.fields["provisional_confirmed"]
        if not preview.stale:
            del self.fields["rechecked"], self.fields["recheck_note"]

from django import forms

from portal.forms import ServiceForm


class UrgeForm(ServiceForm):
    """Whom the page named: exactly those are asked for again when it is sent."""

    units = forms.TypedMultipleChoiceField(coerce=int, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, known: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["units"].choices = [(pk, pk) for pk in known]

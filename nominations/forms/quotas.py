from django import forms
from django.utils.translation import gettext_lazy

from nominations.services.quotas import QuotaLine
from portal.forms import ServiceForm


class QuotaForm(ServiceForm):
    """One number a recommender, one reason for what is changed."""

    reason = forms.CharField(
        label=gettext_lazy("调整理由"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("首次设定可不填；改动已设的名额必须写明理由。"),
    )

    def __init__(self, *args, lines: list[QuotaLine], **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[self._name(line)] = forms.IntegerField(
                label=line.organisation.name,
                required=False,
                min_value=0,
                max_value=999,
                initial=line.number,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    @property
    def rows(self):
        return [(line, self[self._name(line)]) for line in self.lines]

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        numbers = {line.organisation: data[self._name(line)] for line in self.lines}
        return {"numbers": numbers, "reason": data["reason"]}

    @staticmethod
    def _name(line):
        return f"number_{line.organisation.pk}"

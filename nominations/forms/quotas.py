from django import forms
from django.utils.translation import gettext_lazy

from nominations.services.quotas import QuotaLine
from portal.forms import ServiceForm


class QuotaForm(ServiceForm):
    """One number a recommender with the number it was shown with, one reason for what is changed.

    A remark beside a number is the reason of that number alone.
    """

    reason = forms.CharField(
        label=gettext_lazy("调整理由"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("首次设定可不填；改动或清空已设的名额必须写明理由。"),
    )

    def __init__(self, *args, lines: list[QuotaLine], **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[self.name_of(line)] = forms.IntegerField(
                label=line.organisation.name,
                required=False,
                min_value=0,
                max_value=999,
                initial=line.number,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
            self.fields[self.name_of(line, "shown")] = forms.IntegerField(
                required=False, widget=forms.HiddenInput
            )
            self.fields[self.name_of(line, "remark")] = forms.CharField(
                required=False, max_length=200, widget=forms.HiddenInput
            )

    @property
    def rows(self):
        """(line, its field, the name under which the number shown travels)."""
        return [(line, self[self.name_of(line)], self.name_of(line, "shown")) for line in self.lines]

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        answer = {"numbers": {}, "shown": {}, "reasons": {}, "reason": data["reason"]}
        for line in self.lines:
            typed, shown = data[self.name_of(line)], data[self.name_of(line, "shown")]
            if typed != shown:
                answer["numbers"][line.organisation] = typed
                answer["shown"][line.organisation] = shown
                answer["reasons"][line.organisation] = data[self.name_of(line, "remark")]
        return answer

    @staticmethod
    def name_of(line, what="number"):
        return f"{what}_{line.organisation.pk}"


class QuotaFileForm(ServiceForm):
    file = forms.FileField(
        label=gettext_lazy("推荐名额分配表"),
        help_text=gettext_lazy("Excel 文件（.xlsx）。先预览，确认后才保存。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

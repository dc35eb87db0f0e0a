from django import forms
from django.utils.translation import gettext_lazy

from portal.forms import ServiceForm


class TellApartForm(ServiceForm):
    one = forms.IntegerField(widget=forms.HiddenInput)
    other = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("为什么不是同一家"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("例如：营业执照的法定代表人和住所都不同。"),
    )

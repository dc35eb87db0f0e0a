from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class DismissForm(ServiceForm):
    note = forms.CharField(
        label=_("排除的理由"),
        max_length=300,
        help_text=_("例如：已向该企业工会核实，17 时换班，职工在食堂用同一网络投票。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

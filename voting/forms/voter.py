"""What a voter types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class PhoneForm(ServiceForm):
    phone = forms.CharField(
        label=_("手机号码"),
        max_length=30,
        help_text=_("只用来核对是否已投票，不保存，不用于其他用途。"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    # Filled in by static/js/identity.js, where there is a script.
    proof = forms.CharField(required=False, widget=forms.HiddenInput)


class CodeForm(ServiceForm):
    phone = forms.CharField(max_length=30, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        help_text=_("短信中的 6 位数字，10 分钟内有效。"),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"}
        ),
    )


class LookupForm(forms.Form):
    code = forms.CharField(
        label=_("回执号"),
        max_length=40,
        help_text=_("12 位字母和数字，例如 7F3K-92QD-M4XA。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

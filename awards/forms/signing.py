"""Signing a visit: by oneself, on another's phone with the own password, on paper."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import User


class SelfForm(ServiceForm):
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class HereForm(SelfForm):
    """The second person signs on the phone of the first: own password, second factor where there is one.

    Asked the way signing in asks, so that guessing is counted and locked the same way.
    """

    user = forms.ModelChoiceField(User.objects.none(), label=_("签名人"), empty_label=_("请选择"))
    password = forms.CharField(
        label=_("签名人本人的密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("由签名人本人输入，只用于这一次签名，不会保存在这部手机上。"),
    )
    code = forms.CharField(
        label=_("动态验证码"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("签名人开通了两步验证的，须填写验证器上的 6 位数字。"),
    )

    def __init__(self, *args, request, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["user"].queryset = User.objects.filter(pk__in=[each.pk for each in people])

    def clean(self):
        cleaned = super().clean()
        password, code = cleaned.pop("password", ""), cleaned.pop("code", "")
        user = cleaned.get("user")
        if user is None or not password:
            return cleaned
        known = authenticate(self.request, username=user.username, password=password)
        if known != user:
            self.add_error("password", _now("密码不正确，请由签名人本人重新输入。"))
            return cleaned
        second = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        if second is not None and not TOTP(second).validate_code(code.strip()):
            self.add_error("code", _now("动态验证码不正确，请填写验证器上现在显示的数字。"))
        return cleaned


class PaperSignForm(SelfForm):
    names = forms.MultipleChoiceField(
        label=_("纸上签名的人"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一张纸上有两人签名的，两人都选。"),
    )
    scan = forms.FileField(
        label=_("签名页"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        help_text=_("签名页的照片或扫描件，JPG、PNG、WEBP 或 PDF，不超过 20 MB。"),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["names"].choices = [(name, name) for name in people]

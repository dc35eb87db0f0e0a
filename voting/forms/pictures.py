"""The picture of a candidate."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class PictureForm(ServiceForm):
    upload = forms.FileField(
        label=_("图片"),
        allow_empty_file=True,
        help_text=_("JPG、PNG 或 WEBP，不超过 10 MB。"),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.webp"}),
    )

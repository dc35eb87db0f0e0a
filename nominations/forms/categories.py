from django import forms
from django.utils.translation import gettext_lazy

from portal.forms import ServiceForm


class CategoryFileForm(ServiceForm):
    file = forms.FileField(
        label=gettext_lazy("修改后的设置文件"),
        help_text=gettext_lazy(
            "先下载现有的设置文件（.json），在它上面修改。上传后先看改了什么，确认后才写入。"
        ),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )


class CategoryChangeForm(ServiceForm):
    """What the preview was of comes back with the confirmation; the service looks it through again."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    was = forms.CharField(widget=forms.HiddenInput)

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nominations.models import Evidence, Nomination
from portal.forms import ServiceForm


class AttachForm(ServiceForm):
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=Evidence.Kind.choices)
    title = forms.CharField(
        label=gettext_lazy("名称"), max_length=120, required=False, help_text=gettext_lazy("不填则用文件名。")
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        help_text=gettext_lazy(
            "PDF、JPG、PNG、WEBP、DOCX 或 XLSX，不超过 20 MB。照片中的地点和时间会自动去除。"
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp,.docx,.xlsx"}),
    )

    def __init__(self, *args, nomination: Nomination, **kwargs):
        super().__init__(*args, **kwargs)
        current = nomination.evidence.current()
        if current:
            self.fields["replaces"] = forms.ModelChoiceField(
                current,
                label=_("替换"),
                required=False,
                empty_label=_("不替换，另外增加"),
                help_text=_("被替换的一份仍可查阅。"),
            )

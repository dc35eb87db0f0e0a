from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nominations.folder import HINTS, supports
from nominations.models import Evidence, Nomination
from portal.forms import ServiceForm

_ACCEPT = ".pdf,.jpg,.jpeg,.png,.webp,.docx,.xlsx"
_HELP = gettext_lazy("PDF、JPG、PNG、WEBP、DOCX 或 XLSX，每份不超过 20 MB。照片中的地点和时间会自动去除。")


class HintedSelect(forms.Select):
    """Each kind carries the words by which the page proposes it for a file's name."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in HINTS:
            option["attrs"]["data-hints"] = ",".join(HINTS[str(value)])
        return option


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several, as a list."""

    def clean(self, data, initial=None):
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        # An empty file is refused by the service, in a sentence that names it.
        return list(given)


class _Described(ServiceForm):
    """The kind of a document, and what it supports in this declaration."""

    def __init__(self, *args, nomination: Nomination, **kwargs):
        super().__init__(*args, **kwargs)
        groups = [(group, lines) for group, lines in supports(nomination)]
        self.fields["about"] = forms.ChoiceField(
            label=_("佐证内容"),
            choices=[("", _("不指明")), *groups],
            required=False,
            help_text=_("这份材料证明申报表中的哪一项。"),
        )


class AttachForm(_Described):
    """New documents, one or several at once; the kind is chosen, never guessed behind one's back."""

    file = FilesField(
        label=gettext_lazy("文件"),
        help_text=_HELP,
        widget=SeveralFiles(attrs={"accept": _ACCEPT, "multiple": True}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"),
        choices=[("", gettext_lazy("请选择")), *Evidence.Kind.choices],
        widget=HintedSelect,
    )
    title = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("不填则用文件名；一次上传多份时都用文件名。"),
    )

    field_order = ("file", "kind", "about", "title")

    def clean(self):
        data = super().clean()
        if "file" in data:
            data["files"] = data.pop("file")
        return data


class ReplaceForm(_Described):
    """A new version of one document; kind and matter are those of the old one unless changed."""

    file = forms.FileField(
        label=gettext_lazy("新的文件"), help_text=_HELP, widget=forms.FileInput(attrs={"accept": _ACCEPT})
    )
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=Evidence.Kind.choices)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=120)

    field_order = ("file", "kind", "about", "title")

    def __init__(self, *args, evidence: Evidence, **kwargs):
        super().__init__(*args, nomination=evidence.nomination, **kwargs)
        for name in ("kind", "about", "title"):
            self.fields[name].initial = getattr(evidence, name)
        known = {key for _group, lines in supports(evidence.nomination) for key, _title in lines}
        if evidence.about and evidence.about not in known:
            self.fields["about"].choices = [*self.fields["about"].choices, (evidence.about, evidence.about)]


class VoidForm(ServiceForm):
    reason = forms.CharField(
        label=gettext_lazy("作废理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )

"""The form of one visit, with its photographs."""

import hashlib
from dataclasses import dataclass

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.forms.noting import lines_of
from awards.models import CheckLine, Inspection
from awards.services.visiting import Stale
from portal.forms import ServiceForm

AGREES = (("yes", _("相符")), ("no", _("不符")))
SAID = {"yes": True, "no": False}


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files of one field, as a list."""

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        return [super(PhotosField, self).clean(each) for each in data or []]


@dataclass(frozen=True)
class LineFields:
    """One line on the page: the row, its fields, and what another wrote on it since (`theirs`)."""

    line: CheckLine
    agrees: forms.BoundField
    found: forms.BoundField
    difference: forms.BoundField
    weight: forms.BoundField
    version: forms.BoundField
    shown: forms.BoundField
    theirs: CheckLine | None


class VisitForm(ServiceForm):
    """What was found on a visit, line by line, and what the team means to conclude.

    A draft may leave anything out; what is missing is said when it comes to signing. Only the lines somebody
    typed on are handed on, so that two forms open at once do not undo each other.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    photos = PhotosField(
        label=_("现场照片"),
        required=False,
        help_text=_(
            "先写说明，再选照片。可以多选，JPG、PNG 或 WEBP，每张不超过 20 MB。位置等隐藏信息会自动去除。"
        ),
    )
    photo_line = forms.ChoiceField(label=_("照片对应核对项"), required=False)
    caption = forms.CharField(
        label=_("照片说明"), required=False, max_length=120, help_text=_("例如：创新工作室、光荣榜。")
    )
    visited_on = forms.DateField(label=_("考察日期"), required=False, widget=DateInput())
    proposed = forms.ChoiceField(
        label=_("拟定结论"), required=False, choices=Inspection.Verdict.choices, widget=forms.RadioSelect
    )
    problem = forms.CharField(
        label=_("发现的问题"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("结论为不合格的必须写明，会作为止步理由告知。"),
    )

    def __init__(self, *args, visit, now, **kwargs):
        initial = {
            "version": visit.version,
            "visited_on": visit.visited_on or timezone.localdate(now),
            "proposed": visit.proposed,
            "problem": visit.problem,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.rows = list(visit.lines.all())
        self.fields["photo_line"].choices = lines_of(visit)
        self.clashes = {}
        for line in self.rows:
            self.fields |= _fields_of(line)

    @property
    def groups(self) -> list[tuple[str, list[LineFields]]]:
        """The lines under their headings; the office's own under ""."""
        groups = {}
        for line in self.rows:
            bound = {name: self[f"{name}_{line.pk}"] for name in PARTS}
            fields = LineFields(line=line, theirs=self.clashes.get(line.key), **bound)
            groups.setdefault(line.dimension, []).append(fields)
        return list(groups.items())

    def clean(self):
        cleaned = super().clean()
        cleaned["lines"] = []
        for line in self.rows:
            said = {name: cleaned.pop(f"{name}_{line.pk}", "") for name in PARTS}
            shown, version = said.pop("shown"), said.pop("version")
            if _as_shown(**said) != shown:
                agrees = SAID.get(said.pop("agrees"))
                cleaned["lines"].append({"key": line.key, "version": version, "agrees": agrees, **said})
        return cleaned

    def ask(self) -> None:
        """Show as required what two sign; a draft may still leave it out."""
        for name in ("visited_on", "proposed"):
            self.fields[name].required = True

    def refuse(self, refusal):
        if isinstance(refusal, Stale):
            self.clashes = refusal.clashes
        super().refuse(refusal)

    def renew(self, visit: Inspection) -> None:
        """After somebody else saved: keep what was typed, and let it be sent again on purpose."""
        self.data = self.data.copy()
        self.data["version"] = visit.version
        for line in self.clashes.values():
            self.data[f"version_{line.pk}"] = line.version


PARTS = ("agrees", "found", "difference", "weight", "version", "shown")
_WEIGHTS = (("", _("请选择")), *CheckLine.Weight.choices)


def _fields_of(line: CheckLine) -> dict[str, forms.Field]:
    agrees = {True: "yes", False: "no"}.get(line.agrees, "")
    shown = _as_shown(agrees, line.found, line.difference, line.weight)
    hidden = {"required": False, "widget": forms.HiddenInput}
    fields = {
        "agrees": forms.ChoiceField(
            label=line.item, choices=AGREES, required=False, initial=agrees, widget=forms.RadioSelect
        ),
        "found": forms.CharField(
            label=_("核实情况"),
            required=False,
            max_length=1000,
            initial=line.found,
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
        "difference": forms.CharField(
            label=_("差异"), required=False, max_length=500, initial=line.difference
        ),
        "weight": forms.ChoiceField(
            label=_("差异程度"), required=False, choices=_WEIGHTS, initial=line.weight
        ),
        "version": forms.IntegerField(initial=line.version, **hidden),
        "shown": forms.CharField(initial=shown, **hidden),
    }
    return {f"{name}_{line.pk}": field for name, field in fields.items()}


def _as_shown(agrees: str, found: str, difference: str, weight: str) -> str:
    """Short, and the same for the same: whether a line was typed on since the page was shown."""
    text = "\x1f".join(
        (agrees, *(each.replace("\r\n", "\n").strip() for each in (found, difference, weight)))
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""The form of one visit, with its photographs."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.models import Inspection
from portal.forms import ServiceForm

AGREES = (("yes", _("相符")), ("no", _("不符")))


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files of one field, as a list."""

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data, initial=None):
        return [super(PhotosField, self).clean(each) for each in data or []]


class VisitForm(ServiceForm):
    """What was found on a visit, line by line, and what it comes to.

    As a draft nothing has to be there; as a verdict the services say what is missing.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    photos = PhotosField(
        label=_("现场照片"),
        required=False,
        help_text=_("可以多选，JPG、PNG 或 WEBP，每张不超过 20 MB。照片中的位置等隐藏信息会自动去除。"),
    )
    caption = forms.CharField(
        label=_("照片说明"), required=False, max_length=120, help_text=_("例如：创新工作室、光荣榜。")
    )
    visited_on = forms.DateField(label=_("考察日期"), required=False, widget=DateInput())
    problem = forms.CharField(
        label=_("发现的问题"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("结论为不合格的必须写明，会作为止步理由告知。"),
    )
    verdict = forms.ChoiceField(
        label=_("考察结论"), required=False, choices=Inspection.Verdict.choices, widget=forms.RadioSelect
    )
    leader_signature = forms.CharField(
        label=_("组长签名"), required=False, max_length=60, help_text=_("请组长本人输入姓名。")
    )
    member_signature = forms.CharField(
        label=_("成员签名"), required=False, max_length=60, help_text=_("请一名成员本人输入姓名。")
    )

    def __init__(self, *args, visit, now, **kwargs):
        initial = {
            "version": visit.version,
            "visited_on": visit.visited_on or timezone.localdate(now),
            "problem": visit.problem,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.visit = visit
        for number, line in enumerate(visit.checklist):
            said = {True: "yes", False: "no"}.get(line["agrees"], "")
            self.fields[f"agrees_{number}"] = forms.ChoiceField(
                label=line["item"], choices=AGREES, required=False, initial=said, widget=forms.RadioSelect
            )
            self.fields[f"found_{number}"] = forms.CharField(
                label=_("核实情况"),
                required=False,
                max_length=500,
                initial=line["found"],
            )

    @property
    def lines(self):
        """Claim, found and agrees, side by side."""
        return [
            (line, self[f"found_{number}"], self[f"agrees_{number}"])
            for number, line in enumerate(self.visit.checklist)
        ]

    def clean(self):
        cleaned = super().clean()
        cleaned["checklist"] = [
            {
                "found": cleaned.pop(f"found_{number}", ""),
                "agrees": {"yes": True, "no": False}.get(cleaned.pop(f"agrees_{number}", "")),
            }
            for number in range(len(self.visit.checklist))
        ]
        return cleaned

    def ask(self) -> None:
        """Show as required what a verdict needs; a draft may still leave it out."""
        for name in ("visited_on", "verdict", "leader_signature", "member_signature"):
            self.fields[name].required = True

    def renew(self, version: int) -> None:
        """After somebody else saved: keep what was typed, and let it be sent again on purpose."""
        self.data = self.data.copy()
        self.data["version"] = version

"""The forms of the visits: the team, the record of one visit, the teams' summary."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awards.models import Inspection
from portal.forms import ServiceForm
from portal.models import Membership, Role, User

AGREES = (("yes", _("相符")), ("no", _("不符")))


def inspectors():
    """Everyone who wears an inspector's hat."""
    hats = Membership.objects.active().filter(role=Role.INSPECTOR)
    return User.objects.filter(pk__in=hats.values("user")).order_by("full_name", "pk")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class TeamForm(ServiceForm):
    """One team for one visit or several, each with its own day."""

    leader = forms.ModelChoiceField(
        User.objects.none(), label=_("考察组长"), empty_label=_("请选择"), help_text=_("从考察组人员中选择。")
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("考察成员"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("有账户的成员可以在手机上登记本组的考察。"),
    )
    others = forms.CharField(
        label=_("其他成员"),
        required=False,
        max_length=120,
        help_text=_("没有账户的成员写姓名，用顿号隔开。"),
    )

    def __init__(self, *args, visits, **kwargs):
        super().__init__(*args, **kwargs)
        self.visits = visits
        people = inspectors()
        self.fields["leader"].queryset = self.fields["members"].queryset = people
        self._start_from(visits[0])
        for visit in visits:
            self.fields[f"day_{visit.pk}"] = forms.DateField(
                label=_("计划日期：{name}").format(name=visit.nomination.subject_name),
                required=False,
                initial=visit.planned_on,
                widget=DateInput(),
            )

    def _start_from(self, visit):
        """The team as it is, where there is one already."""
        team = list(visit.inspectors.all())
        leader = next((each for each in team if str(each) == visit.leader_name), None)
        names = [name for name in visit.member_names.split("、") if name]
        known = {str(each) for each in team}
        self.initial |= {
            "leader": leader,
            "members": [each for each in team if each != leader],
            "others": "、".join(name for name in names if name not in known),
        }

    def clean(self):
        cleaned = super().clean()
        leader, members = cleaned.get("leader"), list(cleaned.get("members") or [])
        if leader and leader in members:
            members.remove(leader)
        if leader and not members and not cleaned.get("others", "").strip():
            self.add_error("members", _("考察结论要由组长和一名成员签名，请至少选一名成员。"))
        if self.errors:
            return cleaned
        names = [str(each) for each in members]
        return {
            "inspectors": [leader, *members],
            "leader_name": str(leader),
            "member_names": "、".join([*names, *([cleaned["others"].strip()] if cleaned["others"] else [])]),
            "days": {visit.pk: cleaned[f"day_{visit.pk}"] for visit in self.visits},
        }


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


class PaperForm(ServiceForm):
    file = forms.FileField(
        label=_("考察记录"),
        help_text=_("考察记录.xlsx，不超过 10 MB。先预览，确认后再登记。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

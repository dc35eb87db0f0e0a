"""The office's forms of the visits: the team, the teams' summary."""

from django import forms
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from portal.forms import ServiceForm
from portal.models import Membership, Role, User


def inspectors():
    """Everyone who wears an inspector's hat."""
    hats = Membership.objects.active().filter(role=Role.INSPECTOR)
    return User.objects.filter(pk__in=hats.values("user")).order_by("full_name", "pk")


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


class PaperForm(ServiceForm):
    file = forms.FileField(
        label=_("考察记录"),
        help_text=_("考察记录.xlsx，不超过 10 MB。先预览，确认后再登记。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

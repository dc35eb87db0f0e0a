"""Forms of the visits: teams and their people, days, the teams' summary, what a member declares."""

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.models import Inspection, Team
from awards.services.team_places import current, inspectors, names_of
from awards.services.teaming import Place
from awards.services.visit_calendar import PER_DAY
from portal.forms import ServiceForm
from portal.models import Organisation, User


class _People:
    """A person by name, with the employer where it is known."""

    def label_from_instance(self, user):
        known = getattr(user, "inspector", None)
        return f"{user}（{known.employer}）" if known and known.employer else str(user)


class OnePerson(_People, forms.ModelChoiceField):
    pass


class SomePeople(_People, forms.ModelMultipleChoiceField):
    pass


class TeamForm(ServiceForm):
    """A team, new or as it shall be from now on."""

    name = forms.CharField(
        label=_("名称"), required=False, max_length=60, help_text=_("不填的，按组号称呼，例如“第1考察组”。")
    )
    leader = OnePerson(
        User.objects.none(), label=_("考察组长"), empty_label=_("请选择"), help_text=_("从考察组人员中选择。")
    )
    members = SomePeople(
        User.objects.none(),
        label=_("考察成员"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("有账户的成员可以在手机上登记本组的考察。"),
    )
    others = forms.CharField(
        label=_("其他成员"),
        required=False,
        max_length=200,
        help_text=_("没有账户的成员写姓名，用顿号隔开。"),
    )
    reason = forms.CharField(
        label=_("变动原因"),
        required=False,
        max_length=200,
        help_text=_("有人退出，或者更换组长的，须写明原因，留在本组的变动记录里。"),
    )

    def __init__(self, *args, team: Team | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        here = []
        if team is None:
            del self.fields["reason"]
        else:
            members = current(team)
            here = [member.user_id for member in members if member.user_id]
            self.initial |= {
                "name": team.name,
                "leader": next((member.user_id for member in members if member.leader), None),
                "members": [m.user_id for m in members if m.user_id and not m.leader],
                "others": "、".join(m.name for m in members if not m.user_id),
            }
        free = Q(inspector__isnull=True) | Q(inspector__active=True) | Q(pk__in=here)
        people = inspectors().filter(free).select_related("inspector")
        self.fields["leader"].queryset = self.fields["members"].queryset = people

    def clean(self):
        cleaned = super().clean()
        leader = cleaned.get("leader")
        cleaned["members"] = [each for each in cleaned.get("members") or [] if each != leader]
        cleaned["others"] = names_of(cleaned.get("others", ""))
        if leader and not cleaned["members"] and not cleaned["others"]:
            self.add_error("members", _("考察结论要由组长和一名成员签名，请至少选一名成员。"))
        return cleaned


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=_("原因"), max_length=200)


class PersonForm(ServiceForm):
    """What is known of somebody who visits, for finding conflicts."""

    employer = forms.CharField(label=_("工作单位"), required=False, max_length=120)
    employer_code = forms.CharField(
        label=_("工作单位统一社会信用代码"),
        required=False,
        max_length=18,
        help_text=_("用来核对与企业的利害关系。"),
    )
    division_name = forms.ChoiceField(label=_("所在区市"), required=False)
    post = forms.CharField(label=_("职务"), required=False, max_length=60)
    phone = forms.CharField(label=_("联系电话"), required=False, max_length=40)
    active = forms.BooleanField(label=_("可以派出"), required=False)

    FACTS = ("employer", "employer_code", "division_name", "post", "phone", "active")

    def __init__(self, *args, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        known = getattr(person, "inspector", None)
        self.initial |= {name: getattr(known, name) for name in self.FACTS} if known else {"active": True}
        places = Organisation.objects.exclude(division_name="").values_list("division_name", flat=True)
        divisions = list(dict.fromkeys(places.order_by("position", "code")))
        if known and known.division_name and known.division_name not in divisions:
            divisions.append(known.division_name)
        self.fields["division_name"].choices = [("", _("不填")), *((each, each) for each in divisions)]


class PlacesForm(ServiceForm):
    """Team, day and half of a day for each of several visits; or one team for all of them."""

    reason = forms.CharField(
        label=_("改派理由"),
        required=False,
        max_length=300,
        help_text=_("改由另一个考察组考察的，须写明理由。"),
    )
    off_days_confirmed = forms.BooleanField(
        label=_("所选日期中有非工作日，确实在这些日子考察"), required=False
    )

    def __init__(self, *args, visits: list[Inspection], teams: list[Team], proposed=None, **kwargs):
        """`proposed`: visit → place; where it is given each visit has its own team, or none."""
        super().__init__(*args, **kwargs)
        self.visits, self.teams = visits, {str(team.pk): team for team in teams}
        self.each = proposed is not None
        if not any(visit.team_id for visit in visits):
            del self.fields["reason"]
        choices = [("", _("暂不安排") if self.each else _("请选择"))]
        choices += [(key, team.name) for key, team in self.teams.items()]
        if not self.each:
            self.fields = {"team": self._team(choices, visits[0].team_id), **self.fields}
        for visit in visits:
            place = (proposed or {}).get(visit.pk)
            if self.each:
                self.fields[f"team_{visit.pk}"] = forms.ChoiceField(
                    label=_("考察组"), choices=choices, required=False, initial=place.team if place else ""
                )
            self.fields[f"day_{visit.pk}"] = forms.DateField(
                label=_("考察日期"),
                required=False,
                initial=place.day if place else visit.planned_on,
                widget=DateInput(),
            )
            self.fields[f"slot_{visit.pk}"] = forms.ChoiceField(
                label=_("时段"),
                choices=[("", _("不限")), *Inspection.Slot.choices],
                required=False,
                initial=place.slot if place else visit.slot,
            )
            if not self.each:
                self.fields[f"address_{visit.pk}"] = forms.CharField(
                    label=_("考察地点"), required=False, max_length=200, initial=visit.address
                )
            for name in ("team", "day", "slot", "address"):
                field = self.fields.get(f"{name}_{visit.pk}")
                if field:
                    field.widget.attrs["aria-label"] = f"{visit.nomination.subject_name} {field.label}"

    @staticmethod
    def _team(choices, initial):
        return forms.ChoiceField(label=_("考察组"), choices=choices, initial=initial)

    def rows(self):
        """(visit, its fields by name) for the table of the page."""
        for visit in self.visits:
            names = (f"{name}_{visit.pk}" for name in ("team", "day", "slot", "address"))
            yield visit, [self[name] for name in names if name in self.fields]

    def team_for_all(self):
        return self["team"]

    def shared(self):
        """What is said once for all, below the table."""
        return [self[name] for name in ("reason", "off_days_confirmed") if name in self.fields]

    def clean(self):
        cleaned = super().clean()
        places = []
        for visit in self.visits:
            day = cleaned.get(f"day_{visit.pk}")
            team = self.teams.get(cleaned.get(f"team_{visit.pk}" if self.each else "team") or "")
            if self.each and team is None:
                continue
            if self.each and day is None:
                self.add_error(f"day_{visit.pk}", _("选了考察组的，请填写考察日期。"))
                continue
            if team is not None:
                slot, address = cleaned.get(f"slot_{visit.pk}", ""), cleaned.get(f"address_{visit.pk}", "")
                places.append(Place(visit, team, day, slot, address))
        return {
            "places": places,
            "reason": cleaned.get("reason", ""),
            "off_days_confirmed": cleaned.get("off_days_confirmed", False),
        }


class ProposalForm(forms.Form):
    """With what days and teams are proposed; asked by the address, so that it can be asked again."""

    starts = forms.DateField(label=_("开始日期"), widget=DateInput())
    ends = forms.DateField(label=_("结束日期"), widget=DateInput())
    per_day = forms.TypedChoiceField(
        label=_("每组每天最多"),
        coerce=int,
        choices=[(n, format_lazy(_("{n} 家"), n=n)) for n in range(1, 5)],
        initial=PER_DAY,
    )
    seed = forms.CharField(
        label=_("方案编号"),
        max_length=12,
        initial="1",
        help_text=_("同一编号得出同一方案；换一个编号，换一种排法。"),
    )


class PinForm(ServiceForm):
    conflict = forms.TypedChoiceField(
        label=_("认定"),
        choices=[("yes", _("须回避")), ("no", _("无须回避"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("理由"), max_length=300)


class DeclareForm(ServiceForm):
    """Of each visit: nothing stands in the way, or a tie and which."""

    def __init__(self, *args, visits: list[Inspection], **kwargs):
        super().__init__(*args, **kwargs)
        self.visits = visits
        for visit in visits:
            name = visit.nomination.subject_name
            self.fields[f"how_{visit.pk}"] = forms.ChoiceField(
                label=name,
                choices=[("clear", _("无回避情形")), ("tie", _("须回避"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("请选择有无回避情形。")},
            )
            self.fields[f"reason_{visit.pk}"] = forms.CharField(
                label=format_lazy(_("与“{name}”的关系"), name=name),
                required=False,
                max_length=300,
                help_text=_("须回避的填写。"),
            )

    def clean(self):
        cleaned = super().clean()
        answers = []
        for visit in self.visits:
            how, reason = cleaned.get(f"how_{visit.pk}"), cleaned.get(f"reason_{visit.pk}", "").strip()
            if how == "tie" and not reason:
                self.add_error(f"reason_{visit.pk}", _("请写明您与这家企业的关系。"))
            if how:
                answers.append((visit, how == "clear", reason))
        return {"answers": answers}


class PaperForm(ServiceForm):
    file = forms.FileField(
        label=_("考察记录"),
        help_text=_("考察记录.xlsx，不超过 10 MB。先预览，确认后再登记。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

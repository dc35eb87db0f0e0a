"""Visits given out: to which team, on which day, in which half of it."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards.models import Inspection, Team
from awards.rules import visits as rules
from awards.services import inspector_conflicts
from awards.services.open_visits import locked, refuse_recorded
from awards.services.routing import put_by_the_office, renumber
from awards.services.team_places import can_go, current, going, names, with_members
from awards.services.visit_calendar import appointments_on
from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit, calendar
from portal.errors import Listing, Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require
from portal.workdays import YearNotPublished


class Place(NamedTuple):
    """What is asked for one visit."""

    visit: Inspection
    team: Team
    day: date | None
    slot: str = ""
    address: str = ""


@transaction.atomic
def assign(
    edition: Edition,
    *,
    places: list[Place],
    reason: str = "",
    off_days_confirmed: bool = False,
    by: Membership,
    now: datetime,
) -> list[Inspection]:
    """Give visits to teams, each on its day; all or none.

    Members who must stay away from one are left out of it. Another team than before needs a reason.
    委员会决定: a day off, or a day of a year the calendar does not hold, must be meant.
    """
    require(by, "awards.plan_inspection", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    if not places:
        raise Refused("请先选择要安排的企业。")
    rows = [(locked(each.visit), each) for each in sorted(places, key=lambda each: each.visit.pk)]
    teams = {team.pk: team for team in with_members(edition.teams.filter(active=True))}
    away = defaultdict(set)
    for user, nomination in inspector_conflicts.barred_pairs(edition):
        away[nomination].add(user)
    days = {(visit.team_id, visit.planned_on) for visit, _place in rows}
    days |= {(place.team.pk, place.day) for _visit, place in rows}
    put = put_by_the_office(edition, days)
    reason = reason.strip()[:300]
    for visit, place in rows:
        _check(visit, place, teams, away[visit.nomination_id], timezone.localdate(now), reason)
    _refuse_days_off({place.day for _visit, place in rows if place.day}, off_days_confirmed)
    # The same people may be wanted by two editions at once.
    people = {member.user_id for _visit, place in rows for member in current(teams[place.team.pk])}
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people - {None}).order_by("pk"))
    for visit, place in rows:
        slot = place.slot if place.day else ""
        if (visit.team_id, visit.planned_on, visit.slot) != (place.team.pk, place.day, slot):
            visit.route = None
        visit.team = teams[place.team.pk]
        members = going(visit.team, away[visit.nomination_id])
        visit.leader_name, visit.member_names = names(members)
        visit.planned_on, visit.slot = place.day, slot
        visit.address = place.address.strip()[:200] or visit.address
        _put(
            visit, [m.user for m in members if m.user_id], by=by, now=now, team=visit.team.name, reason=reason
        )
    met = rules.collisions(
        appointments_on({place.day for _visit, place in rows if place.day}, people - {None})
    )
    if met:
        raise Refused("时间有冲突：{what}。请调整日期或时段。", what=Listing(met))
    renumber(edition, days, put=put)
    return [visit for visit, _place in rows]


def _check(visit, place, teams, away, today, reason):
    name = visit.nomination.subject_name
    refuse_recorded(visit)
    if visit.nomination.state != State.INSPECTION:
        raise Refused("“{name}”已不在考察环节，不能再安排考察。", name=name)
    team = teams.get(place.team.pk)
    if team is None or visit.nomination.edition_id != team.edition_id:
        raise Refused("“{team}”不是本届在用的考察组，请另选。", team=place.team.name)
    if not can_go(team, away):
        barred = [member.name for member in current(team) if member.user_id in away]
        raise Refused(
            "“{team}”不能考察“{name}”：{people}须回避，余下的人不足以由组长和一名成员签名。请换一组。",
            team=team.name,
            name=name,
            people="、".join(barred) or "有人",
        )
    if place.slot and place.slot not in Inspection.Slot.values:
        raise Refused("时段只能是上午或下午。")
    if place.day and place.day < today and place.day != visit.planned_on:
        raise Refused("“{name}”的考察日期早于今天，请改为今天或以后。", name=name)
    if visit.leader_name and visit.team_id and visit.team_id != team.pk and not reason:
        raise Refused("“{name}”原由“{before}”考察，改派须写明理由。", name=name, before=visit.team.name)


def off_days(days: set[date]) -> list[date]:
    """Those that are days off, or of a year whose arrangement the calendar does not hold."""
    published = calendar.published()
    return sorted(day for day in days if not _works(published, day))


def _works(published, day) -> bool:
    try:
        return published.is_workday(day)
    except YearNotPublished:
        return False


def _refuse_days_off(days: set[date], confirmed: bool) -> None:
    off = off_days(days)
    if off and not confirmed:
        raise Refused(
            "{days} 不是工作日，或者该年的放假安排还没有录入。确实要在这一天考察的，请勾选确认。",
            days="、".join(day.isoformat() for day in off),
        )


def _put(visit, people, *, by, now, **told) -> Inspection:
    hats = list(
        Membership.objects.active().filter(user__in=people, role=Role.INSPECTOR).select_related("user")
    )
    if {hat.user_id for hat in hats} != {user.pk for user in people}:
        raise Refused("所选人员中有人不是考察组成员，请先由系统管理员设置其考察组身份。")
    visit.version += 1
    visit.save()
    visit.inspectors.set(people)
    audit.record(
        "awards.assign_team",
        visit,
        by=by,
        now=now,
        leader=visit.leader_name,
        members=visit.member_names,
        inspectors=sorted(user.pk for user in people),
        planned_on=visit.planned_on,
        slot=visit.slot,
        **told,
    )
    notify(
        "awards.inspection_assigned",
        hats,
        subject=f"请考察：{visit.nomination.subject_name}",
        url=reverse("awards:inspection", args=[visit.pk]),
        now=now,
        nomination=visit.nomination,
    )
    return visit

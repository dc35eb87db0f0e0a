"""Days and teams proposed for the visits that wait; nothing is kept until the office takes it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from awards.models import Inspection
from awards.rules import visits as rules
from awards.services import inspector_conflicts
from awards.services.routing import division_of, rank_of, under_way, with_places
from awards.services.team_places import can_go, with_members
from awards.services.visit_calendar import LONGEST, PER_DAY
from nominations.models import Edition
from nominations.states import StepKind
from portal import calendar
from portal.errors import Refused

MOST_A_DAY = 4


@dataclass
class Proposed:
    """What the portal proposes for the visits that wait; nothing of it is kept until the office takes it."""

    rows: list[tuple[Inspection, rules.Place | None]]
    days: list[date]
    barred: list[Inspection]
    crowded: list[Inspection]
    seed: str


def propose(
    edition: Edition, *, starts: date, ends: date, per_day: int = PER_DAY, seed: str = "1"
) -> Proposed:
    """Days and teams for the open visits that have none, on the working days from `starts` to `ends`.

    The same seed on the same plan proposes the same. Raises `Refused` where there is nothing to propose with.
    """
    if ends < starts:
        raise Refused("结束日期早于开始日期，请改正。")
    if (ends - starts).days > LONGEST:
        raise Refused("起止日期相隔超过 {days} 天，请缩短。", days=LONGEST)
    if not 1 <= per_day <= MOST_A_DAY:
        raise Refused("每组每天安排 1 至 {most} 家。", most=MOST_A_DAY)
    teams = list(with_members(edition.teams.filter(active=True).order_by("number")))
    if not teams:
        raise Refused("还没有考察组，请先设立考察组。")
    published = calendar.published()
    days = [
        day
        for n in range((ends - starts).days + 1)
        if published.is_workday(day := starts + timedelta(days=n))
    ]
    if not days:
        raise Refused("所选日期里没有工作日，请另选。")
    mine = Inspection.objects.filter(nomination__edition=edition)
    visits = list(with_places(under_way(mine)).order_by("pk"))
    waiting = [v for v in visits if not v.verdict and not (v.team_id and v.planned_on)]
    away = defaultdict(set)
    for user, nomination in inspector_conflicts.barred_pairs(edition):
        away[nomination].add(user)
    taken = defaultdict(list)
    for visit in visits:
        if visit.team_id and visit.planned_on:
            taken[visit.team_id, visit.planned_on].append(division_of(visit))
    wanted = [
        rules.Wanted(
            visit.pk,
            division_of(visit),
            rank_of(visit),
            frozenset(team.pk for team in teams if not can_go(team, away[visit.nomination_id])),
        )
        for visit in waiting
    ]
    found = rules.propose(
        wanted, [team.pk for team in teams], days, per_day=per_day, seed=f"{edition.pk}:{seed}", taken=taken
    )
    places = {place.id: place for place in found.places}
    known = {visit.pk: visit for visit in waiting}
    rows = [(visit, places.get(visit.pk)) for visit in waiting]
    rows.sort(key=_by_day)
    return Proposed(
        rows, days, [known[each] for each in found.barred], [known[each] for each in found.crowded], seed
    )


def usual_days(edition: Edition, now: datetime) -> tuple[date, date]:
    """From the next day to the end of the step where it has dates, else two weeks."""
    step = edition.step(StepKind.INSPECTION)
    starts = timezone.localdate(now) + timedelta(days=1)
    if step.opens:
        starts = max(starts, timezone.localdate(step.opens))
    ends = timezone.localdate(step.closes) if step.closes else starts + timedelta(days=13)
    return starts, min(max(ends, starts), starts + timedelta(days=LONGEST))


def _by_day(row) -> tuple:
    visit, place = row
    if place is None:
        return (1, date.max, 0, "", rank_of(visit))
    return (0, place.day, place.team, place.slot, rank_of(visit))

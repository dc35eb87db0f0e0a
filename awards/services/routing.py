"""The way of a team's day: its visits, district by district, or as the office puts them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db import transaction
from django.db.models import Q

from awards.models import Inspection, Team
from awards.rules import visits as rules
from awards.services.team_places import with_members
from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

_LAST = 10**6
#: A team, by its number in the database, and a day of it.
Day = tuple[int | None, date | None]


def division_of(visit: Inspection) -> str:
    """The district a visit leads to: as declared, else of the enterprise, else of the recommender."""
    nomination = visit.nomination
    return (
        nomination.declaration.division_name
        or nomination.enterprise.division_name
        or nomination.recommender.division_name
    )


def place_of(visit: Inspection) -> str:
    """Where the team goes: as the office wrote it, else the registered address."""
    return visit.address or str(visit.nomination.declaration.answers.get("registered_at") or "")


def rank_of(visit: Inspection) -> int:
    row = getattr(visit.nomination, "shortlist_row", None)
    return row.rank if row else _LAST


def under_way(visits):
    """Without those that will not take place: their enterprise has left the step before its visit."""
    return visits.filter(~Q(verdict="") | Q(nomination__state=State.INSPECTION))


def with_places(visits):
    return visits.select_related(
        "team",
        "nomination__enterprise",
        "nomination__declaration",
        "nomination__recommender",
        "nomination__shortlist_row",
    )


@dataclass(frozen=True)
class Route:
    """A team's day: its visits in order."""

    team: Team
    day: date
    visits: list[Inspection]

    @property
    def divisions(self) -> list[str]:
        return list(dict.fromkeys(division_of(visit) for visit in self.visits))


def routes(edition: Edition, hat: Membership, day: date) -> list[Route]:
    """Every team's day this hat may see, in the order of the teams."""
    visits = under_way(Inspection.objects.visible_to(hat)).filter(
        nomination__edition=edition, planned_on=day, team__isnull=False
    )
    days = defaultdict(list)
    for visit in with_places(visits).order_by("pk"):
        days[visit.team_id].append(visit)
    teams = with_members(edition.teams.filter(pk__in=days).order_by("number"))
    return [Route(team, day, in_order(days[team.pk])) for team in teams]


def in_order(visits: list[Inspection]) -> list[Inspection]:
    """As the office put them; those without a place after, as the rule orders them."""
    known = {visit.pk: visit for visit in visits}
    ruled = [known[each] for each in rules.route(_stops(visits))]
    return sorted(ruled, key=lambda visit: (visit.route is None, visit.route or 0))


def _stops(visits):
    return [rules.Stop(visit.pk, visit.slot, division_of(visit), rank_of(visit)) for visit in visits]


def put_by_the_office(edition: Edition, days: Iterable[Day]) -> set[Day]:
    """Those of the days that stand in another order than the rule's."""
    return {
        (team, day)
        for team, day in days
        if team and day and _in_own_order(list(under_way(_visits(edition, team, day))))
    }


def _visits(edition, team, day):
    return with_places(Inspection.objects.filter(nomination__edition=edition, team=team, planned_on=day))


def _in_own_order(visits) -> bool:
    placed = [visit for visit in visits if visit.route is not None]
    return [visit.pk for visit in in_order(placed)] != rules.route(_stops(placed))


def renumber(edition: Edition, days: Iterable[Day], *, put: Iterable[Day] = ()) -> None:
    """Number the visits of these (team, day) as the rule orders them.

    In a day of `put` the office's order stays: what came to it has no number yet and goes to the end, or to
    the end of the morning.
    """
    for team, day in days:
        if not team or not day:
            continue
        visits = list(_visits(edition, team, day))
        ruled = _added(visits) if (team, day) in put else rules.route(_stops(visits))
        known = {visit.pk: visit for visit in visits}
        for number, each in enumerate(ruled, start=1):
            if known[each].route != number:
                Inspection.objects.filter(pk=each).update(route=number)


def _added(visits: list[Inspection]) -> list[int]:
    way = in_order([visit for visit in visits if visit.route is not None])
    for visit in in_order([visit for visit in visits if visit.route is None]):
        afternoon = (place for place, each in enumerate(way) if each.slot == rules.AFTERNOON)
        way.insert(next(afternoon, len(way)) if visit.slot == rules.MORNING else len(way), visit)
    return [visit.pk for visit in way]


@transaction.atomic
def set_route(
    edition: Edition, team: Team, day: date, *, order: list[int], by: Membership, now: datetime
) -> list[Inspection]:
    """The office's own order of a team's day: every visit of it, once; no afternoon before a morning."""
    require(by, "awards.plan_inspection", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    visits = {
        visit.pk: visit
        for visit in under_way(Inspection.objects.select_for_update(of=("self",)))
        .select_related("nomination")
        .filter(nomination__edition=edition, team=team, planned_on=day)
        .order_by("pk")
    }
    if sorted(order) != sorted(visits):
        raise Refused("当日的考察安排刚有变动，请刷新页面后再排次序。")
    ordered = [visits[each] for each in order]
    for before, after in pairwise(ordered):
        if (before.slot, after.slot) == (rules.AFTERNOON, rules.MORNING):
            raise Refused(
                "“{late}”在下午，“{early}”在上午，请把上午的排在前面，或先调整时段。",
                late=before.nomination.subject_name,
                early=after.nomination.subject_name,
            )
    for number, visit in enumerate(ordered, start=1):
        visit.route = number
        visit.save(update_fields=["route"])
    audit.record(
        "awards.set_route", edition, by=by, now=now, team=team.name, day=day, order=[str(v) for v in ordered]
    )
    return ordered

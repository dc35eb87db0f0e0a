"""The calendar of an edition's visits: days and teams, how much each has, what collides."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from awards.models import Inspection, Team
from awards.rules import visits as rules
from awards.services.routing import in_order, under_way, with_places
from nominations.models import Edition
from nominations.states import State
from portal import calendar
from portal.models import Membership, Role
from portal.sentences import Sentence
from portal.workdays import Calendar, YearNotPublished

#: 委员会决定: more visits than this a team and day is said to be much.
PER_DAY = 2
LONGEST = 62


@dataclass
class Day:
    """One day of the calendar: a cell of visits for each team, and whether it is worked."""

    day: date
    cells: list[list[Inspection]]
    #: None: the calendar does not hold this year.
    works: bool | None
    today: bool = False

    @property
    def count(self) -> int:
        return sum(len(cell) for cell in self.cells)


@dataclass
class Plan:
    """The calendar of an edition: days down, teams across; those without a day or a team beside it."""

    teams: list[Team]
    days: list[Day]
    loads: list[tuple[Team, int, int]]
    undated: list[Inspection] = field(default_factory=list)
    collisions: list[Sentence] = field(default_factory=list)
    overloads: list[tuple[str, date, int]] = field(default_factory=list)


def calendar_of(edition: Edition, hat: Membership, *, today: date) -> Plan:
    """From the first planned day to the last, and the working days between; a handful of queries."""
    mine = Inspection.objects.visible_to(hat).filter(nomination__edition=edition)
    visits = list(with_places(under_way(mine)).order_by("pk"))
    dated = [visit for visit in visits if visit.team_id and visit.planned_on]
    used = {visit.team_id for visit in visits}
    teams = [team for team in edition.teams.order_by("number") if team.active or team.pk in used]
    if hat.role == Role.INSPECTOR:
        teams = [team for team in teams if team.pk in used]
    cells = defaultdict(list)
    for visit in dated:
        cells[visit.planned_on, visit.team_id].append(visit)
    published = calendar.published()
    days = [
        Day(
            day,
            [in_order(cells[day, team.pk]) for team in teams],
            works,
            day == today,
        )
        for day in _span(visit.planned_on for visit in dated)
        if (works := works_on(published, day)) is not False or any(cells[day, team.pk] for team in teams)
    ]
    open_ones = [visit for visit in dated if not visit.verdict]
    here = [_appointment(visit, people) for visit, people in _people(open_ones)]
    done = Counter(visit.team_id for visit in dated if visit.verdict)
    load = Counter(visit.team_id for visit in dated)
    return Plan(
        teams,
        days,
        [(team, load[team.pk], done[team.pk]) for team in teams],
        [visit for visit in visits if not visit.verdict and not (visit.team_id and visit.planned_on)],
        rules.collisions(here),
        rules.overloads(here, PER_DAY),
    )


def is_worked(day: date) -> bool | None:
    return works_on(calendar.published(), day)


def works_on(published: Calendar, day: date) -> bool | None:
    """Whether a day is worked; None where its year has not been entered."""
    try:
        return published.is_workday(day)
    except YearNotPublished:
        return None


def _span(days: Iterable[date]) -> list[date]:
    """Every day from the first to the last; where they lie very far apart, only those that are named."""
    named = sorted(set(days))
    if not named or (named[-1] - named[0]).days > LONGEST:
        return named
    return [named[0] + timedelta(days=n) for n in range((named[-1] - named[0]).days + 1)]


def appointments_on(days: set[date], people: set[int]) -> list[rules.Appointment]:
    """What stands on these days for these people, in whichever edition."""
    visits = with_places(
        Inspection.objects.filter(
            nomination__state=State.INSPECTION, planned_on__in=days, verdict="", inspectors__in=people
        ).distinct()
    )
    return [_appointment(visit, found) for visit, found in _people(list(visits))]


def _people(visits: list[Inspection]):
    through = Inspection.inspectors.through.objects.filter(inspection__in=visits).select_related("user")
    found = defaultdict(dict)
    for row in through:
        found[row.inspection_id][row.user_id] = str(row.user)
    return [(visit, found[visit.pk]) for visit in visits]


def _appointment(visit: Inspection, people) -> rules.Appointment:
    # People put together for one visit alone are a team of their own.
    team = visit.team_id or f"visit {visit.pk}"
    name = visit.team.name if visit.team_id else visit.leader_name
    return rules.Appointment(
        visit.pk, visit.nomination.subject_name, visit.planned_on, visit.slot, team, name, people
    )

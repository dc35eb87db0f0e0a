"""A union's year in one place: its round, quota, returns, own winners, what it reports, and guidance."""

from collections import Counter
from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from awards.models import Honour
from indicators.models import Agreement, Guidance, Indicator, Round
from indicators.services.levels import aims_of
from indicators.services.reporting import progress_of
from nominations.models import Edition, Nomination, Return
from nominations.services.quotas import QuotaLine, quota_lines
from nominations.states import State
from portal.models import Organisation


@dataclass(frozen=True)
class Aim:
    """How many a 区（市） should name of its own in a year (S1 五.1), and of which category."""

    number: int
    category: int


def aim_of(host: Organisation | None, year: int) -> Aim | None:
    """As the systems of the host have it; None where they set none. Three queries."""
    aimed = Indicator.objects.filter(system__host=host, fill=Indicator.Fill.DISTRICT_YEAR)
    first = aimed.select_related("category").order_by("system__position", "system", "number").first()
    if first is None or first.category is None:
        return None
    number = aims_of(host, first.category)[Indicator.Fill.DISTRICT_YEAR](year)
    return None if number is None else Aim(ceil(number), first.category_id)


@dataclass(frozen=True)
class RoundLine:
    """How a unit took part in one edition above it."""

    edition: Edition
    quota: QuotaLine
    states: list[tuple[str, int]]
    returned: int


@dataclass(frozen=True)
class UnionYear:
    unit: Organisation
    year: int
    rounds: list[RoundLine]
    own: list[Edition]
    own_named: list[Honour]
    city_named: list[Honour]
    reports: list[tuple[Round, int, int]]  # asked, left
    guidance: list[Guidance]
    aim: Aim | None

    @property
    def visits(self) -> int:
        return sum(each.visited_on is not None for each in self.guidance)

    @property
    def aimed_at(self) -> int:
        """How many of its own count towards the aim."""
        rows = [each for each in self.own_named if each.level == Honour.Level.DISTRICT]
        return sum(self.aim is not None and each.category_id == self.aim.category for each in rows)


def unions_of(host: Organisation) -> list[Organisation]:
    """The units below that recommend."""
    kinds = Organisation.RECOMMENDING
    return list(Organisation.objects.filter(parent=host, kind__in=kinds, active=True))


@dataclass(frozen=True)
class UnionLine:
    """One union of the list, in figures."""

    unit: Organisation
    recommended: int
    own_named: int
    city_named: int
    visits: int
    open_agreements: int
    # How many of its own count towards the aim, and the aim; only of a 区（市）.
    aimed_at: int = 0
    aim: int | None = None


def overview(host: Organisation, year: int) -> list[UnionLine]:
    """Every union below a host in a year. Ten queries, however many there are."""
    units, aim = unions_of(host), aim_of(host, year)

    def counted(rows, key):
        return dict(rows.order_by().values_list(key).annotate(number=Count("pk")))

    below = Nomination.objects.filter(edition__host=host, edition__year=year, edition__published=True)
    recommended = counted(below.filter(recommendation__isnull=False), "recommender")
    standing = Honour.objects.public().filter(year=year, revoked_on__isnull=True)
    own = counted(standing.filter(host__in=units), "host")
    towards = standing.filter(level=Honour.Level.DISTRICT, category=aim.category if aim else None)
    aimed_at = counted(towards.filter(host__in=units), "host")
    city = counted(standing.filter(host=host, nomination__isnull=False), "nomination__recommender")
    made = Guidance.objects.filter(unit__in=units, visited_on__year=year)
    visits = counted(made, "unit")
    waiting = Agreement.objects.filter(guidance__unit__in=units, done_on__isnull=True)
    agreements = counted(waiting, "guidance__unit")
    return [
        UnionLine(
            unit,
            recommended.get(unit.pk, 0),
            own.get(unit.pk, 0),
            city.get(unit.pk, 0),
            visits.get(unit.pk, 0),
            agreements.get(unit.pk, 0),
            aimed_at.get(unit.pk, 0),
            aim.number if aim and unit.kind == Organisation.Kind.DISTRICT else None,
        )
        for unit in units
    ]


def year_of(unit: Organisation, year: int) -> UnionYear:
    """Everything of a unit in a year. Queries grow with its editions, not with what is in them."""
    above = Edition.objects.filter(host=unit.parent_id, year=year, published=True).select_related("host")
    own = Edition.objects.filter(host=unit, year=year, published=True).prefetch_related("steps")
    standing = Honour.objects.public().filter(year=year, revoked_on__isnull=True)
    standing = standing.select_related("enterprise", "host")
    return UnionYear(
        unit,
        year,
        [_round(edition, unit) for edition in above],
        list(own),
        list(standing.filter(host=unit)),
        list(standing.filter(Q(host=unit.parent_id) & Q(nomination__recommender=unit))),
        _reports(unit, year),
        list(_guidance(unit, year)),
        aim_of(unit.parent, year) if unit.kind == Organisation.Kind.DISTRICT else None,
    )


def _round(edition, unit):
    rows = edition.nominations.filter(recommender=unit)
    counts = Counter(rows.order_by().values_list("state", flat=True))
    states = [(State(state).label, counts[state]) for state in State.values if counts[state]]
    returned = Return.objects.filter(nomination__in=rows).count()
    return RoundLine(edition, quota_lines(edition, unit)[0], states, returned)


def _reports(unit, year):
    rounds = Round.objects.filter(year=year, system__reporters__organisation=unit).select_related("system")
    found = []
    for each in rounds:
        for progress in progress_of(each):
            if progress.reporter.organisation_id == unit.pk:
                found.append((each, len(progress.asked), len(progress.left)))
    return found


def _guidance(unit, year):
    rows = Guidance.objects.filter(unit=unit).annotate(day=Coalesce("visited_on", "planned_on"))
    return (
        rows.filter(day__year=year).select_related("host", "recorded_by__user").prefetch_related("agreements")
    )

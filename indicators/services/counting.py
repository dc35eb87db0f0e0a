"""What the portal knows by itself: how many were named, out of the honours of the host."""

from collections import Counter, defaultdict
from fractions import Fraction

from django.db.models import Case, Count, F, Q, Value, When

from awards.models import Honour
from indicators import rules
from indicators.models import Indicator, System
from portal.models import Organisation

Fill = Indicator.Fill
CITY = Q(level=Honour.Level.CITY)
DISTRICT = Q(level=Honour.Level.DISTRICT)


def named(system: System) -> dict[int, dict[int, Fraction]]:
    """By indicator and year how many were named; one query whatever their number.

    A revoked one is no longer counted, from the beginning. Rehearsals never are.
    """
    filled = [each for each in system.indicators.all() if each.fill]
    if not filled or system.host_id is None:
        return {}
    rows = (
        Honour.objects.public()
        .filter(below(system.host_id), revoked_on__isnull=True)
        .order_by()
        .values_list("category", "year", "level")
        .annotate(number=Count("pk"))
    )
    by_category = defaultdict(Counter)
    for category, year, level, number in rows:
        by_category[category][year, level] += number
        by_category[None][year, level] += number
    return {each.pk: _years(each.fill, by_category[each.category_id]) for each in filled}


def known_in(fill: str, years: dict[int, Fraction], year: int) -> Fraction:
    """What a filled indicator is in a year: none named is 0, and a total stays what it was."""
    if fill == Fill.CITY_TOTAL:
        return years[max(before)] if (before := [each for each in years if each <= year]) else Fraction()
    return years.get(year, Fraction())


def named_by_unit(indicator: Indicator, year: int) -> dict[int, int]:
    """How many each district named of its own in a year; a district that named none is there with 0."""
    host = indicator.system.host_id
    units = districts(host)
    rows = (
        Honour.objects.public()
        .filter(DISTRICT, of(indicator), below(host), year=year, revoked_on__isnull=True)
        .order_by()
        .annotate(said=said_by(host))
        .values_list("host", "said")
        .annotate(number=Count("pk"))
    )
    counts, named = dict.fromkeys((unit.pk for unit in units), 0), by_name(units)
    for by, said, number in rows:
        by = named.get(said, by)
        if by in counts:
            counts[by] += number
    return counts


def said_by(host: int) -> Case:
    """Who named at district level, in words, where the host's own office entered it from the paper."""
    entered = Q(host=host, level=Honour.Level.DISTRICT)
    return Case(When(entered, then=F("namer")), default=Value(""))


def by_name(units: list[Organisation]) -> dict[str, int]:
    """Each unit's key by every name it goes by."""
    return {
        name: unit.pk for unit in units for name in (unit.name, unit.short_name, unit.division_name) if name
    }


def named_by(unit: Organisation) -> Q:
    """Namings of a unit and of what stands below it, and those of its own that its host entered."""
    entered = Q(host=unit.parent_id, level=Honour.Level.DISTRICT, namer__in=by_name([unit]))
    return Q(host=unit) | Q(host__parent=unit) | entered


def districts(host: int) -> list[Organisation]:
    """S1 五.1: the 区（市） of a host; functional zones have no list of their own there."""
    units = Organisation.objects.filter(parent=host, kind=Organisation.Kind.DISTRICT, active=True)
    return list(units)


def of(indicator: Indicator) -> Q:
    """The namings an indicator counts: of its category, or of every one."""
    return Q(category=indicator.category_id) if indicator.category_id else Q()


def below(host: int) -> Q:
    """Honours of a host and of whatever unit stands below it."""
    return Q(host=host) | Q(host__parent=host) | Q(host__parent__parent=host)


def _years(fill: str, by_level: Counter) -> dict[int, Fraction]:
    levels = {
        Fill.CITY_TOTAL: {Honour.Level.CITY},
        Fill.CITY_YEAR: {Honour.Level.CITY},
        Fill.DISTRICT_YEAR: {Honour.Level.DISTRICT},
        Fill.ALL_YEAR: set(rules.COUNTED),
    }[fill]
    counted = Counter()
    for (year, level), number in by_level.items():
        if level in levels:
            counted[year] += number
    years = sorted(counted)
    if fill != Fill.CITY_TOTAL or not years:
        return {year: Fraction(counted[year]) for year in years}
    total, found = Fraction(), {}
    for year in range(years[0], years[-1] + 1):
        total += counted[year]
        found[year] = total
    return found

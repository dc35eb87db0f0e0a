"""The board: where each indicator of a system stands in a year, from what was reported and what was named."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.functional import cached_property

from indicators import rules
from indicators.models import Asked, Indicator, Round, System, Target, Value
from indicators.rules import Course, Standing
from indicators.services import counting
from portal.models import Organisation

STEP, TALLEST = 24, 96


@dataclass(frozen=True)
class Bar:
    """A year of the chart. Lengths in units of a picture a hundred high, the tallest thing in it 96."""

    year: int
    value: Fraction | None
    target: Fraction | None
    x: int
    height: int
    mark: int | None  # from the top: where the line of the target stands

    @property
    def y(self) -> int:
        return 100 - self.height

    @property
    def ends(self) -> tuple[int, int]:
        """Where the line of the target begins and ends."""
        return self.x - 3, self.x + 19


def bars_of(years: Mapping[int, Fraction], aims: Mapping[int, Fraction]) -> list[Bar]:
    """Each year that has a figure or a target; none where there is nothing to draw."""
    top = max([*years.values(), *aims.values(), Fraction()])
    if top <= 0:
        return []
    return [
        Bar(
            year,
            years.get(year),
            aims.get(year),
            n * STEP + 4,
            max(0, int(years.get(year, Fraction()) * TALLEST / top)),
            100 - int(aims[year] * TALLEST / top) if year in aims else None,
        )
        for n, year in enumerate(sorted({*years, *aims}))
    ]


@dataclass(frozen=True)
class Line:
    """One indicator in a year."""

    indicator: Indicator
    base: Fraction | None
    targets: Mapping[int, Fraction]
    every_year: Fraction | None
    years: Mapping[int, Fraction]  # what is known, year by year, as it is judged
    standing: Standing
    missing_units: int = 0
    units: list["UnitLine"] = field(default_factory=list)

    @property
    def percent(self) -> int | None:
        """Of the way, whole percents, rounded down so that nothing is called done before it is."""
        way = self.standing.progress
        return None if way is None else way.numerator * 100 // way.denominator

    @property
    def filled(self) -> int:
        """The bar of the meter: what it can show."""
        if self.percent is None:
            return 100 if self.standing.course == Course.REACHED else 0
        return max(0, min(100, self.percent))

    @cached_property
    def bars(self) -> list[Bar]:
        """What the chart draws: each year that has a figure or a target."""
        if self.indicator.each_unit:
            return []  # a sum beside what is asked of each would say nothing
        aims = dict(self.targets)
        if self.every_year is not None:
            aims |= dict.fromkeys({*self.years, self.standing.target_year}, self.every_year)
        return bars_of(self.years, aims)

    @property
    def name(self) -> str:
        return self.indicator.name

    @property
    def wide(self) -> int:
        return len(self.bars) * STEP


@dataclass(frozen=True)
class UnitLine:
    """A unit of an indicator that is asked of each unit."""

    organisation: Organisation
    standing: Standing


@dataclass(frozen=True)
class Board:
    system: System
    year: int
    lines: list[Line]
    counts: Mapping[Course, int]

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """As printed: a group ends where the next begins, and does not come again."""
        found: list[tuple[str, list[Line]]] = []
        for line in self.lines:
            if not found or found[-1][0] != line.indicator.group:
                found.append((line.indicator.group, []))
            found[-1][1].append(line)
        return found


def board_of(system: System, year: int, this_year: int) -> Board:
    """Every indicator of a system in a year. A constant number of queries."""
    indicators = list(system.indicators.prefetch_related("targets"))
    known = figures(system, this_year)
    lines = [_line(system, each, year, known) for each in indicators]
    counts = dict.fromkeys(Course, 0)
    for line in lines:
        counts[line.standing.course] += 1
    return Board(system, year, lines, counts)


def line_of(indicator: Indicator, year: int, this_year: int) -> Line:
    return _line(indicator.system, indicator, year, figures(indicator.system, this_year))


def years_of(system: System, this_year: int) -> list[int]:
    """The years one may look at: of targets, rounds and namings, and this one; newest first."""
    marks = Target.objects.filter(indicator__system=system, year__isnull=False)
    years = {*marks.values_list("year", flat=True), *system.rounds.values_list("year", flat=True)}
    years |= {year for found in counting.named(system).values() for year in found}
    if system.host_id:
        years.add(this_year)
    return sorted(years, reverse=True)


@dataclass(frozen=True)
class Figures:
    """What is known of a system: per indicator and year the figure, and how many units have not reported."""

    values: Mapping[int, Mapping[int, Fraction]]
    missing: Mapping[tuple[int, int], int]
    this_year: int


def figures(system: System, this_year: int) -> Figures:
    """Reported values rolled up, and those the portal counts by itself."""
    asked = defaultdict(set)
    pairs = Asked.objects.filter(round__system=system)
    for indicator, year, unit in pairs.values_list("indicator", "round__year", "organisation"):
        asked[indicator, year].add(unit)
    given = defaultdict(dict)
    rows = Value.objects.current().filter(round__system=system)
    for indicator, year, unit, value in rows.values_list("indicator", "round__year", "organisation", "value"):
        given[indicator, year][unit] = Fraction(value)
    years = set(Round.objects.filter(system=system).values_list("year", flat=True))
    values, missing = defaultdict(dict), {}
    for indicator in system.indicators.all():
        for year in years if not indicator.fill else ():
            found = given[indicator.pk, year]
            units = asked[indicator.pk, year] | set(found)
            total, absent = rules.rolled_up([found.get(unit) for unit in units], summed=indicator.summed)
            missing[indicator.pk, year] = absent
            if total is not None:
                values[indicator.pk][year] = total
    for indicator, by_year in counting.named(system).items():
        values[indicator] = by_year
    return Figures(values, missing, this_year)


def _line(system, indicator, year, known):
    marks = list(indicator.targets.all())
    base = next((Fraction(mark.value) for mark in marks if mark.base), None)
    targets = {mark.year: Fraction(mark.value) for mark in marks if mark.year and not mark.base}
    every_year = next((Fraction(mark.value) for mark in marks if mark.year is None), None)
    reported = known.values.get(indicator.pk, {})
    base_year = next((mark.year for mark in marks if mark.base), system.base_year)
    missing = known.missing.get((indicator.pk, year), 0)
    if indicator.fill and system.host_id and year <= known.this_year and (base is None or year != base_year):
        reported = {**reported, year: counting.known_in(indicator.fill, reported, year)}
    if every_year is not None:
        units = _units(system, indicator, year, every_year)
        stands = _of_units(units, year) if indicator.each_unit else None
        if stands is None:
            stands = rules.yearly_standing(reported, every_year, year)
        return Line(indicator, None, {}, every_year, reported, stands, missing, units)
    lacking = missing
    if indicator.running:
        since = range((base_year or year) + 1, year + 1)
        lacking = sum(known.missing.get((indicator.pk, each), 0) for each in since)
    stands = rules.standing(
        reported,
        targets,
        year,
        base_year=base_year or year,
        base=base or Fraction(),
        running=indicator.running,
        units_missing=bool(lacking),
    )
    shown = {
        each: found.value
        for each in {*reported, *({base_year} if base is not None else ())}
        if (
            found := rules.actual(
                reported,
                each,
                base_year=base_year or each,
                base=base or Fraction(),
                running=indicator.running,
            )
        ).value
        is not None
    }
    return Line(indicator, base, targets, None, shown, stands, lacking)


def _units(system, indicator, year, every_year):
    if not indicator.each_unit or system.host_id is None:
        return []
    counts = counting.named_by_unit(indicator, year)
    units = {unit.pk: unit for unit in counting.districts(system.host_id)}
    return [
        UnitLine(units[pk], rules.yearly_standing({year: Fraction(number)}, every_year, year))
        for pk, number in counts.items()
    ]


def _of_units(units, year):
    """Asked of each: as many as reached it, of as many as there are."""
    if not units:
        return None
    done = Fraction(sum(each.standing.course == Course.REACHED for each in units))
    return rules.yearly_standing({year: done}, Fraction(len(units)), year)

"""Progress towards a target: exact, pure, and honest about what was not reported."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil


class Course(StrEnum):
    REACHED = "reached"
    ON = "on"
    BEHIND = "behind"
    PARTIAL = "partial"  # what is missing may still decide it
    SILENT = "silent"  # nothing was reported
    OPEN = "open"  # there is no target to judge by


@dataclass(frozen=True)
class Actual:
    """What a year came to. `missing` are the years a running total lacks: then it is at least `value`."""

    value: Fraction | None
    missing: tuple[int, ...] = ()


@dataclass(frozen=True)
class Standing:
    """Where an indicator stands in a year. `progress` is part of the way, None where there is none."""

    actual: Actual
    target: Fraction | None
    target_year: int | None
    planned: Fraction | None
    progress: Fraction | None
    course: Course


def actual(
    reported: Mapping[int, Fraction], year: int, *, base_year: int, base: Fraction, running: bool
) -> Actual:
    """委员会决定: a running indicator counts from its base on: base + what each later year added.

    Others are what was reported for the year itself; another year's figure never stands in for it.
    """
    if not running:
        return Actual(reported.get(year, base if year == base_year else None))
    years = range(base_year + 1, year + 1)
    missing = tuple(each for each in years if each not in reported)
    if years and len(missing) == len(years):
        return Actual(None, missing)
    return Actual(base + sum((reported[each] for each in years if each in reported), Fraction()), missing)


def progress(value: Fraction, base: Fraction, target: Fraction) -> Fraction | None:
    """委员会决定: what was gained since the base, divided by what was to be gained; falling ones too.

    A target that equals the base is a level to be held: there is no way to measure, None.
    """
    if target == base:
        return None
    return (value - base) / (target - base)


def reached(value: Fraction, base: Fraction, target: Fraction) -> bool:
    """委员会决定: at least the target; where the target lies below the base, at most."""
    return value <= target if target < base else value >= target


def aimed_at(targets: Mapping[int, Fraction], year: int) -> int | None:
    """委员会决定: a year is judged by the next target year, after the last by the last."""
    later = [each for each in targets if each >= year]
    return min(later) if later else max(targets, default=None)


def planned(targets: Mapping[int, Fraction], year: int, *, base_year: int, base: Fraction) -> Fraction | None:
    """委员会决定: between the base and a target, and between two targets, the plan is a straight line."""
    if not targets:
        return None
    points = sorted({base_year: base, **targets}.items())
    if year <= points[0][0]:
        return points[0][1]
    for (before, low), (after, high) in pairwise(points):
        if year <= after:
            return low + (high - low) * Fraction(year - before, after - before)
    return points[-1][1]


def standing(
    reported: Mapping[int, Fraction],
    targets: Mapping[int, Fraction],
    year: int,
    *,
    base_year: int,
    base: Fraction,
    running: bool,
    units_missing: bool = False,
) -> Standing:
    """委员会决定: an indicator with years of its own is judged by the next target and the plan on the way.

    `units_missing`: the year's figure is not all of it.
    """
    now = actual(reported, year, base_year=base_year, base=base, running=running)
    aim = aimed_at(targets, year)
    if aim is None:
        return Standing(now, None, None, None, None, Course.OPEN)
    plan = planned(targets, year, base_year=base_year, base=base)
    if now.value is None:
        return Standing(now, targets[aim], aim, plan, None, Course.SILENT)
    way = progress(now.value, base, targets[aim])
    whole = not now.missing and not units_missing
    course = _course(now.value, base, targets[aim], plan, due=aim <= year, whole=whole)
    return Standing(now, targets[aim], aim, plan, way, course)


def _course(value, base, target, plan, *, due, whole):
    if not whole and target < base:
        return Course.PARTIAL  # what is missing may be the very part that has not fallen
    if reached(value, base, target):
        return Course.REACHED
    if not due and (value <= plan if target < base else value >= plan):
        return Course.ON
    # A figure that lacks years or units is at least this much: that it is not enough cannot be said yet.
    return Course.BEHIND if whole else Course.PARTIAL


def yearly_standing(reported: Mapping[int, Fraction], every_year: Fraction, year: int) -> Standing:
    """S1 二, 五.1: a number to be reached each year anew; the year before does not count for it."""
    value = reported.get(year)
    if value is None:
        return Standing(Actual(None), every_year, year, every_year, None, Course.SILENT)
    course = Course.REACHED if value >= every_year else Course.BEHIND
    return Standing(
        Actual(value), every_year, year, every_year, progress(value, Fraction(), every_year), course
    )


def rolled_up(values: Collection[Fraction | None], *, summed: bool) -> tuple[Fraction | None, int]:
    """委员会决定: the city's figure is the sum of its units; what cannot be added is one unit's own figure.

    Returns the figure and how many units are missing. Percentages and rates are never added or averaged.
    """
    given = [each for each in values if each is not None]
    missing = len(values) - len(given)
    if not given or (not summed and len(values) != 1):
        return None, missing
    return sum(given, Fraction()), missing


#: S1 二 counts 各级 without naming them. 委员会决定: what unions within the city name; the province's is not.
COUNTED = ("city", "district", "enterprise")


def counts_of(named: Mapping[str, int]) -> int:
    """S1 二: of one year, what all levels named together. 委员会决定: each naming counts at its own level.

    `named` maps a level to its number. An enterprise named at two levels in a year counts at both.
    """
    return sum(named.get(level, 0) for level in COUNTED)


def lacking(named: int, aim: Fraction | None) -> int | None:
    """S1 二, 五.1: how many the year still lacks; 0 once there are enough, None without an aim."""
    return None if aim is None else max(0, ceil(aim) - named)


def aim_of(by_year: Mapping[int, Fraction], every_year: Fraction | None, year: int) -> Fraction | None:
    """委员会决定: a target set for a year goes before what every year should bring."""
    return by_year.get(year, every_year)

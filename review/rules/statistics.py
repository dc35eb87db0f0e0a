"""Figures about the panel, shown beside the result and never part of it."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import isqrt

#: Digits of a root that has no exact value; what is shown of it are two places.
_DIGITS = 40


@dataclass(frozen=True)
class Spread:
    """Of some totals: how many, mean, population variance, least and greatest."""

    count: int
    mean: Fraction
    variance: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Tendency:
    """How one expert gives beside the panel: `offset` is the mean of own total minus the panel's mean, over
    the nominations that at least one other expert scored too; None where there is none."""

    given: Spread
    compared: int
    offset: Fraction | None


def spread_of(totals: Iterable[Fraction]) -> Spread | None:
    """委员会决定: mean and population variance of the valid totals, exact; None of none."""
    totals = [Fraction(each) for each in totals]
    if not totals:
        return None
    mean = sum(totals) / len(totals)
    variance = sum((each - mean) ** 2 for each in totals) / len(totals)
    return Spread(len(totals), mean, variance, min(totals), max(totals))


def tendencies(totals: Mapping[Hashable, Mapping[Hashable, Fraction]]) -> dict[Hashable, Tendency]:
    """委员会决定: for information, an expert is harsh or lenient by the mean deviation from the panel's mean
    on the same nominations. The panel's mean has the expert's own total in it.

    `totals`: nomination → expert → total of a valid sheet.
    """
    given: dict[Hashable, list[Fraction]] = {}
    apart: dict[Hashable, list[Fraction]] = {}
    for sheets in totals.values():
        panel = spread_of(sheets.values())
        for expert, total in sheets.items():
            given.setdefault(expert, []).append(Fraction(total))
            if panel.count > 1:
                apart.setdefault(expert, []).append(Fraction(total) - panel.mean)
    return {
        expert: Tendency(
            spread_of(mine),
            len(apart.get(expert, ())),
            sum(apart[expert]) / len(apart[expert]) if expert in apart else None,
        )
        for expert, mine in given.items()
    }


def normalised(
    totals: Mapping[Hashable, Mapping[Hashable, Fraction]],
) -> dict[Hashable, dict[Hashable, Fraction | None]]:
    """委员会决定: for information alone, and never ranked by, a total as it would read if every expert gave
    with the panel's mean and spread: M + (total minus m) × S ÷ s.

    m and s are the expert's own mean and standard deviation, M and S those of all valid sheets. None where
    s is 0, as it is of a single sheet. Exact where S ÷ s has an exact root, else the root has 40 digits.
    """
    every = spread_of(total for sheets in totals.values() for total in sheets.values())
    own = {expert: each.given for expert, each in tendencies(totals).items()}
    factors = {expert: root(every.variance / mine.variance) for expert, mine in own.items() if mine.variance}
    return {
        nomination: {
            expert: every.mean + (Fraction(total) - own[expert].mean) * factors[expert]
            if expert in factors
            else None
            for expert, total in sheets.items()
        }
        for nomination, sheets in totals.items()
    }


def root(value: Fraction) -> Fraction:
    """委员会决定: a square root is exact where it is rational, else to 40 digits."""
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    if above**2 == value.numerator and below**2 == value.denominator:
        return Fraction(above, below)
    with localcontext() as context:
        context.prec = _DIGITS
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def root_shown(variance: Fraction) -> Decimal:
    """委员会决定: a standard deviation is shown half up to two places."""
    exact = root(variance)
    with localcontext() as context:
        context.prec = _DIGITS
        shown = Decimal(exact.numerator) / Decimal(exact.denominator)
        return shown.quantize(Decimal("0.01"), ROUND_HALF_UP)

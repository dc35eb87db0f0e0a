"""The round in which experts look at each other's spread, without names, and may think again."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

#: 委员会决定: from so many sheets on a spread is shown; of fewer one could tell whose it is.
SPREAD_FROM = 3


@dataclass(frozen=True)
class Spread:
    """The totals of one nomination without names: how many, least, quartiles, most. Exact."""

    n: int
    least: Fraction
    lower: Fraction
    middle: Fraction
    upper: Fraction
    most: Fraction


def spread(totals: Iterable[Fraction]) -> Spread | None:
    """委员会决定: least, quartiles (between neighbours in proportion) and most are shown, from `SPREAD_FROM`
    sheets on."""
    ordered = sorted(Fraction(total) for total in totals)
    n = len(ordered)
    if n < SPREAD_FROM:
        return None

    def quartile(quarters: int) -> Fraction:
        place = Fraction(quarters * (n - 1), 4)
        below = place.numerator // place.denominator
        above = min(below + 1, n - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return Spread(n, ordered[0], quartile(1), quartile(2), quartile(3), ordered[-1])


def counts_as_before(*, handed_in: bool, before: bool) -> bool:
    """委员会决定: a sheet opened for the discussion counts as it stood before until it is handed in again;
    where it is not by the end, for good."""
    return before and not handed_in

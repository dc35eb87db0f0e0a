"""How improbable: closed forms that never say more than the exact tail (Chernoff's bound).

"digits" is -log10 of the bound: 6 means less than one in a million.
"""

from collections.abc import Callable, Collection, Mapping
from math import inf, log

LN10 = log(10)


def poisson(seen: float, expected: float) -> float:
    """委员会决定: digits of seeing this many or more where so many are expected."""
    if seen <= expected:
        return 0.0
    if expected <= 0:
        return inf
    return (seen * log(seen / expected) - seen + expected) / LN10


def binomial(seen: int, of: int, share: float) -> float:
    """委员会决定: digits of so many or more of `of`, each with probability `share`."""
    if not of or seen <= of * share:
        return 0.0
    if share <= 0:
        return inf
    part = seen / of
    rest = (1 - part) * log((1 - part) / (1 - share)) if part < 1 else 0.0
    return of * (part * log(part / share) + rest) / LN10


def set_chance(shares: Mapping[int, float]) -> Callable[[Collection[int]], float]:
    """委员会决定: the probability of exactly this set among sets of its size, were choices independent.

    Conditional Bernoulli: the product of the odds over the elementary symmetric polynomial of its degree.
    """
    odds = {each: max(share, 1e-4) / (1 - min(share, 0.99)) for each, share in shares.items()}
    sums = [1.0] + [0.0] * len(odds)
    for each in odds.values():
        for degree in range(len(sums) - 1, 0, -1):
            sums[degree] += each * sums[degree - 1]

    def chance(picks: Collection[int]) -> float:
        product = 1.0
        for each in picks:
            product *= odds.get(each, 1e-4)
        return product / sums[len(picks)] if len(picks) < len(sums) else 1.0

    return chance

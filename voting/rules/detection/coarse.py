"""委员会决定: while totals are hidden, an alarm's figures are rough.

An exact multiple, or an exact share of a group, is a number of ballots in disguise: three times one expected
ballot is three ballots, 4 of 100 with one network are 25 voters. What is left here gives bounds, no number.
"""

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
NUMBERS = (1, 2, 5, 10, 20, 50, 100)


def times(value: float, limit: float) -> float:
    """How many times as often as usual: 1 below the limit, else the limit or 2, 5, 10, 20 … below it."""
    return max(limit, step(value)) if value >= limit else 1.0


def step(value: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 … that is not above `value`; 1 for less than one."""
    found = 1.0
    for unit in (10**power for power in range(9)):
        for each in (1, 2, 5):
            if each * unit <= value:
                found = float(each * unit)
    return found


def share(value: float) -> float:
    """A share of a group, 0 … 1: nothing, or the nearest of five."""
    return min(SHARES, key=lambda each: abs(each - value)) if value else 0.0


def of_hundred(number: float) -> float:
    """So many in a hundred: nothing, or the nearest of seven."""
    return float(min(NUMBERS, key=lambda each: abs(each - number))) if number else 0.0

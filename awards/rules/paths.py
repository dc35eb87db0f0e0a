"""Which step of an enterprise's way comes after which: 企业级 → 区市级 → 市级 → 省级."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

#: From below, S1 四.3①: 自下而上逐级推荐.
ASCENT = ("enterprise", "district", "city", "province")


class Dated(Protocol):
    """What has a place on the way: the level it is of, the day it came about, its number on paper."""

    level: str
    on: date
    number: str


def in_order(steps: Iterable[Dated]) -> list:
    """委员会决定: the way is told as it came about; of one day the lower level first, then by number."""
    return sorted(steps, key=lambda each: (each.on, ASCENT.index(each.level), each.number))


def highest(levels: Iterable[str]) -> str:
    """委员会决定: the highest level at which a naming stands; "" where none does."""
    return max(levels, key=ASCENT.index, default="")


def told_once(number: str, told: Iterable[tuple[str, str]]) -> bool:
    """委员会决定: whether the naming that an outcome speaks of stands on the way itself.

    `number` is the outcome's paper; `told` pairs the paper and the number of each naming of that level.
    """
    return bool(number) and any(number in pair for pair in told)

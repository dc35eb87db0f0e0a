"""Drawing experts by lot, so that anybody with the pool and the seed draws the same. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Candidate:
    """An expert of the register as the draw sees it. `reviews` are the panels of this year so far."""

    key: str
    fields: frozenset[str] = frozenset()
    reviews: int = 0
    sat_last: bool = False  # on the panel of the edition before
    active: bool = True
    seated: bool = False  # on this panel already


#: Why somebody of the register is not in the pool, in the order in which it is said.
INACTIVE, SEATED, FIELD, BUSY, RESTING = "inactive", "seated", "field", "busy", "resting"


def fits(
    candidate: Candidate, *, fields: Iterable[str] = (), most: int | None = None, rotate: bool = False
) -> str:
    """委员会决定: why a candidate is not in the pool, "" when it is.

    `fields`: one of them must be the candidate's (none: any); `most`: panels a year; `rotate`: who sat on the
    last panel rests.
    """
    if not candidate.active:
        return INACTIVE
    if candidate.seated:
        return SEATED
    if (wanted := frozenset(fields)) and not wanted & candidate.fields:
        return FIELD
    if most is not None and candidate.reviews >= most:
        return BUSY
    if rotate and candidate.sat_last:
        return RESTING
    return ""


def draw(pool: Iterable[str], seed: str) -> list[str]:
    """委员会决定: the pool in the order of SHA-256 of "seed|key"; the first so many are drawn."""
    return sorted(set(pool), key=lambda key: sha256(f"{seed}|{key}".encode()).hexdigest())

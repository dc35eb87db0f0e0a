"""Two people started from the same version: what each changed, and what becomes of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True)
class Difference:
    """One field in which my answer and the saved one differ. `who` changed it: mine, theirs or both."""

    key: str
    mine: object
    theirs: object
    who: str

    @property
    def default(self) -> str:
        """委员会决定: what only one of us changed is kept as changed; what both changed, a person decides."""
        return "" if self.who == BOTH else self.who


def differences(
    keys: Iterable[str], base: Mapping | None, mine: Mapping, theirs: Mapping
) -> list[Difference]:
    """In the order of `keys`. A key that `mine` does not have was not on my page and is left alone.

    Without a base nobody can say who changed what, and every difference is both people's.
    """
    found = []
    for key in keys:
        if key not in mine or _same(mine[key], theirs.get(key)):
            continue
        if base is None:
            who = BOTH
        elif _same(mine[key], base.get(key)):
            who = THEIRS
        elif _same(theirs.get(key), base.get(key)):
            who = MINE
        else:
            who = BOTH
        found.append(Difference(key, mine[key], theirs.get(key), who))
    return found


def _same(one: object, other: object) -> bool:
    blank = (None, "", [], {})
    return (one in blank and other in blank) or (one == other and type(one) is type(other))

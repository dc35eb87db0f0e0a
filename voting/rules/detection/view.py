"""The ballots of one look, counted once, and the past beside them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from statistics import median

from voting.rules.detection.chance import set_chance
from voting.rules.detection.terms import Past, Seen

TEN, HOUR = 600, 3600
ENOUGH = 30  # ballots of an hour whose shares mean anything
FAR = 600  # seconds of dwell counted one by one
ELSEWHERE_AT_LEAST = 1000  # however few ballots a look has, so many were seen elsewhere


class View:
    """Ballots of a look. A voter who votes every day alike is one voter here; `again` has the others.

    `complete`: these are all ballots of their time. Not so where only suspects were read; then nothing is
    said that compares with the ballots of the same time. `voters`: how many the poll had in that time.
    """

    def __init__(self, ballots: Iterable[Seen], past: Past, *, complete: bool = True, voters: int = 0):
        self.past, self.complete = past, complete
        first, self.again = {}, defaultdict(list)
        self.all = sorted(ballots, key=lambda each: each.at)
        for each in self.all:
            known = first.setdefault((each.voter, each.picks), each)
            if known is not each:
                self.again[known.id].append(each)
        self.ballots: list[Seen] = list(first.values())
        self.n = len(self.ballots) if complete else max(voters, len(self.ballots))
        self.network = Counter(each.network for each in self.ballots if each.network)
        self.address = Counter(each.address for each in self.ballots if each.address)

    @cached_property
    def of(self) -> dict[int, list[Seen]]:
        """Candidate → the ballots with it."""
        found = defaultdict(list)
        for each in self.ballots:
            for pick in each.picks:
                found[pick].append(each)
        return dict(found)

    @cached_property
    def devices(self) -> dict[str, list[Seen]]:
        found = defaultdict(list)
        for each in self.ballots:
            if each.device:
                found[each.device].append(each)
        return dict(found)

    @cached_property
    def shares(self) -> dict[int, float]:
        """Candidate → its usual share of ballots: the median hour, else all there is. Never 0."""
        hours = [(n, picks) for n, picks in self.past.hours.values() if n >= ENOUGH]
        if len(hours) >= 3:
            every = set().union(*(picks for _n, picks in hours))
            usual = {each: median(picks[each] / n for n, picks in hours) for each in every}
            n = self.past.n
        else:
            counts, n = Counter(self.past.picks()), self.past.n
            if n < ELSEWHERE_AT_LEAST:
                counts.update(pick for each in self.ballots for pick in each.picks)
                n += len(self.ballots)
            usual = {each: number / n for each, number in counts.items()}
        least = 1 / (n + 2)
        return {each: min(max(share, least), 0.98) for each, share in usual.items()}

    def share(self, candidate: int) -> float:
        return self.shares.get(candidate, 1 / (self.past.n + 2))

    @cached_property
    def chance(self):
        return set_chance(self.shares)

    def elsewhere(self, kind: str, key: str, inside: int, group: int) -> float:
        """The share of voters outside a group who came from this address or network."""
        counts = getattr(self, kind)
        return (counts[key] - inside + 1) / max(self.n - group, ELSEWHERE_AT_LEAST)

    @cached_property
    def _blocks(self) -> dict[str, Counter]:
        found = defaultdict(Counter)
        for each in self.ballots:
            if each.block:
                found[each.home][each.block] += 1
        return found

    def sharing(self, home: str, group: Sequence[Seen]) -> float:
        """The probability that two voters of this home, none of the group, have neighbouring numbers."""
        known = self.past.sharing.get(home, 0.0)
        if not self.complete:
            return max(known, 1e-6)
        blocks = self._blocks.get(home, Counter())
        inside = Counter(each.block for each in group if each.home == home and each.block)
        return max(collisions(blocks - inside), min(known, 1e-4), 1e-6)

    @cached_property
    def _dwell(self) -> list[int]:
        counts = Counter(self.past.dwell)
        if sum(counts.values()) < ELSEWHERE_AT_LEAST:
            counts.update(min(each.dwell, FAR) for each in self.ballots if each.dwell is not None)
        return [counts[second] for second in range(FAR + 1)]

    def dwell_elsewhere(self, group: Sequence[Seen]) -> list[int]:
        """How many ballots outside the group stayed less than 0, 1, 2 … seconds."""
        counts = list(self._dwell)
        for each in group:
            if each.dwell is not None:
                counts[min(each.dwell, FAR)] -= 1
        return [0, *accumulate(max(each, 0) for each in counts)]


def collisions(blocks: Counter) -> float:
    """委员会决定: the probability that two voters drawn at random share a block of numbers."""
    n = sum(blocks.values())
    return sum(each * (each - 1) for each in blocks.values()) / (n * (n - 1)) if n > 1 else 0.0

"""What is remarkable among the ballots of a look: groups that share a choice, each with its figures."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from voting.rules.detection import signs, terms
from voting.rules.detection.chance import binomial, poisson
from voting.rules.detection.terms import Seen, Thresholds
from voting.rules.detection.view import TEN, View

MAD = 1.4826  # median absolute deviation → standard deviation of a normal distribution


@dataclass(frozen=True)
class Matter:
    """A group and why it is one. `marks`: the sign its members have by being in it, if any."""

    rule: str
    candidate: int | None
    key: str
    group: Sequence[Seen]
    seen: float
    expected: float
    threshold: float
    digits: float
    mark: str = ""
    more: dict = field(default_factory=dict)


def velocity(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: a candidate many times as fast as its own past, measured against the others' pace.

    Both must hold: improbable by its usual share, and far above its own median of ten minutes.
    """
    if view.past.n < t.min_past or not view.complete:
        return
    total = len(view.all)
    for candidate, group in view.of.items():
        share = view.share(candidate)
        seen = sum(candidate in each.picks for each in view.all)
        expected = max((total - seen) * share / (1 - share), 0.5)
        digits = poisson(seen, expected)
        if seen < t.surge_least or seen < t.surge * expected or digits < t.digits:
            continue
        usual, spread = _own_tens(view, candidate, share)
        if seen / total <= usual + t.surge_spread * spread:
            continue
        yield Matter(
            terms.VELOCITY,
            candidate,
            "",
            group,
            seen,
            expected,
            t.surge * expected,
            digits,
            mark=terms.VELOCITY,
        )


def _own_tens(view, candidate, share):
    """Median and scaled deviation of a candidate's share in the ten minutes of the last day."""
    shares = [picks[candidate] / n for n, picks in view.past.tens.values() if n >= TEN // 60]
    if len(shares) < 6:
        return share, 0.0
    usual = median(shares)
    return usual, MAD * median(abs(each - usual) for each in shares)


def cliques(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: the very same set of picks far more often than choices that go together explain."""
    sets = defaultdict(list)
    for each in view.ballots:
        sets[each.picks].append(each)
    for picks, group in sets.items():
        if odd_set(picks, len(group), view, t):
            expected = expected_of(picks, view, t)
            digits = poisson(len(group), expected)
            key = ",".join(map(str, picks))
            yield Matter(
                terms.CLIQUE,
                None,
                key,
                group,
                len(group),
                expected,
                max(t.clique_least, expected),
                digits,
                mark=terms.CLIQUE,
            )


def expected_of(picks: tuple[int, ...], view: View, t: Thresholds) -> float:
    """委员会决定: how many voters may honestly have this very set."""
    return max(t.choice_lift * view.n * view.chance(picks), 0.5)


def odd_set(picks: tuple[int, ...], n: int, view: View, t: Thresholds) -> bool:
    """委员会决定: whether so many voters with this very set are remarkable. One pick is no set."""
    if n < t.clique_least or len(picks) < 2:
        return False
    return poisson(n, expected_of(picks, view, t)) >= t.digits


def places(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: addresses and networks behind which one candidate is chosen far more than elsewhere.

    A firm votes for itself: this alone is a remark and flags nothing.
    """
    if not view.complete:
        return
    busy = {
        kind: {key for key, n in getattr(view, kind).items() if n >= t.place_least}
        for kind in ("address", "network")
    }
    for candidate, ballots in view.of.items():
        share, best, skewed = view.share(candidate), None, {"address": set(), "network": set()}
        for kind, keys in busy.items():
            for key, n in Counter(getattr(each, kind) for each in ballots).items():
                of = getattr(view, kind)[key]
                digits = binomial(n, of, share) if key in keys else 0.0
                if digits >= t.digits + 2 and n / of >= t.place_skew * share:
                    skewed[kind].add(key)
                    if best is None or digits > best[0]:
                        best = (digits, n, of)
        if best:
            rule = terms.ADDRESS if skewed["address"] else terms.NETWORK
            group = [
                each
                for each in ballots
                if each.address in skewed["address"] or each.network in skewed["network"]
            ]
            digits, n, of = best
            number = len(skewed["address"] or skewed["network"])
            more = {"places": number, "part": n / of, "usual": share}
            yield Matter(
                rule, candidate, "", group, n, of * share, t.place_skew * of * share, digits, more=more
            )


def devices(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: devices several voters used, where they chose one candidate far more than elsewhere."""
    shared = {
        key: users
        for key, users in view.devices.items()
        if len({each.voter for each in users}) >= t.device_voters
    }
    found = defaultdict(lambda: [[], 0.0, 0, 0.0])
    for users in shared.values():
        for candidate, n in Counter(pick for each in users for pick in each.picks).items():
            digits = binomial(n, len(users), view.share(candidate))
            entry = found[candidate]
            entry[0] += [each for each in users if candidate in each.picks]
            entry[1] = max(entry[1], digits)
            entry[2] += digits >= t.digits / 2
            entry[3] += len(users) * view.share(candidate)
    for candidate, (group, digits, number, expected) in found.items():
        together = poisson(len(group), max(expected, 0.5))
        if max(digits, together) >= t.digits:
            more = {"devices": max(number, 1), "shared": len(shared)}
            seen = len(group)
            yield Matter(
                terms.DEVICE,
                candidate,
                "",
                group,
                seen,
                expected,
                t.device_voters,
                max(digits, together),
                more=more,
            )


def areas(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: candidates with a far larger share of numbers from elsewhere than all have."""
    if not view.complete:
        return
    usual = signs.usual_elsewhere(view)
    for candidate, ballots in view.of.items():
        group = signs.from_elsewhere(ballots, view, t)
        if group:
            known = sum(bool(each.home) for each in ballots)
            seen = len(group) / known
            digits = binomial(len(group), known, usual)
            yield Matter(terms.AREA, candidate, "", group, seen, usual, t.area_lift * usual, digits)


def dwells(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: candidates among whose voters many stayed as briefly, or as evenly, as hardly anybody."""
    for candidate, ballots in view.of.items():
        group, bands = signs.odd_dwell(ballots, view, t)
        if group:
            low, high, seen, usual = bands[0]
            more = {"from": low, "to": high}
            digits = binomial(round(seen * len(ballots)), len(ballots), usual)
            yield Matter(
                terms.DWELL,
                candidate,
                "",
                group,
                seen,
                usual,
                t.dwell_lift * usual,
                digits,
                mark=terms.ONE_SIDED,
                more=more,
            )


def sequences(view: View, t: Thresholds) -> Iterator[Matter]:
    """委员会决定: numbers from elsewhere that chose the same candidate and lie beside one another."""
    for candidate, ballots in view.of.items():
        away = [each for each in ballots if each.home in terms.ELSEWHERE]
        group = [
            each for sign, some in signs.neighbours(away, view, t) if sign == terms.SEQUENCE for each in some
        ]
        if group:
            homes = Counter(each.home for each in away if each.block)
            expected = max(sum(n * (n - 1) * view.sharing(home, away) for home, n in homes.items()), 0.5)
            more = {"blocks": len({each.block for each in group})}
            digits = poisson(len(group), expected)
            yield Matter(
                terms.SEQUENCE,
                candidate,
                "",
                group,
                len(group),
                expected,
                max(t.lift * expected, t.block_least),
                digits,
                more=more,
            )


RULES: tuple[Callable[[View, Thresholds], Iterator[Matter]], ...] = (
    velocity,
    cliques,
    places,
    devices,
    areas,
    dwells,
    sequences,
)

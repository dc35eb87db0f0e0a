"""What the ballots of a group have in common, and which honest reason accounts for it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from functools import cache

from voting.rules.detection.chance import binomial, poisson
from voting.rules.detection.terms import (
    AREA,
    AWAY,
    BLOCK,
    DEVICE,
    DWELL,
    ELSEWHERE,
    EXPLANATIONS,
    KIOSK,
    LOCAL,
    PLACE,
    RHYTHM,
    SEQUENCE,
    VIRTUAL,
    Explanation,
    Seen,
    Thresholds,
)
from voting.rules.detection.view import FAR, View

Marks = dict[Hashable, set[str]]


def signs_in(group: Sequence[Seen], view: View, t: Thresholds, *, alike: bool = False) -> Marks:
    """委员会决定: ballot → its signs within a group that shares a choice; `alike`: the very same one.

    Only then is the rhythm of all a sign of each: among those who chose one candidate honest ones are many.
    """
    marks: Marks = defaultdict(set)
    marked = [
        (AREA, from_elsewhere(group, view, t)),
        (DWELL, odd_dwell(group, view, t)[0]),
        *same_device(group, view, t),
        *neighbours(group, view, t),
    ]
    if view.complete:
        marked.append((PLACE, same_place(group, view, t)))
    if alike:
        marked.append((RHYTHM, sleepless(group, view, t)))
    for sign, ballots in marked:
        for each in ballots:
            marks[each.id].add(sign)
    return marks


def same_place(group: Sequence[Seen], view: View, t: Thresholds) -> list[Seen]:
    """委员会决定: those of a group behind an address or network where few others are."""
    found = {}
    for kind, least in (("address", t.crowd_address), ("network", t.crowd_network)):
        for key, n in Counter(getattr(each, kind) for each in group).items():
            if not key or n < least:
                continue
            outside = view.elsewhere(kind, key, n, len(group))
            improbable = binomial(n, len(group), outside) >= t.digits
            if improbable and n / len(group) >= t.lift * outside:
                found |= {each.id: each for each in group if getattr(each, kind) == key}
    return list(found.values())


def usual_elsewhere(view: View) -> float:
    """委员会决定: the share of numbers from elsewhere among all; never taken for less than 2 %."""
    known = sum(view.past.home[home] for home in (LOCAL, *ELSEWHERE))
    away = sum(view.past.home[home] for home in ELSEWHERE)
    return max(away / known, 0.02) if known else 0.02


def from_elsewhere(group: Sequence[Seen], view: View, t: Thresholds) -> list[Seen]:
    """委员会决定: numbers from elsewhere in a group that has improbably many of them."""
    known = sum(each.home in (LOCAL, *ELSEWHERE) for each in group)
    away = [each for each in group if each.home in ELSEWHERE]
    usual = usual_elsewhere(view)
    if len(away) < t.area_least or len(away) < t.area_lift * usual * known:
        return []
    return away if binomial(len(away), known, usual) >= t.digits else []


def odd_dwell(group: Sequence[Seen], view: View, t: Thresholds) -> tuple[list[Seen], list[tuple]]:
    """委员会决定: those who stayed less than, or exactly as long as, nearly nobody else did.

    Looks at every stay of less than s seconds (s ≤ `shortest`) and at every narrow band, and takes the most
    improbable; then once more among the rest. With them: (from, to, share, usual share) of each band.
    """
    times = Counter(min(each.dwell, FAR) for each in group if each.dwell is not None)
    n, found = times.total(), []
    if n < t.dwell_least:
        return [], []
    below = view.dwell_elsewhere(group)
    for _once_more in range(2):
        best = _rarest(times, n, below, t)
        if best is None:
            break
        low, high, seen, usual = best
        found.append((low, high - 1, seen / n, usual))
        for second in range(low, high):
            times[second] = 0
    rare = {second for low, high, *_shares in found for second in range(low, high + 1)}
    return [each for each in group if each.dwell is not None and min(each.dwell, FAR) in rare], found


def _rarest(times, n, below, t):
    inside = [0]
    for second in range(FAR + 1):
        inside.append(inside[-1] + times[second])
    most, best = t.digits, None
    for low, high in _bands(t):
        seen = inside[high] - inside[low]
        if seen < t.dwell_least:
            continue
        usual = max((below[high] - below[low]) / max(below[-1], 1), t.dwell_share)
        if seen / n >= t.dwell_lift * usual and (digits := binomial(seen, n, usual)) >= most:
            most, best = digits, (low, high, seen, usual)
    return best


@cache
def _bands(t):
    short = [(0, high) for high in range(1, t.shortest + 1)]
    return [*short, *((low, low + max(2, round(low * t.band))) for low in range(1, FAR // 2))]


def sleepless(group: Sequence[Seen], view: View, t: Thresholds) -> Sequence[Seen]:
    """委员会决定: a whole group that votes in the hours in which the city sleeps as much as by day."""
    clock = view.past.clock()
    if len(view.past.hours) < 24 or len(group) < t.rhythm_least:
        return []
    if max(each.at for each in group) - min(each.at for each in group) < t.rhythm_span:
        return []
    asleep, part, total = set(), 0, sum(clock)
    for hour in sorted(range(24), key=clock.__getitem__):
        if part + clock[hour] > t.asleep * total:
            break
        asleep.add(hour)
        part += clock[hour]
    late = sum(int(each.at) // 3600 % 24 in asleep for each in group)
    usual = max(part / total, 0.005)
    improbable = binomial(late, len(group), usual) >= t.digits
    return group if improbable and late / len(group) >= 3 * usual else []


def same_device(group: Sequence[Seen], view: View, t: Thresholds) -> Iterable[tuple[str, list[Seen]]]:
    """委员会决定: devices with several voters; told apart by whether they chose exactly alike."""
    for device in {each.device for each in group if each.device}:
        users = view.devices[device]
        if len({each.voter for each in users}) < t.device_voters:
            continue
        mine = [each for each in group if each.device == device]
        alike = set()
        for picks, n in Counter(each.picks for each in users).items():
            chance = min(t.choice_lift * view.chance(picks), 0.9)
            if n >= t.device_voters and len(picks) > 1 and binomial(n, len(users), chance) >= t.digits / 2:
                alike.add(picks)
        yield DEVICE, [each for each in mine if each.picks in alike]
        yield KIOSK, [each for each in mine if each.picks not in alike]


def neighbours(group: Sequence[Seen], view: View, t: Thresholds) -> Iterable[tuple[str, list[Seen]]]:
    """委员会决定: voters of a group whose numbers lie in one hundred, beyond chance.

    A firm's numbers often do, and its people sit in one place; bought numbers come from elsewhere.
    """
    for home in (LOCAL, AWAY, VIRTUAL, ""):
        blocks = defaultdict(list)
        for each in group:
            if each.home == home and each.block:
                blocks[each.block].append(each)
        n = sum(len(each) for each in blocks.values())
        shared = [each for each in blocks.values() if len({one.voter for one in each}) > 1]
        number = sum(len(each) for each in shared)
        if number < t.block_least:
            continue
        expected = n * (n - 1) * view.sharing(home, group)
        if number < t.lift * expected or poisson(number, max(expected, 0.5)) < t.digits / 2:
            continue
        for each in shared:
            one_place = len({one.network for one in each}) == 1
            bought = home == VIRTUAL or (home == AWAY and not one_place)
            yield (SEQUENCE if bought else BLOCK), each


def accounted_for(signs: Collection[str]) -> Explanation | None:
    """委员会决定: the honest reason that accounts for all of these signs; None when there is none."""
    for each in EXPLANATIONS:
        if each.accounts_for.issuperset(signs) and (not each.needs or each.needs in signs):
            return each
    return None


def flagged(signs: Collection[str], t: Thresholds) -> bool:
    """委员会决定: at least two signs, and no honest reason for all of them together."""
    return len(signs) >= t.signs and accounted_for(signs) is None

"""One look at the ballots of a time: what is remarkable, and which ballots no honest reason accounts for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import quantiles

from voting.rules.detection import matters, signs, terms
from voting.rules.detection.terms import Finding, Past, Seen, Thresholds
from voting.rules.detection.view import TEN, View

USUAL = Thresholds()
#: Signs of a ballot wherever it is looked at; the others only say something beside the rest of a group.
LASTING = {terms.DWELL, terms.DEVICE, terms.SEQUENCE}
SAME = 0.8  # of the ballots of a matter are already another's
#: Seconds of dwell, in which a page shows how long people stayed.
STAYS = (10, 20, 30, 60, 120, 300)


def look(
    ballots: Iterable[Seen],
    past: Past,
    t: Thresholds = USUAL,
    *,
    surges: bool = True,
    complete: bool = True,
    voters: int = 0,
) -> list[Finding]:
    """委员会决定: all matters of a look, and the ballots each flags by what they have in common there.

    `surges`: whether the time is short enough to speak of a candidate's pace.
    """
    view = View(ballots, past, complete=complete, voters=voters)
    rules = [rule for rule in matters.RULES if surges or rule is not matters.velocity]
    found = [matter for rule in rules for matter in _apart(rule(view, t))]
    everywhere, here = defaultdict(set), []
    for matter in found:
        own = signs.signs_in(matter.group, view, t, alike=matter.rule == terms.CLIQUE)
        here.append(own)
        for each, marks in own.items():
            everywhere[each] |= marks & LASTING
        if matter.mark:
            for each in matter.group:
                everywhere[each.id].add(matter.mark)
    return [
        _finding(matter, {each.id: everywhere[each.id] | own[each.id] for each in matter.group}, view, t)
        for matter, own in zip(found, here, strict=True)
    ]


def _apart(found: Iterable[matters.Matter]) -> list[matters.Matter]:
    """One matter for those that are about nearly the same ballots: who was chosen along with others."""
    kept, seen = [], set()
    for matter in sorted(found, key=lambda each: -each.digits):
        ids = {each.id for each in matter.group}
        if len(ids & seen) < SAME * len(ids):
            kept.append(matter)
            seen |= ids
    return kept


def _finding(matter, marks, view, t) -> Finding:
    guilty = [each for each in matter.group if signs.flagged(marks[each.id], t)]
    flagged = {
        one.id: frozenset(marks[each.id]) for each in guilty for one in (each, *view.again.get(each.id, ()))
    }
    met = Counter(sign for each in matter.group for sign in marks[each.id])
    return Finding(
        rule=matter.rule,
        candidate=matter.candidate,
        key=matter.key,
        seen=matter.seen,
        expected=matter.expected,
        threshold=matter.threshold,
        digits=min(matter.digits, 300.0),
        group=matter.group,
        flagged=flagged,
        signs=dict(met),
        more=matter.more | {"profile": profile(matter.group, view), "series": series(matter, view)},
    )


def profile(group: Sequence[Seen], view: View) -> dict:
    """委员会决定: what else a person should know of a group, and of all others beside it."""
    stays = [each.dwell for each in group if each.dwell is not None]
    known = [each for each in group if each.home]
    below = view.dwell_elsewhere(group)
    others = max(below[-1], 1)
    edges = (0, *STAYS, len(below) - 1)
    return {
        "voters": len({each.voter for each in group}),
        "addresses": len({each.address for each in group if each.address}),
        "networks": len({each.network for each in group if each.network}),
        "devices": len({each.device for each in group if each.device}),
        "blocks": len({each.block for each in group if each.block}),
        "sets": len({each.picks for each in group}),
        "away": sum(each.home in terms.ELSEWHERE for each in known) / len(known) if known else None,
        "usual_away": signs.usual_elsewhere(view) if view.past.home else None,
        "dwell": [round(each) for each in quantiles(stays, n=4)] if len(stays) > 1 else None,
        "stays": [
            [low, sum(low <= each < high for each in stays) / len(stays), (below[high] - below[low]) / others]
            for low, high in zip(edges, (*edges[1:-1], edges[-1]), strict=False)
        ]
        if stays
        else [],
    }


def series(matter, view: View) -> list[list[float]]:
    """委员会决定: a candidate's pace over its last day: (beginning of ten minutes, times as many as usual).

    Never the number itself: how many picked a candidate in ten minutes is a part of its total.
    """
    if matter.rule != terms.VELOCITY:
        return []
    candidate, share = matter.candidate, view.share(matter.candidate)
    tens = {begin: (picks[candidate], n) for begin, (n, picks) in view.past.tens.items()}
    now = Counter(int(each.at) // TEN * TEN for each in matter.group)
    for begin, n in Counter(int(each.at) // TEN * TEN for each in view.all).items():
        known = tens.get(begin, (0, 0))
        tens[begin] = (max(now[begin], known[0]), max(n, known[1]))
    return [
        [begin, round(seen / max((n - seen) * share / (1 - share), 1), 2)]
        for begin, (seen, n) in sorted(tens.items())
    ]


def odd_sets(counts: Iterable[tuple[tuple[int, ...], int]], voters: int, past: Past, t: Thresholds):
    """委员会决定: the sets worth reading all ballots of, from nothing but how often each occurs."""
    view = View((), past, complete=False, voters=voters)
    return [picks for picks, n in counts if matters.odd_set(picks, n, view, t)]


__all__ = ["Past", "look", "odd_sets", "profile", "series"]

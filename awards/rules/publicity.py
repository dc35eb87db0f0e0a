"""What the regulation says of the publicity, and of objections to it."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from nominations.rules import competition_ranks
from portal.errors import Refused
from portal.figures import settled
from portal.workdays import Calendar


class Ranked(Protocol):
    """Any row that has a rank."""

    id: Hashable
    rank: int


@dataclass(frozen=True)
class Proposal:
    """Who is proposed, in rank order, with their ranks.

    Where equals straddle the last seat the rule cannot choose: `undecided` are the equals, `places` the seats
    left for them. `short_by` seats find nobody.
    """

    ids: tuple[Hashable, ...]
    ranks: tuple[int, ...]
    undecided: frozenset[Hashable] = field(default_factory=frozenset)
    places: int = 0
    short_by: int = 0


def notice_proposal(rows: Iterable[Ranked], passed: Collection[Hashable], seats: int) -> Proposal:
    """S1 四.3⑥: 依据实地考察情况. 委员会决定: seats-many of those who passed, in composite order.

    Where an edition leaves the inspection out, all who are ranked pass.
    """
    ranks = {row.id: row.rank for row in rows if row.id in passed}
    places = competition_ranks({each: -rank for each, rank in ranks.items()})
    ordered = sorted(settled(places), key=places.__getitem__)
    held = [each for each in ordered if places[each] <= seats]
    if len(held) <= seats:
        return Proposal(tuple(held), tuple(ranks[each] for each in held), short_by=seats - len(held))
    last = places[held[-1]]
    sure = tuple(each for each in held if places[each] < last)
    return Proposal(
        sure, tuple(ranks[each] for each in sure), frozenset(held[len(sure) :]), seats - len(sure)
    )


def departs(proposal: Sequence[Hashable], computed: Proposal) -> bool:
    """委员会决定: whether the office's list is another than the computed one, in members or in order.

    Equals may stand either way round; choosing among equals the rule cannot part is a decision.
    """
    if computed.undecided or set(proposal) != set(computed.ids):
        return True
    ranks = dict(zip(computed.ids, computed.ranks, strict=True))
    order = [ranks[each] for each in proposal]
    return order != sorted(order)


def check_proposal(
    proposal: Sequence[Hashable],
    computed: Proposal,
    *,
    passed: Collection[Hashable],
    seats: int,
    reason: str = "",
    minute: str = "",
    inspected: bool = True,
) -> None:
    """委员会决定: only those who passed inspection, no more than the seats; departing from the computed order
    needs a reason and the number of the minute. Where there is no inspection, whoever is ranked passed."""
    if not proposal:
        raise Refused("公示名单是空的，请至少列入一家企业。")
    if len(set(proposal)) != len(proposal):
        raise Refused("公示名单中有企业重复，请删去重复的一家。")
    if not inspected and any(each not in passed for each in proposal):
        raise Refused("公示名单中有企业不在综合排序中，或者已经退出评选，请删去后再提交。")
    if any(each not in passed for each in proposal):
        raise Refused("公示名单中有企业没有通过考察，请删去后再提交。")
    if len(proposal) > seats:
        raise Refused(
            "公示名单有 {count} 家，多于名额 {seats} 家，请减少。", count=len(proposal), seats=seats
        )
    if departs(proposal, computed) and not (reason.strip() and minute.strip()):
        raise Refused("公示名单与综合得分的次序不一致，请写明理由和会议纪要编号。")


def replacement(
    rows: Iterable[Ranked],
    passed: Collection[Hashable],
    out: Collection[Hashable],
    published: Collection[Hashable],
) -> tuple[Hashable, ...]:
    """委员会决定: the next who was inspected and passed and is neither out nor on a notice.

    Several are equals the committee chooses from; nobody is an empty tuple.
    """
    left = {row.id: row.rank for row in rows if row.id in passed and row.id not in {*out, *published}}
    if not left:
        return ()
    best = min(left.values())
    return tuple(settled(each for each, rank in left.items() if rank == best))


def free_places(places: int, held: int) -> int:
    """委员会决定: the places a list was published for, less those held by the published and the named.

    However often a list is corrected, a place is counted once.
    """
    return max(0, places - held)


def restarts(before: Sequence[Hashable], after: Sequence[Hashable]) -> bool:
    """委员会决定: a correction that changes who is on the list, or their order, starts the period anew.

    `before` are those of the earlier version who still stand on it; a name written wrongly changes nothing.
    """
    return list(before) != list(after)


def notice_ends(published: date, workdays: int, calendar: Calendar) -> date:
    """委员会决定: the last of `workdays` working days (default five), the notice day not counted."""
    if workdays < 1:
        raise Refused("公示期至少为 1 个工作日，请修改。")
    return calendar.add(published, workdays)


def lengthened_end(published: date, recounted: date, corrected: date, calendar: Calendar) -> date:
    """委员会决定: the end of a period that was `published` too short and is put right on the day `corrected`.

    The working days after `published` up to `recounted` were missing; where the correction comes later, they
    are counted from it, its own day not counted.
    """
    span = (recounted - published).days
    missing = sum(calendar.is_workday(published + timedelta(days=n)) for n in range(1, span + 1))
    return max(recounted, calendar.add(corrected, missing))


LODGED, ACCEPTED, DECLINED = "lodged", "accepted", "declined"
UPHELD, DISMISSED, ANSWERED = "upheld", "dismissed", "answered"
OBJECTION_MOVES = {
    LODGED: frozenset({ACCEPTED, DECLINED}),
    ACCEPTED: frozenset({UPHELD, DISMISSED}),
    DECLINED: frozenset({ANSWERED}),
    UPHELD: frozenset({ANSWERED}),
    DISMISSED: frozenset({ANSWERED}),
    ANSWERED: frozenset(),
}


def next_states(state: str) -> frozenset[str]:
    """委员会决定: lodged → accepted | declined; accepted → upheld | dismissed; all of these → answered."""
    return OBJECTION_MOVES[state]

"""What the regulation says of the composite and the shortlist."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import ceil
from typing import Any

from nominations.rules import competition_ranks
from portal.errors import N_, Refused
from portal.figures import exact_text, settled, two_places
from portal.sentences import Sentence, sentence
from voting.rules import vote_scores

RATIO = Fraction(6, 5)  # S1 四.3⑤, 1∶1.2
EQUAL = "equal"

# What separates equals, by name: who is preferred, and the sentence that says so
TIE_RULES = {
    "private": N_("综合得分相同，同等条件下优先民营企业（S1 四.1）：前者是民营企业，后者不是。"),
    "recognised_key_industry": N_(
        "综合得分相同，同等条件下优先获省部级及以上认定的“十强产业”企业（S1 四.2）：前者是，后者不是。"
    ),
    "expert_score": N_("综合得分和其前各项都相同，按专家得分（委员会决定）：前者 {first}，后者 {second}。"),
}
TIE_BREAK = tuple(TIE_RULES)


@dataclass(frozen=True)
class Rules:
    """What an edition's committee decided of the composite and the shortlist; weights are of 100.

    Decimals and `"6/5"` are taken too and held as fractions. `inspected` is False where the edition leaves
    差额考察 out: then the size is the seats, and the ratio is 1.
    """

    seats: int
    ratio: Fraction = RATIO
    expert_weight: Fraction = Fraction(70)
    vote_weight: Fraction = Fraction(30)
    tie_break: tuple[str, ...] = TIE_BREAK
    inspected: bool = True

    def __post_init__(self):
        for name in ("ratio", "expert_weight", "vote_weight"):
            object.__setattr__(self, name, Fraction(getattr(self, name)))
        object.__setattr__(self, "tie_break", tuple(self.tie_break))


@dataclass(frozen=True)
class Candidate:
    """One that is ranked, with the exact expert score and the valid picks; None where the edition leaves
    that step out."""

    id: Hashable
    expert_score: Fraction | None
    picks: int | None
    private: bool
    recognised_key_industry: bool


@dataclass(frozen=True)
class Row:
    """One line of the composite list. `tie` is None where no other has the same composite; else the last
    tie rule that was needed to part it from its equals, or "equal" where nothing parts it from one."""

    id: Hashable
    rank: int
    expert_score: Fraction | None
    vote_score: Fraction | None
    composite: Fraction
    shortlisted: bool
    tie: str | None
    private: bool
    recognised_key_industry: bool
    picks: int | None


@dataclass(frozen=True)
class Shortlist:
    """`size` by the ratio, `grew_by` equals at the cut, and the rows by rank; rows of equal rank stand in an
    order that means nothing."""

    size: int
    grew_by: int
    warning: Sentence | None
    rows: tuple[Row, ...]


def check_rules(rules: Rules) -> None:
    """委员会决定: weights none below zero, 100 together; at least one seat; tie rules known, each once."""
    if rules.seats < 1:
        raise Refused("命名名额至少为 1 家，请修改。")
    if rules.ratio < 1:
        raise Refused("考察数与名额之比不能小于 1，请修改。")
    if not rules.inspected and rules.ratio != 1:
        raise Refused("本届不设差额考察，考察数与名额之比应为 1。")
    if min(rules.expert_weight, rules.vote_weight) < 0 or rules.expert_weight + rules.vote_weight != 100:
        raise Refused(
            "专家权重与投票权重都不能小于 0，合计应为 100，现为 {expert} 和 {vote}，请调整。",
            expert=exact_text(rules.expert_weight),
            vote=exact_text(rules.vote_weight),
        )
    if unknown := sorted(set(rules.tie_break) - set(TIE_RULES)):
        raise Refused("没有“{name}”这一同分规则，请从系统所列的规则中选择。", name=unknown[0])
    if len(set(rules.tie_break)) != len(rules.tie_break):
        raise Refused("同分规则有重复，请删去重复的一条。")


def check_parts(candidates: Iterable[Candidate], rules: Rules) -> None:
    """委员会决定: a part is there for all or for none, and one that is not there weighs nothing."""
    held = list(candidates)
    for name, weight in (("expert_score", rules.expert_weight), ("picks", rules.vote_weight)):
        missing = sum(getattr(each, name) is None for each in held)
        if missing and (missing < len(held) or weight):
            raise Refused("{count} 家企业缺少计入综合得分的成绩，不能排序，请核对。", count=missing)


def composite(expert_score: Fraction | None, vote_score: Fraction | None, rules: Rules) -> Fraction:
    """S1 四.3⑤: by the vote and by the experts. 委员会决定: with which weights; nothing is rounded.

    None is a part the edition leaves out: the composite is the other.
    """
    return (rules.expert_weight * (expert_score or 0) + rules.vote_weight * (vote_score or 0)) / 100


def shortlist_size(seats: int, ratio: Fraction = RATIO) -> int:
    """S1 四.3⑤: seats × 1.2. 委员会决定: a part of one counts as one (10 → 12, 3 → 4)."""
    return ceil(seats * Fraction(ratio))


def shortlist(candidates: Iterable[Candidate], rules: Rules) -> Shortlist:
    """S1 四.3⑤ the ratio; S1 四.1 and 四.2 who is preferred 同等条件下.

    委员会决定: preference is asked in the order of `tie_break`; whoever is still equal at the cut is in.
    Never by id, name or time. A tie rule over a score nobody has does not speak.
    """
    check_rules(rules)
    held = {candidate.id: candidate for candidate in candidates}
    check_parts(held.values(), rules)
    votes = vote_scores({each: c.picks for each, c in held.items() if c.picks is not None})
    totals = {each: composite(c.expert_score, votes.get(each), rules) for each, c in held.items()}
    keys = {each: (totals[each], *_preference(c, rules)) for each, c in held.items()}
    ranks, ties = competition_ranks(keys), _ties(keys, rules.tie_break)
    size = shortlist_size(rules.seats, rules.ratio)
    rows = tuple(
        Row(
            id=each,
            rank=ranks[each],
            expert_score=held[each].expert_score,
            vote_score=votes.get(each),
            composite=totals[each],
            shortlisted=ranks[each] <= size,
            tie=ties[each],
            private=held[each].private,
            recognised_key_industry=held[each].recognised_key_industry,
            picks=held[each].picks,
        )
        for each in sorted(settled(held), key=ranks.__getitem__)
    )
    grew_by = max(sum(row.shortlisted for row in rows) - size, 0)
    return Shortlist(size, grew_by, _warning(len(rows), size, grew_by, rules.inspected), rows)


def places_to_fill(size: int, held: int, leavers: int) -> int:
    """委员会决定: as many as left, as long as fewer than the size are still on the list.

    `held`: who is on the list and has not left; one whose visit failed has been inspected and holds a place.
    """
    return max(min(leavers, size - held), 0)


def next_in_line(ranks: Mapping[Hashable, int]) -> frozenset[Hashable]:
    """委员会决定: 递补 by rank among those who are still in the vote; equals come together, as at the cut."""
    best = min(ranks.values(), default=None)
    return frozenset(each for each, rank in ranks.items() if rank == best)


def _preference(candidate: Candidate | Row, rules: Rules) -> tuple[Any, ...]:
    return tuple(getattr(candidate, name) for name in rules.tie_break)


def _ties(keys: dict[Hashable, tuple], tie_break: tuple[str, ...]) -> dict[Hashable, str | None]:
    """For each, how deep its nearest equal forced the question: sorted by key, that is a neighbour."""
    ties: dict[Hashable, str | None] = dict.fromkeys(keys)
    names = (*tie_break, EQUAL)
    for _, group in groupby(sorted(keys, key=keys.__getitem__), key=lambda each: keys[each][0]):
        group = list(group)
        depths = [_shared(keys[a][1:], keys[b][1:]) for a, b in pairwise(group)]
        for each, before, after in zip(group, [-1, *depths], [*depths, -1], strict=True):
            if (depth := max(before, after)) >= 0:
                ties[each] = names[depth]
    return ties


def _shared(one: tuple, other: tuple) -> int:
    """How many leading parts are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))


def _warning(found: int, size: int, grew_by: int, inspected: bool) -> Sentence | None:
    if not inspected:
        return _warning_of_seats(found, size, grew_by)
    if found < size:
        return sentence("候选企业只有 {found} 家，不足 {size} 家，全部列入考察。", found=found, size=size)
    if grew_by:
        return sentence(
            "第 {size} 名有并列，综合得分和同分规则各项都相同，全部列入考察，名单增加 {grew_by} 家。",
            size=size,
            grew_by=grew_by,
        )
    return None


def _warning_of_seats(found: int, seats: int, grew_by: int) -> Sentence | None:
    if found < seats:
        return sentence("候选企业只有 {found} 家，不足名额 {seats} 家。", found=found, seats=seats)
    if grew_by:
        return sentence(
            "第 {seats} 名有并列，综合得分和同分规则各项都相同，比名额多 {grew_by} 家，由委员会研究决定。",
            seats=seats,
            grew_by=grew_by,
        )
    return None


def explain(row: Row, other: Row, rules: Rules) -> tuple[Sentence, ...]:
    """委员会决定: why one stands before the other; 前者 is the better of the two, or either of equals."""
    first, second = (row, other) if row.rank <= other.rank else (other, row)
    if first.composite != second.composite:
        return (
            sentence(
                "前者综合得分 {first}，后者 {second}，相差 {gap}（按未舍入的值比较）。",
                first=two_places(first.composite),
                second=two_places(second.composite),
                gap=_gap(first.composite - second.composite),
            ),
            *_parts_of_both(first, second, rules),
        )
    preferences = zip(rules.tie_break, _preference(first, rules), _preference(second, rules), strict=True)
    for name, better, worse in preferences:
        if better != worse:
            shown = {} if isinstance(better, bool) else {"first": _shown(better), "second": _shown(worse)}
            return (sentence(TIE_RULES[name], **shown),)
    return (sentence("综合得分和同分规则各项都相同，并列第 {rank} 名。", rank=first.rank),)


def _parts_of_both(first: Row, second: Row, rules: Rules) -> tuple[Sentence, ...]:
    if first.vote_score is None:
        return (sentence("本届不设公众投票，综合得分即专家得分。"),)
    if first.expert_score is None:
        return (sentence("本届不设专家评审，综合得分即投票得分。"),)
    return tuple(_parts(title, each, rules) for title, each in ((N_("前者"), first), (N_("后者"), second)))


def _parts(title: str, row: Row, rules: Rules) -> Sentence:
    return sentence(
        "{title}：专家得分 {expert} × {expert_weight}% ＋ 投票得分 {vote} × {vote_weight}%。",
        title=title,
        expert=two_places(row.expert_score),
        expert_weight=exact_text(rules.expert_weight),
        vote=two_places(row.vote_score),
        vote_weight=exact_text(rules.vote_weight),
    )


def _gap(value: Fraction) -> str:
    return str(two_places(value)) if value >= Fraction(1, 100) else exact_text(value)


def _shown(value: Fraction) -> str:
    rounded = two_places(value)
    return str(rounded) if rounded == value else f"{rounded}（{exact_text(value)}）"

"""What the committee decided of the public vote: which ballot counts, and what it is worth."""

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from fractions import Fraction

from nominations.rules import normalise
from portal.errors import N_, Refused

OUTSIDE, VOID = "outside", "void"
PER_POLL, PER_DAY = "poll", "day"
BALLOTS_PER = {PER_POLL: N_("整个投票期一次"), PER_DAY: N_("每个投票日一次")}

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def judge(
    picks: Sequence[Hashable],
    *,
    at: datetime,
    opens: datetime,
    closes: datetime,
    candidates: Collection[Hashable],
    min_picks: int,
    max_picks: int,
) -> str | None:
    """委员会决定: None is good; outside `[opens, closes)` is asked first, then void as a whole:
    fewer or more picks than allowed, one candidate twice, or somebody who is none."""
    if not opens <= at < closes:
        return OUTSIDE
    if len(set(picks)) != len(picks) or not min_picks <= len(picks) <= max_picks:
        return VOID
    return None if all(pick in candidates for pick in picks) else VOID


def turn(at: datetime, ballots_per: str, tz: tzinfo) -> date | None:
    """委员会决定: a voter has one ballot a turn: the voting day in `tz`, or None for a poll."""
    if ballots_per == PER_POLL:
        return None
    if ballots_per != PER_DAY or at.tzinfo is None:
        raise ValueError(ballots_per, at)
    return at.astimezone(tz).date()


def phone(text: object) -> str:
    """委员会决定: a voter is known by a mainland mobile number, however it is typed."""
    number = re.sub(r"[-\u2013\u2014()+.]", "", normalise(text))
    if len(number) > 11:
        number = re.sub(r"\A(00)?86", "", number)
    if not _MOBILE.fullmatch(number):
        raise Refused("手机号码应为 11 位数字，以 1 开头，请核对后重新填写。")
    return number


def mask_phone(number: str) -> str:
    """委员会决定: a number is shown only by its first three and last four figures."""
    return f"{number[:3]}****{number[-4:]}"


def tally(ballots: Iterable[Iterable[Hashable]], candidates: Iterable[Hashable] = ()) -> dict[Hashable, int]:
    """S1 四.3④: how many valid ballots picked each; `candidates` nobody picked are there with 0."""
    counts = Counter(dict.fromkeys(candidates, 0))
    for picks in ballots:
        counts.update(picks)
    return dict(counts)


def vote_scores(picks: Mapping[Hashable, int]) -> dict[Hashable, Fraction]:
    """委员会决定: picks ÷ the highest picks × 100; all zero when nobody was picked."""
    top = max(picks.values(), default=0)
    return {each: Fraction(100 * count, top) if top else Fraction(0) for each, count in picks.items()}


def poll_settings_ok(
    *,
    candidates: int,
    min_picks: int,
    max_picks: int,
    opens: datetime,
    closes: datetime,
    ballots_per: str = PER_POLL,
) -> None:
    """委员会决定: a poll must leave a choice, and have a beginning before its end; else it cannot open."""
    if ballots_per not in BALLOTS_PER:
        raise Refused("请选择每人每个投票期一次，还是每个投票日一次。")
    if opens >= closes:
        raise Refused("投票的结束时间应当晚于开始时间，请修改。")
    if min_picks < 1:
        raise Refused("每张选票至少应选 1 家，请修改。")
    if max_picks < min_picks:
        raise Refused("每张选票最多可选的家数不能少于最少应选的家数，请修改。")
    if candidates == 1:
        raise Refused(
            "候选企业只有 1 家，没有选择的余地，投票不能举行。请由申报企业或推荐单位撤回这一家，"
            "再写明理由办结本届。"
        )
    if candidates <= min_picks:
        raise Refused(
            "候选企业只有 {candidates} 家，每张选票至少要选 {min_picks} 家，没有选择的余地，"
            "请减少最少应选的家数。",
            candidates=candidates,
            min_picks=min_picks,
        )
    if max_picks > candidates:
        raise Refused(
            "每张选票最多可选 {max_picks} 家，多于候选企业 {candidates} 家，请减少最多可选的家数。",
            max_picks=max_picks,
            candidates=candidates,
        )

"""The list that explains itself: each row with its parts, its place and the reason why, and the cut."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from awards import resultfile, resultform
from awards.models import Shortlist, ShortlistAddition, ShortlistRow
from awards.rules import EQUAL, Row, Rules, explain
from nominations.order import STEPS
from nominations.states import State
from portal.errors import N_
from portal.figures import exact_text
from portal.sentences import Sentence, sentence

TIE_WORDS = {
    "private": N_("民营企业优先"),
    "recognised_key_industry": N_("“十强产业”并获省部级及以上认定优先"),
    "expert_score": N_("专家得分高者在前"),
    EQUAL: N_("各项都相同，并列"),
}
TIE_CLAUSES = {"private": "S1 四.1", "recognised_key_industry": "S1 四.2", "expert_score": "委员会"}

LEFT = (State.WITHDRAWN, State.REJECTED)


@dataclass
class BoardRow:
    """One line of the list, as a page shows it. `why` says why it stands after the line before it."""

    row: ShortlistRow
    facts: Row
    expert_part: Fraction | None
    vote_part: Fraction | None
    why: tuple[Sentence, ...] = ()
    is_cut: bool = False

    @property
    def added(self) -> ShortlistAddition | None:
        """What brought it onto the list after the draw."""
        return getattr(self.row, "addition", None)

    @property
    def left(self) -> bool:
        """On the list, and out of the selection since."""
        listed = self.row.shortlisted or self.added is not None
        return listed and self.row.nomination.state in LEFT

    @property
    def exact(self) -> str:
        """The composite as it is ranked."""
        return exact_text(self.row.composite)

    @property
    def tie_word(self) -> str:
        return TIE_WORDS.get(self.row.tie, "")

    @property
    def tie_clause(self) -> str:
        return TIE_CLAUSES.get(self.row.tie, "")


@dataclass
class Board:
    shortlist: Shortlist
    rules: Rules
    lines: list[BoardRow] = field(default_factory=list)
    steps: tuple[str, ...] = STEPS

    @property
    def reviewed(self) -> bool:
        """Whether there are expert scores."""
        return "review" in self.steps

    @property
    def voted(self) -> bool:
        """Whether there are votes."""
        return "voting" in self.steps

    @property
    def supposable(self) -> bool:
        """Whether there is a weight, a ratio or a case of the poll to ask "what if" about."""
        return self.voted or self.inspected

    @property
    def inspected(self) -> bool:
        """Whether those above the cut are to be visited; else the cut is at the seats."""
        return self.rules.inspected

    @property
    def chosen(self) -> list[BoardRow]:
        return [line for line in self.lines if line.row.shortlisted]

    @property
    def left_out(self) -> list[BoardRow]:
        return [line for line in self.lines if not line.row.shortlisted]

    @property
    def cut(self) -> tuple[Sentence, ...]:
        """Why the last one in and not the first one out; nothing where all are in."""
        if not self.chosen or not self.left_out:
            return ()
        return self.between(self.chosen[-1], self.left_out[0])

    def between(self, one: BoardRow, other: BoardRow) -> tuple[Sentence, ...]:
        """Why one of any two stands before the other, in words; 前者 is the better of the two."""
        first, second = (one, other) if one.row.rank <= other.row.rank else (other, one)
        headings = _HEADINGS if self.rules.inspected else _HEADINGS_OF_SEATS
        heading = sentence(
            headings[first.row.rank == second.row.rank, first.row.shortlisted, second.row.shortlisted],
            last=first.row.rank,
            last_name=str(first.row.nomination),
            first=second.row.rank,
            first_name=str(second.row.nomination),
        )
        return (heading, *explain(first.facts, second.facts, self.rules))


_BOTH_IN = N_("第 {last} 名“{last_name}”（前者）和第 {first} 名“{first_name}”（后者）都列入，前者在前。")
_BOTH_OUT = N_("第 {last} 名“{last_name}”（前者）和第 {first} 名“{first_name}”（后者）都没有列入，前者在前。")
_CUT = N_("第 {last} 名“{last_name}”（前者）列入，第 {first} 名“{first_name}”（后者）没有列入。")
_EQUAL = N_("“{last_name}”和“{first_name}”名次相同，去留也相同。")
_EQUAL_IN_RANK = N_("“{last_name}”和“{first_name}”名次相同。")
#: By whether the ranks are equal, the first is in, the second is in.
_HEADINGS = {
    (False, True, True): _BOTH_IN,
    (False, True, False): _CUT,
    (False, False, False): _BOTH_OUT,
    (True, True, True): _EQUAL,
    (True, False, False): _EQUAL,
}
_HEADINGS_OF_SEATS = {
    (False, True, True): N_(
        "第 {last} 名“{last_name}”（前者）和第 {first} 名“{first_name}”（后者）都在名额以内，前者在前。"
    ),
    (False, True, False): N_(
        "第 {last} 名“{last_name}”（前者）在名额以内，第 {first} 名“{first_name}”（后者）是候补。"
    ),
    (False, False, False): N_(
        "第 {last} 名“{last_name}”（前者）和第 {first} 名“{first_name}”（后者）都是候补，前者在前。"
    ),
    (True, True, True): _EQUAL_IN_RANK,
    (True, False, False): _EQUAL_IN_RANK,
}


def board_of(shortlist: Shortlist) -> Board:
    """The drawn list with its reasons, from the sealed file and the stored rows; one query."""
    settings = resultform.read(shortlist.sealed).settings
    rules = settings.rules
    facts = {each["id"]: each for each in shortlist.sealed["nominations"]}
    rows = shortlist.rows.select_related(
        "nomination__enterprise", "nomination__recommender", "addition__instead_of"
    ).order_by("rank", "nomination__subject_key")
    lines = []
    for row in rows:
        known = facts[row.nomination_id]
        lines.append(
            BoardRow(
                row,
                _row(row, known),
                _part(rules.expert_weight, row.expert_score),
                _part(rules.vote_weight, row.vote_score),
            )
        )
    for before, after in pairwise(lines):
        after.why = explain(before.facts, after.facts, rules)
        before.is_cut = before.row.shortlisted and not after.row.shortlisted
    return Board(shortlist, rules, lines, settings.steps)


def _part(weight: Fraction, score: Fraction | None) -> Fraction | None:
    return None if score is None else weight * score / 100


def _row(row: ShortlistRow, known: dict) -> Row:
    return Row(
        id=row.nomination_id,
        rank=row.rank,
        expert_score=row.expert_score,
        vote_score=row.vote_score,
        composite=row.composite,
        shortlisted=row.shortlisted,
        tie=row.tie or None,
        private=known["private"],
        recognised_key_industry=known["recognised_key_industry"],
        picks=row.picks,
    )


def recompute(shortlist: Shortlist) -> list:
    """Compute the sealed file again from itself alone, and compare the stored rows with it.

    The differences; none when everything is what it says.
    """
    differences = resultfile.verify(shortlist.sealed, shortlist.key_name)
    if differences:
        return differences
    told = {row["id"]: row for row in shortlist.sealed["result"]["rows"]}
    rows = list(shortlist.rows.select_related("nomination"))
    for row in rows:
        right = told.get(row.nomination_id)
        held = (
            row.rank,
            resultfile.fraction_or_none(row.expert_score),
            resultfile.fraction_or_none(row.vote_score),
            resultfile.fraction_text(row.composite),
            row.shortlisted,
            row.tie or None,
        )
        names = ("rank", "expert_score", "vote_score", "composite", "shortlisted", "tie")
        if right is None or held != tuple(right[name] for name in names):
            differences.append(
                resultfile.Difference(
                    N_("“{name}”在数据库中的一行与结果文件不符。"), name=str(row.nomination)
                )
            )
    if len(rows) != len(told):
        differences.append(
            resultfile.Difference(
                N_("数据库中有 {found} 行，结果文件有 {told} 行。"), found=len(rows), told=len(told)
            )
        )
    if shortlist.digest != shortlist.sealed["sha256"]:
        differences.append(resultfile.Difference(N_("数据库中的摘要与结果文件的摘要不符。")))
    if shortlist.signature != shortlist.sealed.get("signature", {}).get("value", ""):
        differences.append(resultfile.Difference(N_("数据库中的签名与结果文件的签名不符。")))
    return differences

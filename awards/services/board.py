"""The list that explains itself: each row with its parts, its place and the reason why, and the cut."""

from dataclasses import dataclass, field
from itertools import pairwise

from awards import resultfile, resultform
from awards.models import Shortlist, ShortlistRow
from awards.rules import EQUAL, Row, Rules, explain
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


@dataclass
class BoardRow:
    """One line of the list, as a page shows it. `why` says why it stands after the line before it."""

    row: ShortlistRow
    facts: Row
    expert_part: object
    vote_part: object
    why: tuple[Sentence, ...] = ()
    is_cut: bool = False

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
        last, first = self.chosen[-1], self.left_out[0]
        heading = sentence(
            "第 {last} 名“{last_name}”（前者）列入，第 {first} 名“{first_name}”（后者）没有列入。",
            last=last.row.rank,
            last_name=str(last.row.nomination),
            first=first.row.rank,
            first_name=str(first.row.nomination),
        )
        return (heading, *explain(last.facts, first.facts, self.rules))


def board_of(shortlist: Shortlist) -> Board:
    """The drawn list with its reasons, from the sealed file and the stored rows; three queries."""
    rules = resultform.read(shortlist.sealed).settings.rules
    facts = {each["id"]: each for each in shortlist.sealed["nominations"]}
    rows = shortlist.rows.select_related("nomination__enterprise", "nomination__recommender").order_by(
        "rank", "nomination__subject_key"
    )
    lines = []
    for row in rows:
        known = facts[row.nomination_id]
        lines.append(
            BoardRow(
                row,
                _row(row, known),
                rules.expert_weight * row.expert_score / 100,
                rules.vote_weight * row.vote_score / 100,
            )
        )
    for before, after in pairwise(lines):
        after.why = explain(before.facts, after.facts, rules)
        before.is_cut = before.row.shortlisted and not after.row.shortlisted
    return Board(shortlist, rules, lines)


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
            resultfile.fraction_text(row.expert_score),
            resultfile.fraction_text(row.vote_score),
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

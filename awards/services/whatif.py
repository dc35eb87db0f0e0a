"""What the list would be with other rules or other ballots: asked, shown, never kept.

All of it runs where the database itself refuses every write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction

from django.db import connection, transaction

from awards import resultfile, resultform
from awards.resultform import Entry, Settings
from awards.rules import Row, Rules, Shortlist
from awards.services.shortlisting import drawn
from nominations.models import Edition
from portal.errors import Refused
from portal.sentences import Sentence
from voting.models import Case, Poll
from voting.services import casewise


@dataclass(frozen=True)
class Line:
    """One enterprise as the list was drawn and as it would be."""

    id: int
    name: str
    before: Row
    after: Row

    @property
    def comes_in(self) -> bool:
        return self.after.shortlisted and not self.before.shortlisted

    @property
    def goes_out(self) -> bool:
        return self.before.shortlisted and not self.after.shortlisted

    @property
    def climbs(self) -> int:
        """Places gained; below zero: lost."""
        return self.before.rank - self.after.rank

    @property
    def falls(self) -> int:
        return -self.climbs


@dataclass(frozen=True)
class WhatIf:
    """The list that would be, by rank; `drawn_by` are the rules it was drawn by, `rules` those supposed."""

    rules: Rules
    drawn_by: Rules
    drawn_size: int
    size: int
    grew_by: int
    warning: Sentence | None
    lines: tuple[Line, ...]

    @property
    def moved(self) -> list[Line]:
        """Who would come in, then who would go out."""
        return [line for line in self.lines if line.comes_in] + [line for line in self.lines if line.goes_out]


@contextmanager
def looking_only() -> Iterator[None]:
    """In here PostgreSQL refuses INSERT, UPDATE, DELETE and locks; at the end all is rolled back besides."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)


def of(
    edition: Edition,
    *,
    weights: tuple | None = None,
    ratio=None,
    without: Case | None = None,
    with_: Case | None = None,
) -> WhatIf:
    """The drawn list of an edition as it would be.

    `weights`: expert and vote, of 100. `without`: an approved case of the poll as if it had not been;
    `with_`: a declined one as if it had been approved. What is not given stays as it was; of an edition that
    leaves steps out, weights are supposed only where both parts are there, and a ratio where it inspects.
    """
    with looking_only():
        form = resultform.read(drawn(edition).sealed)
        drawn_by = form.settings.rules
        _refuse_unasked(form.settings, weights, ratio)
        rules = _supposed(drawn_by, weights, ratio)
        entries = _counted_again(edition, form.entries, without, with_)
        before = resultfile.outcome(form.entries, form.settings)
        after = resultfile.outcome(entries, replace(form.settings, rules=rules))
        return _compared(drawn_by, rules, before, after, {each.id: each.enterprise for each in entries})


def _refuse_unasked(settings: Settings, weights, ratio) -> None:
    if weights is not None and not (settings.has("review") and settings.has("voting")):
        raise Refused("本届只按一项得分排序，不能试算权重。")
    if ratio is not None and not settings.rules.inspected:
        raise Refused("本届不设差额考察，不能试算考察数与名额之比。")


def _supposed(rules: Rules, weights, ratio) -> Rules:
    if weights is not None:
        expert, vote = weights
        rules = replace(rules, expert_weight=Fraction(expert), vote_weight=Fraction(vote))
    return rules if ratio is None else replace(rules, ratio=Fraction(ratio))


def _counted_again(edition, entries: tuple[Entry, ...], without, with_) -> tuple[Entry, ...]:
    if without is None and with_ is None:
        return entries
    if without is not None and with_ is not None:
        raise Refused("一次只能改变一案，请只选择一案。")
    poll = Poll.objects.filter(edition=edition).first()
    if poll is None:
        raise Refused("本届没有可以重新计票的投票记录，不能按案试算。")
    numbers = dict(poll.candidates.values_list("nomination_id", "number"))
    counted = casewise.recounted(poll)
    if any(counted.get(numbers.get(each.id)) != each.picks for each in entries):
        raise Refused("现有选票与冻结的计票不符，请停止办理并请监督人员核查留痕记录。")
    picks = casewise.picks_with(poll, with_) if without is None else casewise.picks_without(poll, without)
    return tuple(replace(each, picks=picks[numbers[each.id]]) for each in entries)


def _compared(drawn_by, rules, before: Shortlist, after: Shortlist, names) -> WhatIf:
    was = {row.id: row for row in before.rows}
    lines = sorted(
        (Line(row.id, names[row.id], was[row.id], row) for row in after.rows),
        key=lambda line: (line.after.rank, line.before.rank, line.name),
    )
    return WhatIf(rules, drawn_by, before.size, after.size, after.grew_by, after.warning, tuple(lines))

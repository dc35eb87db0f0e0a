"""专家评分表 that came back, looked through: what changes, what clashes, and which sheets are closed."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.core.exceptions import PermissionDenied

from nominations import subjects
from nominations.models import Edition, Handout
from nominations.services import keeping
from nominations.states import State, StepKind
from portal.errors import N_
from portal.models import Membership, Role
from portal.roundtrip import YOURS, Cell, compare, digest
from portal.sentences import Sentence, sentence
from portal.workbook import HIDDEN, CellError, WorkbookRefused, as_text, name_key, read, token_of
from portal.workbook.problems import refuse_file
from review.models import Assignment
from review.services.score_columns import TITLE, TOTAL, answer_keys, columns_of, texts_of


@dataclass
class SheetRow:
    """One row of the file. `kind`: changed, conflict, same (asks for nothing), closed."""

    number: int
    key: str
    name: str
    kind: str
    assignment: Assignment | None
    version: int = 0
    cells: tuple[Cell, ...] = ()
    reason: Sentence | None = None


@dataclass
class SheetsDiff:
    """What a file would do. With errors it does nothing at all."""

    rows: list[SheetRow]
    titles: dict[str, str]  # column key → heading
    errors: list[CellError] = field(default_factory=list)
    notices: list[Sentence] = field(default_factory=list)
    sha256: str = ""
    handout: Handout | None = None
    absent: int = 0  # rows that went out and are not in the file: nothing happens to them

    def of(self, kind: str) -> list[SheetRow]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def asked(self) -> list[SheetRow]:
        """The rows that would write something, whichever side is chosen."""
        return [row for row in self.rows if row.kind in ("changed", "conflict")]

    @cached_property
    def digest(self) -> str:
        return digest(
            [
                self.sha256,
                [
                    [row.key, row.kind, [[c.column, c.now, c.yours, c.clash] for c in row.cells]]
                    for row in self.rows
                ],
            ]
        )


def read_sheets(edition: Edition, file, *, by: Membership, now: datetime) -> SheetsDiff:
    """Look a file through as the world is now; of another's nothing is said but that it is not one's own.

    Raises `WorkbookRefused` when no row can be read; errors of single cells are in `SheetsDiff.errors`.
    """
    if by.role != Role.EXPERT:
        raise PermissionDenied
    data = keeping.bytes_of(file)
    token = token_of(data)
    if not token:
        raise refuse_file(N_("这不是从这里下载的评分表"), N_("请在本页下载评分表填写后上传"))
    diff = _Reading(edition, _handout(edition, token, by), by).diff(data)
    diff.sha256 = hashlib.sha256(data).hexdigest()
    return diff


def chosen_cells(diff: SheetsDiff, side: str = YOURS) -> dict:
    """The choices for all conflicts at once, as `apply_sheets` takes them."""
    cells = {row.key: {c.column: side for c in row.cells if c.clash} for row in diff.of("conflict")}
    return {"digest": diff.digest, "cells": cells}


def mine_of(edition: Edition, hat: Membership):
    """This expert's own tasks in an edition, with all that a row is made of."""
    return (
        Assignment.objects.visible_to(hat)
        .filter(nomination__edition=edition)
        .with_barred()
        .select_related("nomination__enterprise", "nomination__recommender", "member", "sheet", "recusal")
        .prefetch_related("sheet__scores")
        .order_by("nomination__subject_key")
    )


def why_closed(assignment: Assignment | None, closed: bool) -> Sentence | None:
    """Why nothing more is written on a sheet; None while it is."""
    if assignment is None:
        return sentence(N_("这一家已不再由您评审，不会写入。"))
    if hasattr(assignment, "recusal"):
        return sentence(N_("已办理回避，不会写入。"))
    if assignment.barred:
        return sentence(N_("已认定须回避，不会写入。"))
    sheet = getattr(assignment, "sheet", None)
    if sheet and sheet.submitted_at:
        return sentence(N_("评分表已经提交，不能再改。"))
    if closed or assignment.nomination.state != State.REVIEW:
        return sentence(N_("已不在专家评审环节，不会写入。"))
    if not assignment.declared_at:
        return sentence(N_("还没有声明有无回避情形，不会写入。"))
    return None


class _Reading:
    """A file that went out from here, row by row against the sheets as they are now."""

    def __init__(self, edition, handout, by):
        self.handout = handout
        self.dimensions = list(edition.dimensions.all())
        self.closed = edition.step(StepKind.REVIEW).closed_at is not None
        self.columns = {each.key: each for each in columns_of(edition, self.dimensions)}
        self.who = subjects.KEY if subjects.KEY in self.columns else "name"
        self.keys = answer_keys(self.dimensions)
        self.mine = {str(each.pk): each for each in mine_of(edition, by)}

    def diff(self, data) -> SheetsDiff:
        self.sheet = read(
            data,
            [*HIDDEN, *self.columns.values()],
            title=TITLE,
            allow_empty=True,
            partial=True,
        )
        if {column.key for column in HIDDEN} - self.sheet.letters.keys():
            raise refuse_file(
                N_("表格里隐藏的“行标识”或“版本”一栏不见了"), N_("请重新下载评分表，把内容抄过去后上传")
            )
        # What the workbook added up is looked at by nobody.
        self.sheet.errors = [each for each in self.sheet.errors if each.column_name != TOTAL.name]
        found, seen = [], {}
        for row in self.sheet:
            key = row["key"] or ""
            if key in seen:
                self.sheet.error(
                    row,
                    None,
                    N_("这一行与第 {row} 行是同一家（复制来的）"),
                    N_("请只保留一行"),
                    row=seen[key],
                )
            elif self._is_known(row):
                seen[key] = row.number
                found.append(self._row(row))
        return SheetsDiff(
            rows=found,
            titles={key: self.columns[key].name for key in self.keys},
            errors=WorkbookRefused(self.sheet.errors).errors,
            notices=self.sheet.notices,
            handout=self.handout,
            absent=len(self.handout.rows.keys() - seen.keys()),
        )

    def _is_known(self, row) -> bool:
        went_out = self.handout.rows.get(row["key"] or "")
        if went_out is None:
            self.sheet.error(
                row, None, N_("这一行不是下载时就有的"), N_("请删除这一行；要评别的企业，请重新下载评分表")
            )
            return False
        if row["version"] != went_out["version"]:
            self.sheet.error(row, None, N_("这一行隐藏的版本被改动过"), N_("请重新下载评分表，把内容抄过去"))
            return False
        code, name = went_out["fixed"]
        if (row["credit_code"] or code) != code or name_key(row[self.who] or name) != name_key(name):
            self.sheet.error(
                row,
                None,
                N_("企业与这一行隐藏的标识对不上，可能排序时没有带上隐藏的列"),
                N_("应为 {code} {name}；请重新下载评分表，把内容抄过去"),
                code=code,
                name=name,
            )
            return False
        return True

    def _row(self, row) -> SheetRow:
        went_out, assignment = self.handout.rows[row["key"]], self.mine.get(row["key"])
        own = getattr(assignment, "sheet", None) if assignment else None
        one = SheetRow(
            row.number, row["key"], went_out["fixed"][1], "same", assignment, own.version if own else 0
        )
        base = {key: went_out["values"].get(key, "") for key in self.keys}
        yours = {key: as_text(self.columns[key], row[key]) for key in self.keys if key in self.sheet.letters}
        reason = why_closed(assignment, self.closed)
        now = texts_of(assignment, self.dimensions) if assignment else base
        one.cells = compare(base, now, yours)
        if not one.cells:
            return one
        if reason is not None:
            one.kind, one.reason = "closed", reason
        else:
            one.kind = "conflict" if any(cell.clash for cell in one.cells) else "changed"
        return one


def _handout(edition, token, by) -> Handout:
    """The hand-out a file goes back to. Another expert's is not told from one that never was."""
    handout = Handout.objects.filter(
        token=token,
        edition=edition,
        kind=Handout.Kind.SCORES,
        issued_to__user=by.user_id,
        issued_to__role=Role.EXPERT,
    ).first()
    if handout is None:
        raise refuse_file(
            N_("这份评分表不是您从本届下载的"), N_("请在本页重新下载评分表，把内容抄过去后上传")
        )
    return handout

"""A 部门意见表 that came back, looked through: what is new, changed, in conflict, and what stays as it is."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils.timezone import localdate

from nominations import subjects
from nominations.models import Edition, Handout, Nomination
from nominations.services import keeping
from portal.errors import N_
from portal.models import Membership, Role
from portal.roundtrip import YOURS, Cell, compare, digest
from portal.sentences import Sentence, sentence
from portal.workbook import HIDDEN, CellError, Column, WorkbookRefused, as_text, name_key, read, token_of
from portal.workbook.problems import refuse_file
from review.models import Consultation, Opinion
from review.services.opinion_lists import MAX_ROWS, check_reply, columns, read_list, reply_of
from review.services.opinions import Reply, require_answering
from review.services.standing import cells_of

TITLE = "部门意见表"
FIXED = ("serial", "department", "credit_code", "name", subjects.KEY, "item")
ANSWERED = ("answer", "explanation", "since", "looked_up_on")


def columns_of(edition: Edition) -> dict[str, Column]:
    """The columns of the form by their keys."""
    return {column.key: column for column in columns(edition, required=False)}


@dataclass
class AnswerRow:
    """One row of the file. `kind`: new, changed, conflict, same (asks for nothing), blank, closed."""

    number: int
    key: str
    nomination: Nomination
    question: Consultation
    kind: str
    reply: Reply | None = None
    cells: tuple[Cell, ...] = ()
    reason: Sentence | None = None


@dataclass
class AnswersDiff:
    """What a file would do. With errors it does nothing at all."""

    rows: list[AnswerRow]
    errors: list[CellError] = field(default_factory=list)
    notices: list[Sentence] = field(default_factory=list)
    sha256: str = ""
    handout: Handout | None = None
    absent: int = 0  # rows that went out and are not in the file: nothing happens to them

    def of(self, kind: str) -> list[AnswerRow]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def asked(self) -> list[AnswerRow]:
        """The rows that would write something, whichever side is chosen."""
        return [row for row in self.rows if row.kind in ("new", "changed", "conflict")]

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


def read_answers(edition: Edition, file, *, by: Membership, now: datetime) -> AnswersDiff:
    """Look a file through as the world is now."""
    require_answering(edition, by)
    data = keeping.bytes_of(file)
    sha256 = hashlib.sha256(data).hexdigest()
    token = token_of(data)
    diff = (
        _Reading(edition, _handout(edition, token, by), by, localdate(now)).diff(data)
        if token
        else _of_list(edition, data, by, now)
    )
    diff.sha256 = sha256
    return diff


def chosen_rows(diff: AnswersDiff, side: str = YOURS) -> dict:
    """The choices for all conflicts at once, as `apply_answers` takes them."""
    return {"digest": diff.digest, "cells": {row.key: {"*": side} for row in diff.of("conflict")}}


class _Reading:
    """A file that went out from here, row by row against what is asked now."""

    def __init__(self, edition, handout, by, today):
        self.handout, self.today = handout, today
        questions = edition.consultations.select_related("department", "edition")
        if by.role == Role.DEPARTMENT:
            questions = questions.filter(department=by.organisation)
        self.questions = {each.pk: each for each in questions}
        self.asked = asked_now(edition, list(self.questions.values()), today)
        self.nominations = edition.nominations.select_related("enterprise").in_bulk()
        self.columns = columns_of(edition)

    def diff(self, data) -> AnswersDiff:
        self.sheet = read(
            data,
            [*HIDDEN, *self.columns.values()],
            title=TITLE,
            max_rows=MAX_ROWS,
            allow_empty=True,
            partial=True,
        )
        _refuse_lost_keys(self.sheet)
        found, seen = [], {}
        for row in self.sheet:
            key = row["key"] or ""
            if key in seen:
                self.sheet.error(
                    row,
                    None,
                    N_("这一行与第 {row} 行是同一项（复制来的）"),
                    N_("请只保留一行"),
                    row=seen[key],
                )
            elif self._is_known(row):
                seen[key] = row.number
                if (one := self._row(row)) is not None:
                    found.append(one)
        return AnswersDiff(
            rows=found,
            errors=WorkbookRefused(self.sheet.errors).errors,
            notices=self.sheet.notices,
            handout=self.handout,
            absent=len(self.handout.rows.keys() - seen.keys()),
        )

    def _is_known(self, row) -> bool:
        went_out = self.handout.rows.get(row["key"] or "")
        if went_out is None:
            self.sheet.error(
                row, None, N_("这一行不是下载时就有的"), N_("请删除这一行；要答复别的企业，请重新下载表格")
            )
            return False
        if row["version"] != went_out["version"]:
            self.sheet.error(row, None, N_("这一行隐藏的版本被改动过"), N_("请重新下载表格，把答复抄过去"))
            return False
        code, item, *name = went_out["fixed"]
        pairs = [(row["item"], item), *((row[subjects.KEY], each) for each in name)]
        same = all(name_key(found or went) == name_key(went) for found, went in pairs)
        if (row["credit_code"] or code) != code or not same:
            self.sheet.error(
                row,
                None,
                N_("企业或核查项与这一行隐藏的标识对不上，可能排序时没有带上隐藏的列"),
                N_("应为 {code} {item}；请重新下载表格，把答复抄过去"),
                code=code,
                item=item,
            )
            return False
        return True

    def _row(self, row) -> AnswerRow | None:
        nomination, question = (int(part) for part in row["key"].split("-"))
        nomination, question = self.nominations.get(nomination), self.questions.get(question)
        if nomination is None or question is None:
            self.sheet.error(row, None, N_("这一项已不再征求意见"), N_("请删除这一行"))
            return None
        one = AnswerRow(row.number, row["key"], nomination, question, "same")
        base = {key: self.handout.rows[row["key"]]["values"][key] for key in ANSWERED}
        if not row["answer"]:
            if any(as_text(self.columns[key], row[key]) != base[key] and row[key] for key in ANSWERED[1:3]):
                self.sheet.error(
                    row, "answer", N_("填了说明，却没有选结果"), N_("请选择结果，或清空这一行的说明和日期")
                )
            one.kind = "blank"
            return one
        yours = {key: as_text(self.columns[key], row[key]) for key in ANSWERED if key in self.sheet.letters}
        if row["answer"] != Opinion.Answer.PROBLEM and "since" in yours:
            yours["since"] = ""
        asked = self.asked.get(row["key"])
        now = now_texts(asked[0], self.columns) if asked else base
        one.cells = compare(base, now, yours, together=True)
        if not one.cells:
            return one
        if asked is None:
            one.kind, one.reason = "closed", _why_closed(nomination)
            return one
        check_reply(self.sheet, row, self.today)
        if not row["looked_up_on"]:
            self.sheet.error(row, "looked_up_on", N_("没有填写"), N_("请填写实际查询的日期"))
        opinion = asked[0].opinion
        one.reply = reply_of(row, opinion.version if opinion else 0)
        clash = any(cell.clash for cell in one.cells)
        one.kind = "conflict" if clash else "changed" if now["answer"] else "new"
        return one


def _of_list(edition, data, by, now) -> AnswersDiff:
    """A hand-made list: nothing is known of when it was begun, so what it says replaces what is there."""
    rows, notices = read_list(edition, data, by=by, now=now)
    questions = {question.pk: question for _number, _nomination, question, _reply in rows}
    asked = asked_now(edition, list(questions.values()), localdate(now))
    found, heads = [], columns_of(edition)
    for number, nomination, question, reply in rows:
        key = f"{nomination.pk}-{question.pk}"
        cell = asked[key][0]
        before = now_texts(cell, heads)
        cells = compare(before, before, _texts(reply, heads))
        kind = "same" if not cells else "changed" if before["answer"] else "new"
        version = cell.opinion.version if cell.opinion else 0
        reply = Reply(reply.answer, reply.explanation, reply.looked_up_on, version, reply.since)
        found.append(AnswerRow(number, key, nomination, question, kind, reply, cells))
    return AnswersDiff(rows=found, notices=notices)


def asked_now(edition, questions, today) -> dict:
    """Key of the row → (how the question stands, the nomination), in the order of the list."""
    cells = cells_of(edition, questions, today=today)
    nominations = (
        edition.nominations.filter(pk__in={each.nomination for each in cells})
        .select_related("enterprise")
        .order_by("recommender__position", "rank", "pk")
    )
    place = {each.pk: (n, each) for n, each in enumerate(nominations)}
    cells.sort(key=lambda each: (place[each.nomination][0], each.question.pk))
    return {f"{each.nomination}-{each.question.pk}": (each, place[each.nomination][1]) for each in cells}


def now_texts(cell, heads: dict[str, Column]) -> dict[str, str]:
    """What the record says; a question that is open again says nothing yet."""
    return _texts(None if cell.open else cell.opinion, heads)


def _texts(said, heads: dict[str, Column]) -> dict[str, str]:
    """An opinion or a reply, as the cells say it."""
    return {key: as_text(heads[key], getattr(said, key)) if said else "" for key in ANSWERED}


def _handout(edition, token, by) -> Handout:
    """The hand-out a file goes back to. Another's is not told from one that never was."""
    found = Handout.objects.filter(token=token, edition=edition, kind=Handout.Kind.ANSWERS)
    if by.role == Role.DEPARTMENT:
        found = found.filter(issued_to__organisation=by.organisation, issued_to__role=Role.DEPARTMENT)
    elif by.role != Role.OFFICE or by.organisation_id != edition.host_id:
        found = found.none()
    handout = found.first()
    if handout is None:
        raise refuse_file(
            N_("这份表格不是从本届的部门意见页面下载的"), N_("请在本页重新下载表格，把答复抄过去后上传")
        )
    return handout


def _refuse_lost_keys(sheet) -> None:
    if {column.key for column in HIDDEN} - sheet.letters.keys():
        raise refuse_file(
            N_("表格里隐藏的“行标识”或“版本”一栏不见了"), N_("请重新下载表格，把答复抄过去后上传")
        )


def _why_closed(nomination: Nomination) -> Sentence:
    return sentence(N_("现处于“{state}”环节，不再答复"), state=str(nomination.state_label))

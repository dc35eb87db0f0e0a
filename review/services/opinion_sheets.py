"""部门意见表 both ways: handed out with what was answered so far, brought back, looked through, applied.

    handout_answers(edition, department, out, *, by, now) -> Handout  writes the .xlsx to a binary file
    read_answers(edition, file, *, by, now) -> AnswersDiff            reads only; bytes, a path or an upload
    keep_answers(edition, file, *, by, now) -> IntakeFile             read, then kept until it is applied
    apply_answers(kept, *, by, now, choices) -> list[Opinion]         all of it or none, once

`by` is the hat that answers: a department's (also that of a consultee who came in by a link) or the office's.
No function needs a request. A file without a token is a hand-made 部门征求意见反馈汇总表 and is read by its
words. Raises `WorkbookRefused` when no row can be read; errors of single cells are in `AnswersDiff.errors`,
and with any of them nothing is applied.

`choices` is {"digest": AnswersDiff.digest of the preview, "cells": {row key: {"*": "yours" | "now"}}}: an
answer is one statement, so where the record moved meanwhile the whole row is chosen
(`portal.forms.DiffForm` asks for it). When the world is no longer what the digest saw, `apply_answers`
refuses and a fresh preview is due. A file of more than `keeping.AT_ONCE` rows (`keeping.is_large(kept)`) is
asked for by `keeping.ask_file(kept, by=, now=, choices=)` and applied by `review.tasks.apply_answers_file`;
`keeping.standing(kept)` says how far it is.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from nominations.models import Edition, Handout, IntakeFile, Nomination
from nominations.services import keeping
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from portal.roundtrip import YOURS, Cell, compare, digest, settle, unsettled
from portal.sentences import Sentence, sentence
from portal.workbook import (
    HIDDEN,
    CellError,
    WorkbookRefused,
    as_text,
    name_key,
    read,
    token_of,
    write_handout,
)
from portal.workbook.problems import refuse_file
from review.models import Consultation, Opinion
from review.rules import ITEM
from review.services.opinion_lists import MAX_ROWS, check_reply, columns, read_list, reply_of
from review.services.opinions import Reply, answer_all
from review.services.standing import cells_of

TITLE = "部门意见表"
FIXED = ("serial", "department", "credit_code", "name", "item")
ANSWERED = ("answer", "explanation", "since", "looked_up_on")
_COLUMN = {column.key: column for column in columns(required=False)}
GUIDE = (
    ("怎么填", "灰色各格是企业和核查项，不必改。每行选“结果”，填“查询日期”。"),
    ("结果", "无异议、有问题、无法核查，从下拉列表中选。留空就是还没有答复，上传后保持原样。"),
    ("说明", "结果不是“无异议”的必须写明：是什么问题，依据是什么。不超过 500 字。"),
    ("何时起", "有问题的，写明问题从哪一天开始；不清楚的留空。"),
    ("查询日期", "实际查询核实的日期，写成 2020-10-16 的样子，不晚于上传当天。"),
    ("怎么交", "存为 .xlsx 后在原页面上传。先看预览，确认后才写入；有一处填错，整份都不写入。"),
    ("可以放心的", "调整列宽、排序、筛选都不影响上传。请勿取消隐藏、改动隐藏的列。证明材料请在页面上传。"),
)


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


@transaction.atomic
def handout_answers(
    edition: Edition, department: Organisation, out, *, by: Membership, now: datetime
) -> Handout:
    """Write the department's workbook: every question it is asked now, with its answers so far."""
    questions = list(
        edition.consultations.filter(department=department).select_related("department", "edition")
    )
    if not questions:
        raise Refused("本届没有向{department}征求意见。", department=department.short_name)
    require(by, "review.answer", questions[0])
    asked = _asked_now(edition, questions, localdate(now))
    if not asked:
        raise Refused(
            "现在没有需要{department}答复的企业，办公室送出后再下载。", department=department.short_name
        )
    handout = Handout.objects.create(
        edition=edition,
        kind=Handout.Kind.ANSWERS,
        token=secrets.token_hex(16),
        issued_at=now,
        issued_to=by,
        rows={
            key: {
                "version": each.opinion.version if each.opinion else 0,
                "values": _now_texts(each),
                "fixed": [nomination.enterprise.credit_code, each.question.title_of_item],
            }
            for key, (each, nomination) in asked.items()
        },
    )
    audit.record("review.hand_out", handout, by=by, now=now, edition=edition, rows=len(asked))
    write_handout(
        out,
        f"{edition.title}{TITLE}",
        list(_COLUMN.values()),
        (_line(n, key, *pair) for n, (key, pair) in enumerate(asked.items(), start=1)),
        token=handout.token,
        guide=GUIDE,
        fixed=FIXED,
        subtitle=f"答复部门：{department.name}",
    )
    return handout


def read_answers(edition: Edition, file, *, by: Membership, now: datetime) -> AnswersDiff:
    """Look a file through as the world is now."""
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


@transaction.atomic
def keep_answers(edition: Edition, file, *, by: Membership, now: datetime) -> IntakeFile:
    """Keep a file whose cells can all be read until it is applied; raises `WorkbookRefused` otherwise."""
    diff = read_answers(edition, file, by=by, now=now)
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    return keeping.keep_file(
        edition,
        file,
        kind=IntakeFile.Kind.ANSWERS,
        sha256=diff.sha256,
        total=len(diff.asked),
        by=by,
        now=now,
        handout=diff.handout,
    )


@transaction.atomic
def apply_answers(
    kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None
) -> list[Opinion]:
    """Enter what the file says and the choices settle, all of it or none; the world is looked at again."""
    kept = keeping.require_kept(kept, by=by, now=now)
    choices = choices or {}
    with kept.file.open("rb") as stream:
        diff = read_answers(kept.edition, stream.read(), by=by, now=now)
    if diff.sha256 != kept.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    if choices.get("digest") != diff.digest:
        raise Refused(keeping.MOVED)
    chosen = choices.get("cells", {})
    if any(unsettled(row.cells, chosen.get(row.key, {})) for row in diff.rows):
        raise Refused("还有冲突的行没有选择用哪一份，请逐行选择后再导入。")
    replies = [
        (row.nomination.pk, row.question.pk, row.reply)
        for row in diff.asked
        if settle(row.cells, chosen.get(row.key, {}))
    ]
    if not replies:
        raise Refused("文件中没有可以导入的答复。")
    audit.record(
        "review.import_answers",
        kept,
        by=by,
        now=now,
        edition=kept.edition,
        sha256=kept.sha256,
        rows=len(replies),
        conflicts={row.key: chosen.get(row.key, {}) for row in diff.of("conflict")},
    )
    written = []
    for part in keeping.in_parts(kept, replies):
        written += answer_all(part, kept.edition, by=by, now=now)
    kept.choices = choices
    kept.save(update_fields=["choices"])
    keeping.mark_applied(kept, rows=len(written), now=now)
    return written


def run_answers(pk: int, *, now: datetime) -> bool:
    """Apply a large file that was asked for; see `keeping.run_file`."""
    return keeping.run_file(pk, apply_answers, now=now, event="review.import_answers", url=_url)


def _url(kept: IntakeFile) -> str:
    return reverse("review:answers_file", args=[kept.edition_id, kept.pk])


class _Reading:
    """A file that went out from here, row by row against what is asked now."""

    def __init__(self, edition, handout, by, today):
        self.handout, self.today = handout, today
        questions = edition.consultations.select_related("department", "edition")
        if by.role == Role.DEPARTMENT:
            questions = questions.filter(department=by.organisation)
        self.questions = {each.pk: each for each in questions}
        self.asked = _asked_now(edition, list(self.questions.values()), today)
        self.nominations = edition.nominations.select_related("enterprise").in_bulk()

    def diff(self, data) -> AnswersDiff:
        self.sheet = read(
            data,
            [*HIDDEN, *_COLUMN.values()],
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
        code, item = went_out["fixed"]
        if (row["credit_code"] or code) != code or name_key(row["item"] or item) != name_key(item):
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
            if any(as_text(_COLUMN[key], row[key]) != base[key] and row[key] for key in ANSWERED[1:3]):
                self.sheet.error(
                    row, "answer", N_("填了说明，却没有选结果"), N_("请选择结果，或清空这一行的说明和日期")
                )
            one.kind = "blank"
            return one
        yours = {key: as_text(_COLUMN[key], row[key]) for key in ANSWERED if key in self.sheet.letters}
        if row["answer"] != Opinion.Answer.PROBLEM and "since" in yours:
            yours["since"] = ""
        asked = self.asked.get(row["key"])
        now = _now_texts(asked[0]) if asked else base
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
    asked = _asked_now(edition, list(questions.values()), localdate(now))
    found = []
    for number, nomination, question, reply in rows:
        key = f"{nomination.pk}-{question.pk}"
        cell = asked[key][0]
        before = _now_texts(cell)
        cells = compare(before, before, _texts(reply))
        kind = "same" if not cells else "changed" if before["answer"] else "new"
        version = cell.opinion.version if cell.opinion else 0
        reply = Reply(reply.answer, reply.explanation, reply.looked_up_on, version, reply.since)
        found.append(AnswerRow(number, key, nomination, question, kind, reply, cells))
    return AnswersDiff(rows=found, notices=notices)


def _asked_now(edition, questions, today) -> dict:
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


def _now_texts(cell) -> dict[str, str]:
    """What the record says; a question that is open again says nothing yet."""
    return _texts(None if cell.open else cell.opinion)


def _texts(said) -> dict[str, str]:
    """An opinion or a reply, as the cells say it."""
    return {key: as_text(_COLUMN[key], getattr(said, key)) if said else "" for key in ANSWERED}


def _line(serial, key, cell, nomination) -> dict:
    word = {value: word for word, value in _COLUMN["answer"].options.items()}
    said = None if cell.open else cell.opinion
    return {
        "key": key,
        "version": cell.opinion.version if cell.opinion else 0,
        "serial": serial,
        "department": cell.question.department.short_name,
        "credit_code": nomination.enterprise.credit_code,
        "name": nomination.subject_name,
        "item": ITEM[cell.question.item].title,
        **{name: getattr(said, name) if said else None for name in ANSWERED[1:]},
        "answer": word[said.answer] if said else "",
    }


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


def chosen_rows(diff: AnswersDiff, side: str = YOURS) -> dict:
    """The choices for all conflicts at once, as `apply_answers` takes them."""
    return {"digest": diff.digest, "cells": {row.key: {"*": side} for row in diff.of("conflict")}}

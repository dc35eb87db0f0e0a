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

import secrets
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from nominations import subjects
from nominations.models import Edition, Handout, IntakeFile
from nominations.services import keeping
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from portal.roundtrip import settle, unsettled
from portal.workbook import WorkbookRefused, write_handout
from review.models import Opinion
from review.rules import ITEM
from review.services.opinion_reading import (
    ANSWERED,
    FIXED,
    TITLE,
    AnswerRow,
    AnswersDiff,
    asked_now,
    chosen_rows,
    columns_of,
    now_texts,
    read_answers,
)
from review.services.opinions import answer_all, hold

__all__ = [
    "AnswerRow",
    "AnswersDiff",
    "apply_answers",
    "chosen_rows",
    "handout_answers",
    "keep_answers",
    "read_answers",
    "run_answers",
]

GUIDE = (
    ("怎么填", "灰色各格是企业和核查项，不必改。每行选“结果”，填“查询日期”。"),
    ("结果", "无异议、有问题、无法核查，从下拉列表中选。留空就是还没有答复，上传后保持原样。"),
    ("说明", "结果不是“无异议”的必须写明：是什么问题，依据是什么。不超过 500 字。"),
    ("何时起", "有问题的，写明问题从哪一天开始；不清楚的留空。"),
    ("查询日期", "实际查询核实的日期，写成 2020-10-16 的样子，不晚于上传当天。"),
    ("怎么交", "存为 .xlsx 后在原页面上传。先看预览，确认后才写入；有一处填错，整份都不写入。"),
    ("可以放心的", "调整列宽、排序、筛选都不影响上传。请勿取消隐藏、改动隐藏的列。证明材料请在页面上传。"),
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
    asked = asked_now(edition, questions, localdate(now))
    if not asked:
        raise Refused(
            "现在没有需要{department}答复的企业，办公室送出后再下载。", department=department.short_name
        )
    heads = columns_of(edition)
    handout = Handout.objects.create(
        edition=edition,
        kind=Handout.Kind.ANSWERS,
        token=secrets.token_hex(16),
        issued_at=now,
        issued_to=by,
        rows={
            key: {
                "version": each.opinion.version if each.opinion else 0,
                "values": now_texts(each, heads),
                "fixed": [
                    nomination.enterprise.credit_code,
                    each.question.title_of_item,
                    *([nomination.subject_name] if subjects.KEY in heads else []),
                ],
            }
            for key, (each, nomination) in asked.items()
        },
    )
    audit.record("review.hand_out", handout, by=by, now=now, edition=edition, rows=len(asked))
    write_handout(
        out,
        f"{edition.title}{TITLE}",
        list(heads.values()),
        (_line(edition, heads, n, key, *pair) for n, (key, pair) in enumerate(asked.items(), start=1)),
        token=handout.token,
        guide=GUIDE,
        fixed=[key for key in FIXED if key in heads],
        subtitle=f"答复部门：{department.name}",
    )
    return handout


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
    hold(kept.edition, replies)
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


def _line(edition, heads, serial, key, cell, nomination) -> dict:
    word = {value: word for word, value in heads["answer"].options.items()}
    said = None if cell.open else cell.opinion
    return {
        "key": key,
        "version": cell.opinion.version if cell.opinion else 0,
        "serial": serial,
        "department": cell.question.department.short_name,
        **subjects.cells_of(edition, nomination),
        "item": ITEM[cell.question.item].title,
        **{name: getattr(said, name) if said else None for name in ANSWERED[1:]},
        "answer": word[said.answer] if said else "",
    }

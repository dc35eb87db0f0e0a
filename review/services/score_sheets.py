"""专家评分表 both ways: an expert's own sheets handed out, brought back by the expert, kept as drafts.

    handout_sheets(edition, out, *, by, now) -> Handout   writes the .xlsx to a binary file
    read_sheets(edition, file, *, by, now) -> SheetsDiff  (review.services.score_reading) reads only
    keep_sheets(edition, file, *, by, now) -> IntakeFile  read, then kept until it is applied
    apply_sheets(kept, *, by, now, choices) -> list[ScoreSheet]

`by` is the expert's own hat; nobody else has such a file or brings one. Nothing of another expert is in it.
`choices` is {"digest": SheetsDiff.digest, "cells": {row key: {column: "yours" | "now"}}}. Applied, all of it
or none and once, the file is drafts: handing in stays a deed of the expert on the screen.
"""

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from nominations import subjects
from nominations.models import Edition, Handout, IntakeFile
from nominations.services import keeping
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.permissions import require
from portal.roundtrip import settle, unsettled
from portal.workbook import WorkbookRefused, write_handout
from review.models import Assignment, ScoreSheet
from review.services.score_columns import (
    FIXED,
    TITLE,
    columns_of,
    formulas_of,
    given_of,
    guide_of,
    limits_of,
    row_of,
    texts_of,
)
from review.services.score_reading import mine_of, read_sheets, why_closed
from review.services.sheets import save_sheet


def to_score(edition: Edition, hat: Membership) -> list[Assignment]:
    """What this expert may still write on: own, declared, not recused, not handed in."""
    if hat.role != Role.EXPERT:
        return []
    closed = edition.step(StepKind.REVIEW).closed_at is not None
    return [each for each in mine_of(edition, hat) if why_closed(each, closed) is None]


@transaction.atomic
def handout_sheets(edition: Edition, out, *, by: Membership, now: datetime) -> Handout:
    """Write the expert's workbook: a row for each sheet not yet handed in, with what is on it so far."""
    if by.role != Role.EXPERT:
        raise PermissionDenied
    require_open(edition, StepKind.REVIEW)
    rows = to_score(edition, by)
    if not rows:
        raise Refused("现在没有可以离线评分的企业：先声明有无回避情形，还没有提交的才在表里。")
    for each in rows:
        require(by, "review.score_offline", each)
    dimensions = list(edition.dimensions.all())
    heads = columns_of(edition, dimensions)
    handout = Handout.objects.create(
        edition=edition,
        kind=Handout.Kind.SCORES,
        token=secrets.token_hex(16),
        issued_at=now,
        issued_to=by,
        rows={
            str(each.pk): {
                "version": _version(each),
                "values": texts_of(each, dimensions),
                "fixed": [each.nomination.enterprise.credit_code, each.nomination.subject_name],
            }
            for each in rows
        },
    )
    audit.record("review.hand_out_sheets", handout, by=by, now=now, edition=edition, rows=len(rows))
    write_handout(
        out,
        f"{edition.title}{TITLE}",
        heads,
        (_line(edition, serial, each, dimensions) for serial, each in enumerate(rows, start=1)),
        token=handout.token,
        guide=guide_of(edition, dimensions),
        fixed=[each.key for each in heads if each.key in FIXED],
        subtitle=f"专家：{rows[0].member.code} {by.user}",
        limits=limits_of(dimensions),
        formulas=formulas_of(dimensions),
    )
    return handout


@transaction.atomic
def keep_sheets(edition: Edition, file, *, by: Membership, now: datetime) -> IntakeFile:
    """Keep a file whose cells can all be read until it is applied; raises `WorkbookRefused` otherwise."""
    diff = read_sheets(edition, file, by=by, now=now)
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    return keeping.keep_file(
        edition,
        file,
        kind=IntakeFile.Kind.SCORES,
        sha256=diff.sha256,
        total=len(diff.asked),
        by=by,
        now=now,
        handout=diff.handout,
    )


@transaction.atomic
def apply_sheets(
    kept: IntakeFile, *, by: Membership, now: datetime, choices: dict | None = None
) -> list[ScoreSheet]:
    """Keep as drafts what the file says and the choices settle, all of it or none; the world is looked at
    again, and what was handed in, recused or saved since the preview stops it."""
    kept = keeping.require_kept(kept, by=by, now=now)
    choices = choices or {}
    require_open(kept.edition, StepKind.REVIEW)
    # The sheets stand still from here on, in one order for everybody.
    mine = Assignment.objects.visible_to(by).filter(nomination__edition=kept.edition_id)
    list(mine.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    with kept.file.open("rb") as stream:
        diff = read_sheets(kept.edition, stream.read(), by=by, now=now)
    if diff.sha256 != kept.sha256:
        raise Refused("文件与预览时的不是同一份，请重新上传。")
    if diff.errors:
        raise WorkbookRefused(diff.errors)
    if choices.get("digest") != diff.digest:
        raise Refused(keeping.MOVED)
    chosen = choices.get("cells", {})
    if any(unsettled(row.cells, chosen.get(row.key, {})) for row in diff.asked):
        raise Refused("还有冲突的格没有选择用哪一份，请逐格选择后再导入。")
    settled = [(row, settle(row.cells, chosen.get(row.key, {}))) for row in diff.asked]
    settled = [(row, keys) for row, keys in settled if keys]
    if not settled:
        raise Refused("文件中没有要写入的内容。")
    # Which cells, never what they say: a draft is the expert's own until it is handed in.
    audit.record(
        "review.score_offline",
        kept,
        by=by,
        now=now,
        edition=kept.edition,
        sha256=kept.sha256,
        rows=len(settled),
        conflicts={row.key: chosen.get(row.key, {}) for row in diff.of("conflict")},
    )
    dimensions = list(kept.edition.dimensions.all())
    written = []
    for row, keys in sorted(settled, key=lambda pair: int(pair[0].key)):
        require(by, "review.score_offline", row.assignment)
        yours = {cell.column: cell.yours for cell in row.cells if cell.column in keys}
        written.append(
            save_sheet(row.assignment, **given_of(yours, dimensions), version=row.version, by=by, now=now)
        )
    kept.choices = choices
    kept.save(update_fields=["choices"])
    keeping.mark_applied(kept, rows=len(written), now=now)
    return written


def _version(assignment: Assignment) -> int:
    sheet = getattr(assignment, "sheet", None)
    return sheet.version if sheet else 0


def _line(edition: Edition, serial: int, assignment: Assignment, dimensions) -> dict:
    nomination = assignment.nomination
    return row_of(assignment, dimensions) | {
        "key": str(assignment.pk),
        "version": _version(assignment),
        "serial": serial,
        **subjects.cells_of(edition, nomination),
        "recommender": nomination.recommender.name,
    }

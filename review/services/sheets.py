"""One sheet: kept while it is written, never written over, handed in whole."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from nominations.rules import normalise
from portal import audit
from portal.errors import Refused
from portal.figures import decimal_text
from portal.models import Membership, Role
from portal.permissions import require
from review import rules
from review.models import Assignment, Discussion, Score, ScoreSheet
from review.services.held import held, no_conflict, recusal_of, sheet_of

REMARK_MOST = 500
COMMENT_MOST = 2000


class Moved(Refused):
    """The sheet was saved elsewhere since the version in hand; nothing was written."""


@transaction.atomic
def save_sheet(
    assignment: Assignment,
    *,
    scores: Mapping[str, Decimal | str | None],
    comment: str | None = None,
    remarks: Mapping[str, str] | None = None,
    version: int,
    by: Membership,
    now: datetime,
) -> ScoreSheet:
    """Keep a draft: any of the dimensions, each a half point from 0 to 100. `version` 0 is the first.

    What is not given stays as it is. Saying again what stands is no change, whatever the version: an answer
    lost on the way may be asked for twice. Drafts are in the row history; the record gets the sheet when it
    is submitted.
    """
    require(by, "review.score", assignment)
    return _save(_writable(assignment, by, now), scores, comment, remarks, version, now)


@transaction.atomic
def submit_sheet(
    assignment: Assignment,
    *,
    version: int,
    by: Membership,
    now: datetime,
    scores: Mapping[str, Decimal | str | None] | None = None,
    comment: str | None = None,
    remarks: Mapping[str, str] | None = None,
) -> ScoreSheet:
    """Hand the sheet in: every dimension scored, and explained where the edition asks for it; nothing changes
    after. Without `scores`, as it was saved.

    The office enters what is signed on paper; what was not written there is not asked of it.
    """
    require(by, "review.score", assignment)
    row = _writable(assignment, by, now)
    if scores is not None:
        sheet = _save(row, scores, comment, remarks, version, now)
    else:
        sheet = sheet_of(row)
        _same_version(sheet, version)
    dimensions, edition = dimensions_of(row), row.nomination.edition
    points = points_of(sheet)
    titles = {code: each.name for code, each in dimensions.items()}
    rules.check_sheet(points, titles)
    if by.role == Role.EXPERT:
        rules.check_remarks(
            points, sheet.remarks, titles, below=edition.comment_below, above=edition.comment_above
        )
    sheet.submitted_at, sheet.version = now, sheet.version + 1
    sheet.save()
    weights = {code: each.weight for code, each in dimensions.items()}
    audit.record(
        "review.score",
        row,
        by=by,
        now=now,
        expert=row.member.code,
        scores={code: decimal_text(value) for code, value in sorted(points.items())},
        total=str(rules.sheet_total(points, weights)),
        comment=sheet.comment,
        remarks=sheet.remarks,
    )
    return sheet


def read_points(text: Decimal | str | None) -> Decimal | None:
    """Points as typed; blank is not scored yet."""
    if text is None or text == "":
        return None
    try:
        value = Decimal(normalise(text)) if isinstance(text, str) else Decimal(text)
    except InvalidOperation:
        raise Refused(
            "“{text}”不是分数，请填 0 到 100 之间的数字，可以有半分。", text=str(text)[:20]
        ) from None
    if not value.is_finite():
        raise Refused("“{text}”不是分数，请填 0 到 100 之间的数字，可以有半分。", text=str(text)[:20])
    return value


def dimensions_of(row: Assignment) -> dict:
    return {each.code: each for each in row.nomination.edition.dimensions.all()}


def points_of(sheet: ScoreSheet | None) -> dict[str, Decimal]:
    """By dimension, what is scored so far."""
    return {score.dimension.code: score.points for score in _scores(sheet)}


def content_of(sheet: ScoreSheet) -> dict:
    """What the sheet says, as plain values, to be kept beside it."""
    return {
        "scores": {code: decimal_text(value) for code, value in sorted(points_of(sheet).items())},
        "remarks": sheet.remarks,
        "comment": sheet.comment,
        "submitted_at": sheet.submitted_at.isoformat() if sheet.submitted_at else None,
        "version": sheet.version,
    }


def _writable(assignment, by, now) -> Assignment:
    row = held(assignment)
    name = row.nomination.subject_name
    if recusal_of(row):
        raise Refused("“{name}”已办理回避，不能评分。", name=name)
    no_conflict(row)
    if by.role == Role.EXPERT and not row.declared_at:
        raise Refused("请先声明与“{name}”有无回避情形，再评分。", name=name)
    sheet = sheet_of(row)
    if sheet and sheet.submitted_at:
        raise Refused("“{name}”的评分表已经提交，不能再修改。", name=name)
    if sheet and sheet.before_discussion:
        ends_at = Discussion.objects.get(edition=row.nomination.edition_id).ends_at
        if now >= ends_at:
            raise Refused("讨论轮已经结束，没有重新提交的，“{name}”按讨论前的评分计。", name=name)
    return row


def _save(row, scores, comment, remarks, version, now) -> ScoreSheet:
    dimensions = dimensions_of(row)
    points = {code: read_points(value) for code, value in scores.items()}
    given = {code: value for code, value in points.items() if value is not None}
    rules.check_sheet(given, {code: dimensions[code].name for code in given if code in dimensions})
    sheet = sheet_of(row)
    comment = (sheet.comment if sheet else "") if comment is None else comment.strip()[:COMMENT_MOST]
    kept = _remarks(sheet.remarks if sheet else {}, remarks or {}, dimensions)
    if sheet and _as_it_is(sheet, points, comment, kept):
        return sheet
    _same_version(sheet, version)
    sheet = sheet or ScoreSheet(assignment=row, version=0)
    sheet.comment, sheet.remarks, sheet.saved_at, sheet.version = comment, kept, now, sheet.version + 1
    sheet.save()
    row.sheet = sheet
    before = {score.dimension.code: score for score in _scores(sheet)}
    for code, value in points.items():
        score = before.get(code)
        if value is None:
            if score:
                score.delete()
        elif score is None:
            Score.objects.create(sheet=sheet, dimension=dimensions[code], points=value)
        elif score.points != value:
            score.points = value
            score.save()
    return sheet


def _remarks(there, given, dimensions) -> dict[str, str]:
    if extra := sorted(set(given) - set(dimensions)):
        raise Refused("评分表里没有“{name}”这一维度，请删去。", name=extra[0])
    merged = there | {code: text.strip()[:REMARK_MOST] for code, text in given.items()}
    return {code: text for code, text in sorted(merged.items()) if text}


def _as_it_is(sheet, points, comment, remarks) -> bool:
    stored = points_of(sheet)
    return (
        sheet.comment == comment
        and sheet.remarks == remarks
        and all(stored.get(code) == value for code, value in points.items())
    )


def _same_version(sheet, version) -> None:
    there = sheet.version if sheet else 0
    if version != there:
        raise Moved(
            "这份评分表已在另一个窗口或设备上保存过（第 {there} 版），您这里是第 {here} 版。"
            "您填写的内容没有保存，也没有丢失，请核对两份的不同之处。",
            there=there,
            here=version,
        )


def _scores(sheet) -> list[Score]:
    return list(sheet.scores.select_related("dimension")) if sheet else []

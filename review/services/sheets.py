"""The expert's own acts: declare or recuse, score, submit."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction

from nominations.rules import normalise
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.figures import decimal_text
from portal.models import Membership, Role
from portal.permissions import require
from review import rules
from review.models import Assignment, Recusal, Score, ScoreSheet
from review.services.conflicts import conflict_of, declared


def _held(assignment: Assignment) -> Assignment:
    """The row, locked, with what is needed to judge; refused when its nomination is not under review."""
    # Locked first and read after: what was joined while waiting would be what stood before the wait.
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    row = Assignment.objects.select_related("member__expert", "nomination__edition", "recusal", "sheet").get(
        pk=assignment.pk
    )
    require_open(row.nomination.edition, StepKind.REVIEW)
    if row.nomination.state != State.REVIEW:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再评审。",
            name=row.nomination.subject_name,
            state=str(row.nomination.state_label),
        )
    return row


def _no_conflict(row: Assignment) -> None:
    if conflict := conflict_of(row):
        raise Refused(
            "“{name}”已认定须回避（{reason}），不能评审。有不同意见的，请联系办公室。",
            name=row.nomination.subject_name,
            reason=conflict.reason,
        )


def _signed(signature: str, by: Membership) -> str:
    """委员会决定: a signature is one's own full name, typed out; the office signs for the paper it holds."""
    signature = signature.strip()[:60]
    if not signature:
        raise Refused("请签署姓名。")
    if by.role == Role.EXPERT and normalise(signature) != normalise(by.user.full_name):
        raise Refused("签名应为您本人的姓名“{name}”，请重新签署。", name=by.user.full_name)
    return signature


@transaction.atomic
def declare_clear(
    assignments: Iterable[Assignment], *, signature: str, by: Membership, now: datetime
) -> list[Assignment]:
    """State that nothing stands in the way, before the files are opened; one signature for those named."""
    rows = []
    for assignment in sorted(assignments, key=lambda each: each.pk):
        require(by, "review.declare", assignment)
        row = _held(assignment)
        if _recusal(row):
            raise Refused("您已回避“{name}”，不能再声明无回避情形。", name=row.nomination.subject_name)
        if row.declared_at:
            continue
        _no_conflict(row)
        row.declared_at, row.declared_signature = now, _signed(signature, by)
        row.save(update_fields=["declared_at", "declared_signature"])
        audit.record("review.declare", row, by=by, now=now, signature=row.declared_signature)
        rows.append(row)
    declared(rows, clear=True, reason="", by=by, now=now)
    return rows


@transaction.atomic
def recuse(
    assignment: Assignment,
    *,
    kind: str,
    signature: str = "",
    reason: str = "",
    by: Membership,
    now: datetime,
) -> Recusal:
    """Step aside from one nomination: a reason is all it asks, an expert's account signs for itself.

    A sheet that exists stays on file and counts no more. The work is given to another by `assigning.top_up`.
    """
    require(by, "review.recuse", assignment)
    row = _held(assignment)
    if _recusal(row):
        raise Refused("“{name}”已经办理回避，不需要再办。", name=row.nomination.subject_name)
    if kind not in Recusal.Kind.values:
        raise Refused("请选择回避事由。")
    if kind == Recusal.Kind.OTHER and not reason.strip():
        raise Refused("回避事由选“其他”的，请写明是什么关系。")
    if not signature.strip() and by.role == Role.EXPERT:
        signature = by.user.full_name
    recusal = Recusal.objects.create(
        assignment=row,
        kind=kind,
        reason=reason.strip()[:300],
        signature=_signed(signature, by),
        signed_at=now,
        signed_by=by,
    )
    audit.record(
        "review.recuse",
        row,
        by=by,
        now=now,
        kind=kind,
        reason=recusal.reason,
        signature=recusal.signature,
        sheet_set_aside=_sheet(row) is not None,
    )
    words = "，".join(part for part in (str(recusal.get_kind_display()), recusal.reason) if part)
    declared([row], clear=False, reason=words, by=by, now=now)
    return recusal


@transaction.atomic
def save_sheet(
    assignment: Assignment,
    *,
    scores: Mapping[str, Decimal | str | None],
    comment: str = "",
    version: int,
    by: Membership,
    now: datetime,
) -> ScoreSheet:
    """Keep a draft: any of the dimensions, each a half point from 0 to 100. `version` 0 is the first.

    Drafts are in the row history; the record gets the sheet when it is submitted.
    """
    require(by, "review.score", assignment)
    return _save(_writable(assignment, by), scores, comment, version, now)


@transaction.atomic
def submit_sheet(
    assignment: Assignment,
    *,
    version: int,
    by: Membership,
    now: datetime,
    scores: Mapping[str, Decimal | str | None] | None = None,
    comment: str = "",
) -> ScoreSheet:
    """Hand the sheet in: every dimension scored; nothing changes after. Without `scores`, as it was saved."""
    require(by, "review.score", assignment)
    row = _writable(assignment, by)
    if scores is not None:
        sheet = _save(row, scores, comment, version, now)
    else:
        sheet = _sheet(row)
        _same_version(sheet, version)
    dimensions = _dimensions(row)
    points = {score.dimension.code: score.points for score in _scores(sheet)} if sheet else {}
    rules.check_sheet(points, {code: each.name for code, each in dimensions.items()})
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


def _writable(assignment, by) -> Assignment:
    row = _held(assignment)
    name = row.nomination.subject_name
    if _recusal(row):
        raise Refused("“{name}”已办理回避，不能评分。", name=name)
    _no_conflict(row)
    if by.role == Role.EXPERT and not row.declared_at:
        raise Refused("请先声明与“{name}”有无回避情形，再评分。", name=name)
    sheet = _sheet(row)
    if sheet and sheet.submitted_at:
        raise Refused("“{name}”的评分表已经提交，不能再修改。", name=name)
    return row


def _save(row, scores, comment, version, now) -> ScoreSheet:
    dimensions = _dimensions(row)
    points = {code: read_points(value) for code, value in scores.items()}
    given = {code: value for code, value in points.items() if value is not None}
    rules.check_sheet(given, {code: dimensions[code].name for code in given if code in dimensions})
    sheet = _sheet(row)
    _same_version(sheet, version)
    if sheet and _as_it_is(sheet, points, comment):
        return sheet
    sheet = sheet or ScoreSheet(assignment=row, version=0)
    sheet.comment, sheet.saved_at, sheet.version = comment.strip()[:2000], now, sheet.version + 1
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


def _as_it_is(sheet, points, comment) -> bool:
    stored = {score.dimension.code: score.points for score in _scores(sheet)}
    return sheet.comment == comment.strip()[:2000] and all(
        stored.get(code) == value for code, value in points.items()
    )


def _same_version(sheet, version) -> None:
    there = sheet.version if sheet else 0
    if version != there:
        raise Refused(
            "这份评分表已在另一个窗口或设备上保存过（第 {there} 版），您这里是第 {here} 版。"
            "请先记下刚才填写的内容，刷新页面后再填。",
            there=there,
            here=version,
        )


def _dimensions(row) -> dict:
    return {each.code: each for each in row.nomination.edition.dimensions.all()}


def _scores(sheet) -> list[Score]:
    return list(sheet.scores.select_related("dimension")) if sheet else []


def _recusal(row):
    return getattr(row, "recusal", None)


def _sheet(row):
    return getattr(row, "sheet", None)

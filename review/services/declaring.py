"""Before the file is opened: the expert declares that nothing stands in the way, or steps aside."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from nominations.rules import normalise
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.permissions import require
from review.models import Assignment, Recusal
from review.services.conflicts import declared
from review.services.held import held, no_conflict, recusal_of, sheet_of


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
        row = held(assignment)
        if recusal_of(row):
            raise Refused("您已回避“{name}”，不能再声明无回避情形。", name=row.nomination.subject_name)
        if row.declared_at:
            continue
        no_conflict(row)
        row.declared_at, row.declared_signature = now, _signed(signature, by)
        row.save(update_fields=["declared_at", "declared_signature"])
        audit.record("review.declare", row, by=by, now=now, signature=row.declared_signature)
        rows.append(row)
    declared(rows, by, now, clear=True, reason="")
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
    row = held(assignment)
    if recusal_of(row):
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
        sheet_set_aside=sheet_of(row) is not None,
    )
    words = "，".join(part for part in (str(recusal.get_kind_display()), recusal.reason) if part)
    declared([row], by, now, clear=False, reason=words)
    return recusal

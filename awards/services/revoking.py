"""撤销命名: what is taken back, what becomes of the money, and what may then no longer be changed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from awards.models import Honour
from awards.services import registry
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@dataclass(frozen=True)
class Consequence:
    """The money of an honour taken back, in yuan: what was paid stays in the ledger, the rest stops."""

    paid: Decimal
    unpaid: Decimal
    unspent: Decimal


def consequence(honour: Honour) -> Consequence | None:
    """None where there is no grant."""
    grant = getattr(honour, "grant", None)
    if grant is None:
        return None
    paid = sum((row.amount for row in grant.disbursements.all()), Decimal("0.00"))
    spent = sum((row.amount for row in grant.expenses.all()), Decimal("0.00"))
    repaid = sum((row.amount for row in grant.repayments.all()), Decimal("0.00"))
    return Consequence(paid, grant.amount - paid, paid - spent - repaid)


@transaction.atomic
def revoke_honour(
    honour: Honour, *, reason: str, minute: str = "", decision: str = "", by: Membership, now: datetime
) -> Honour:
    """撤销命名: the honour stays in the registry, shown as revoked; whatever it was put forward for ends."""
    honour = locked(honour)
    require(by, "awards.revoke_honour", honour)
    refuse_revoked(honour)
    if not reason.strip():
        raise Refused("撤销命名须写明理由。")
    if not (minute.strip() or decision.strip()):
        raise Refused("请填写撤销命名的会议纪要文号或者决定文号。")
    honour.revoked_on, honour.revoked_reason = timezone.localdate(now), reason.strip()
    honour.revoked_minute, honour.revoked_decision = minute.strip(), decision.strip()
    honour.revoked_by = by
    honour.model_worker = honour.to_province = False
    honour.full_clean()
    honour.save()
    for promotion in honour.promotions.filter(ended_at__isnull=True):
        promotion.ended_at, promotion.ended_reason = now, f"命名已撤销：{honour.revoked_reason}"[:300]
        promotion.full_clean()
        promotion.save()
    registry.changed()
    money = consequence(honour)
    audit.record(
        "awards.revoke_honour",
        honour,
        by=by,
        now=now,
        reason=honour.revoked_reason,
        minute=honour.revoked_minute,
        decision=honour.revoked_decision,
        unpaid=money and money.unpaid,
        unspent=money and money.unspent,
    )
    return honour


def locked(honour):
    return (
        Honour.objects.select_for_update(of=("self",))
        .select_related("host", "enterprise", "nomination__edition")
        .get(pk=honour.pk)
    )


def refuse_revoked(honour):
    if honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不能再作修改。", name=honour.subject_name)

"""未用资金: given back, and the end of a grant."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from awards.models import Grant, GrantPlan, QuarterReport, Repayment
from awards.rules import money
from awards.services.grant_notes import enterprise_hats, note, tell
from awards.services.granting import check_day, check_reversible, locked, refuse_closed
from awards.services.ledger import balance, lines_of, undisbursed
from awards.services.receipts import read_receipt
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def repay(
    grant: Grant,
    *,
    amount: Decimal,
    paid_on: date,
    receipt: str,
    receipt_file=None,
    reason: str,
    by: Membership,
    now: datetime,
) -> Repayment:
    """Unused money goes back; never more than is unused from that day on."""
    grant = locked(grant)
    require(by, "awards.repay", grant)
    refuse_closed(grant)
    check_day(grant, paid_on, now)
    money.check_repayment(amount, money.lowest(lines_of(grant), since=paid_on))
    if not reason.strip():
        raise Refused("请写明退回的原因。")
    paper = read_receipt(receipt_file, receipt)
    row = Repayment(
        grant=grant,
        amount=amount,
        paid_on=paid_on,
        receipt=receipt.strip(),
        receipt_sha256=paper.sha256,
        reason=reason.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    row.receipt_file.save(paper.name, paper.content, save=False)
    row.full_clean()
    row.save()
    told = {"amount": amount, "paid_on": paid_on, "receipt": row.receipt, "sha256": paper.sha256}
    note("awards.repay", row, grant, by=by, now=now, **told, reason=row.reason)
    return row


@transaction.atomic
def reverse_repayment(repayment: Repayment, *, reason: str, by: Membership, now: datetime) -> Repayment:
    """冲正: a repayment entered wrongly, or one that came back; the money is unused again."""
    grant = locked(repayment.grant)
    require(by, "awards.repay", grant)
    refuse_closed(grant)
    given = Repayment.objects.get(pk=repayment.pk)
    check_reversible(given, reason)
    today = timezone.localdate(now)
    check_day(grant, today, now)
    row = Repayment(
        grant=grant,
        amount=-given.amount,
        paid_on=today,
        receipt=given.receipt,
        reverses=given,
        reason=reason.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    row.full_clean()
    row.save()
    note("awards.reverse_repayment", row, grant, by=by, now=now, amount=row.amount, reason=row.reason)
    return row


def obstacles(grant: Grant) -> list[Refused]:
    """What stands in the way of closing a grant, in sentences; nothing when it may be closed."""
    found = []
    if left := balance(grant):
        found.append(Refused("还有余额 {left} 元没有使用，请先登记支出或者退回。", left=left))
    if any(plan.state == GrantPlan.State.HANDED_IN for plan in grant.plans.all()):
        found.append(Refused("使用计划正在等待审核，请先审核。"))
    waiting = [row for row in grant.reports.all() if row.state != QuarterReport.State.REVIEWED]
    if waiting:
        found.append(Refused("有 {count} 份季度报告没有审核完，请先办完。", count=len(waiting)))
    return found


@transaction.atomic
def close_grant(grant: Grant, *, reason: str, by: Membership, now: datetime) -> Grant:
    """结清: nothing is left, everything is reported. What was not paid out is not paid any more."""
    grant = locked(grant)
    require(by, "awards.close_grant", grant)
    refuse_closed(grant)
    if not reason.strip():
        raise Refused("请写明结清的说明。")
    for obstacle in obstacles(grant):
        raise obstacle
    grant.closed_at, grant.closed_by, grant.closing_reason = now, by, reason.strip()
    grant.full_clean()
    grant.save(update_fields=["closed_at", "closed_by", "closing_reason"])
    left = undisbursed(grant)
    note("awards.close_grant", grant, grant, by=by, now=now, reason=grant.closing_reason, not_paid=left)
    tell(
        "awards.grant_closed",
        enterprise_hats(grant),
        grant,
        subject="资助资金已结清",
        body=grant.closing_reason,
        now=now,
    )
    return grant

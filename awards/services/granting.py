"""资助资金: paid out, spent in the named uses, taken back where wrong; exact to the fen, no day below zero.

Nothing is ever changed: what was wrong is taken back by another line, once. The row of the grant is the lock,
and the database checks again when the act is committed.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from awards.models import Disbursement, Expense, Grant, GrantPlan, Honour, PlanLine, Voucher
from awards.rules import money, quarters
from awards.services.grant_notes import note
from awards.services.ledger import balance, lines_of, reported_until, undisbursed
from awards.services.receipts import read_receipt, read_vouchers
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

__all__ = [
    "balance",
    "disburse",
    "locked",
    "record_expense",
    "reverse_disbursement",
    "reverse_expense",
    "undisbursed",
]


@transaction.atomic
def disburse(
    grant: Grant,
    *,
    amount: Decimal,
    paid_on: date,
    receipt: str,
    receipt_file=None,
    by: Membership,
    now: datetime,
) -> Disbursement:
    """Pay out part or all of a grant; never more than it is."""
    # A naming must not be revoked beside its payment.
    Honour.objects.select_for_update(of=("self",)).get(pk=grant.honour_id)
    grant = locked(grant)
    require(by, "awards.disburse", grant)
    refuse_closed(grant)
    if grant.honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不能再拨付。", name=grant.honour.subject_name)
    money.check_disbursement(amount, grant.amount, money.total(lines_of(grant), money.PAID))
    check_day(grant, paid_on, now)
    paper = read_receipt(receipt_file, receipt)
    row = Disbursement(
        grant=grant,
        amount=amount,
        paid_on=paid_on,
        receipt=receipt.strip(),
        receipt_sha256=paper.sha256,
        recorded_at=now,
        recorded_by=by,
    )
    row.receipt_file.save(paper.name, paper.content, save=False)
    _keep(row)
    told = {"amount": amount, "paid_on": paid_on, "receipt": row.receipt, "sha256": paper.sha256}
    note("awards.disburse", row, grant, by=by, now=now, **told)
    return row


@transaction.atomic
def reverse_disbursement(
    disbursement: Disbursement, *, reason: str, by: Membership, now: datetime
) -> Disbursement:
    """冲正: what the bank sent back or was entered wrongly; what of it is spent is taken back first."""
    grant = locked(disbursement.grant)
    require(by, "awards.disburse", grant)
    refuse_closed(grant)
    paid = Disbursement.objects.get(pk=disbursement.pk)
    check_reversible(paid, reason)
    today = timezone.localdate(now)
    check_day(grant, today, now)
    money.check_taking_back(lines_of(grant), money.Line(today, money.PAID, -paid.amount))
    row = Disbursement(
        grant=grant,
        amount=-paid.amount,
        paid_on=today,
        receipt=paid.receipt,
        reverses=paid,
        reason=reason.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    _keep(row)
    note("awards.reverse_disbursement", row, grant, by=by, now=now, amount=row.amount, reason=row.reason)
    return row


@transaction.atomic
def record_expense(
    grant: Grant,
    *,
    use: str,
    matter: str,
    explanation: str = "",
    amount: Decimal,
    spent_on: date,
    voucher: str,
    papers=(),
    plan_line: PlanLine | None = None,
    by: Membership,
    now: datetime,
) -> Expense:
    """Enter what was spent, within what had been paid out by then, with the papers that prove it."""
    grant = locked(grant)
    require(by, "awards.record_expense", grant)
    refuse_closed(grant)
    check_day(grant, spent_on, now)
    money.check_expense(amount, use, explanation, money.lowest(lines_of(grant), since=spent_on))
    if not matter.strip():
        raise Refused("请填写支出事项。")
    _refuse_other_plan(grant, use, plan_line)
    vouchers = read_vouchers(papers, voucher)
    row = Expense(
        grant=grant,
        use=use,
        matter=matter.strip(),
        explanation=explanation.strip(),
        amount=amount,
        spent_on=spent_on,
        voucher=voucher.strip(),
        plan_line=plan_line,
        recorded_at=now,
        recorded_by=by,
    )
    _keep(row)
    for paper in vouchers:
        kept = Voucher(expense=row, name=paper.name, sha256=paper.sha256, uploaded_at=now, uploaded_by=by)
        kept.file.save(paper.name, paper.content, save=False)
        _keep(kept)
    told = {"use": use, "matter": row.matter, "amount": amount, "spent_on": spent_on, "voucher": row.voucher}
    papers = [paper.sha256 for paper in vouchers]
    note("awards.record_expense", row, grant, by=by, now=now, **told, papers=papers)
    return row


@transaction.atomic
def reverse_expense(expense: Expense, *, reason: str, by: Membership, now: datetime) -> Expense:
    """冲销: a line is never changed; one that was wrong is taken back by another, once."""
    grant = locked(expense.grant)
    require(by, "awards.record_expense", grant)
    refuse_closed(grant)
    expense = Expense.objects.get(pk=expense.pk)
    check_reversible(expense, reason)
    today = timezone.localdate(now)
    check_day(grant, today, now)
    row = Expense(
        grant=grant,
        use=expense.use,
        matter=f"冲销：{expense.matter}"[:120],
        explanation=reason.strip(),
        amount=-expense.amount,
        spent_on=today,
        voucher=expense.voucher,
        plan_line_id=expense.plan_line_id,
        reverses=expense,
        recorded_at=now,
        recorded_by=by,
    )
    _keep(row)
    note("awards.reverse_expense", row, grant, by=by, now=now, amount=row.amount, reason=row.explanation)
    return row


def locked(grant) -> Grant:
    return (
        Grant.objects.select_for_update(of=("self",))
        .select_related("honour__enterprise", "honour__nomination__edition")
        .get(pk=grant.pk)
    )


def refuse_closed(grant: Grant) -> None:
    if grant.closed_at:
        raise Refused("“{name}”的资助资金已经结清，不能再登记收支。", name=grant.honour.subject_name)


def check_day(grant: Grant, day: date, now: datetime) -> None:
    """A line is of a day from the naming to today, and not of a quarter whose report was handed in."""
    if day > timezone.localdate(now):
        raise Refused("日期不能晚于今天，请核对。")
    if day < grant.honour.named_on:
        raise Refused("日期 {day} 早于命名日期 {named_on}，请核对。", day=day, named_on=grant.honour.named_on)
    quarters.check_open(day, reported_until(grant))


def check_reversible(row, reason: str) -> None:
    """委员会决定: a line is taken back with a reason, once, and what takes back stays."""
    if not reason.strip():
        raise Refused("请写明更正的理由。")
    if row.reverses_id:
        raise Refused("这一笔本身是冲销或冲正，不能再冲销；需要时请重新登记。")
    if type(row).objects.filter(reverses=row).exists():
        raise Refused("这一笔已经冲销或冲正，不能重复办理。")


def _refuse_other_plan(grant, use, line):
    if line is None:
        return
    if line.plan.grant_id != grant.pk or line.plan.state != GrantPlan.State.APPROVED:
        raise Refused("请选择已同意的使用计划中的事项。")
    if line.use != use:
        raise Refused(
            "计划事项“{matter}”的用途是“{use}”，与所选用途不一致，请核对。",
            matter=line.matter,
            use=line.get_use_display(),
        )


def _keep(row):
    row.full_clean()
    row.save()

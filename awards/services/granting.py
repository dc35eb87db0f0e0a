"""资助资金: paid out, spent in the named uses, reversed where wrong; exact to the fen, never below zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from awards import rules
from awards.models import Disbursement, Expense, Grant
from portal import audit, files
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write


def balance(grant: Grant) -> Decimal:
    """What was paid out and is not spent, in yuan."""
    return rules.balance(_amounts(grant.disbursements), _amounts(grant.expenses))


def undisbursed(grant: Grant) -> Decimal:
    return rules.balance([grant.amount], _amounts(grant.disbursements))


def _amounts(rows) -> list[Decimal]:
    return [row.amount for row in rows.all()]


def by_use(grant: Grant) -> list[tuple[str, Decimal]]:
    """What went into each of the uses, reversals taken off."""
    spent = {use: Decimal("0.00") for use in Expense.Use}
    for row in grant.expenses.all():
        spent[row.use] += row.amount
    return [(str(Expense.Use(use).label), amount) for use, amount in spent.items()]


@transaction.atomic
def disburse(
    grant: Grant, *, amount: Decimal, paid_on: date, receipt: str, by: Membership, now: datetime
) -> Disbursement:
    """Pay out part or all of a grant; never more than it is."""
    grant = _locked(grant)
    require(by, "awards.disburse", grant)
    if grant.honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不能再拨付。", name=grant.honour.enterprise.name)
    rules.check_disbursement(amount, grant.amount, _amounts(grant.disbursements))
    _refuse_future(paid_on, now)
    if not receipt.strip():
        raise Refused("请填写拨付回执号。")
    row = Disbursement(grant=grant, amount=amount, paid_on=paid_on, receipt=receipt.strip(), recorded_by=by)
    row.full_clean()
    row.save()
    _record("awards.disburse", row, grant, by, now, amount=amount, paid_on=paid_on, receipt=row.receipt)
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
    voucher_file=None,
    by: Membership,
    now: datetime,
) -> Expense:
    """Enter what was spent, within what was paid out. The row of the grant is the lock."""
    grant = _locked(grant)
    require(by, "awards.record_expense", grant)
    rules.check_expense(amount, use, explanation, balance(grant))
    _refuse_future(spent_on, now)
    if not matter.strip() or not voucher.strip():
        raise Refused("请填写支出事项和凭证号。")
    row = Expense(
        grant=grant,
        use=use,
        matter=matter.strip(),
        explanation=explanation.strip(),
        amount=amount,
        spent_on=spent_on,
        voucher=voucher.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    digest = ""
    if voucher_file:
        kind = files.inspect(voucher_file)
        digest = kind.sha256
        kept = files.clean_image(voucher_file) if kind.is_image else voucher_file
        row.voucher_file.save(voucher_file.name, kept, save=False)
    row.full_clean()
    row.save()
    _record(
        "awards.record_expense",
        row,
        grant,
        by,
        now,
        use=use,
        matter=row.matter,
        amount=amount,
        spent_on=spent_on,
        voucher=row.voucher,
        voucher_file=digest,
    )
    return row


@transaction.atomic
def reverse_expense(expense: Expense, *, reason: str, by: Membership, now: datetime) -> Expense:
    """冲销: a line is never changed; one that was wrong is taken back by another, once."""
    grant = _locked(expense.grant)
    require(by, "awards.record_expense", grant)
    expense = Expense.objects.get(pk=expense.pk)
    if not reason.strip():
        raise Refused("请写明冲销的理由。")
    if expense.reverses_id:
        raise Refused("这一笔本身是冲销，不能再冲销；需要时请重新登记支出。")
    if Expense.objects.filter(reverses=expense).exists():
        raise Refused("这一笔已经冲销，不能重复冲销。")
    row = Expense(
        grant=grant,
        use=expense.use,
        matter=f"冲销：{expense.matter}"[:120],
        explanation=reason.strip(),
        amount=-expense.amount,
        spent_on=timezone.localdate(now),
        voucher=expense.voucher,
        reverses=expense,
        recorded_at=now,
        recorded_by=by,
    )
    row.full_clean()
    row.save()
    _record("awards.reverse_expense", row, grant, by, now, amount=row.amount, reason=row.explanation)
    return row


def _locked(grant) -> Grant:
    return (
        Grant.objects.select_for_update(of=("self",))
        .select_related("honour__enterprise", "honour__nomination__edition")
        .get(pk=grant.pk)
    )


def _record(act, row, grant, by, now, **detail):
    edition = grant.honour.nomination.edition if grant.honour.nomination_id else None
    audit.record(act, row, by=by, now=now, edition=edition, grant=grant.pk, **detail)


def _refuse_future(day, now):
    if day > timezone.localdate(now):
        raise Refused("日期不能晚于今天，请核对。")


@dataclass(frozen=True)
class LedgerLine:
    """One line of the ledger with the balance after it; `money_in` is a disbursement."""

    day: date
    use: str
    matter: str
    amount: Decimal
    voucher: str
    balance: Decimal
    row: Disbursement | Expense
    money_in: bool = False
    was_reversed: bool = False


def ledger(grant: Grant) -> list[LedgerLine]:
    """Every line in order of its day, payments of a day before its expenses."""
    lines = [(row.paid_on, 0, row.pk, row) for row in grant.disbursements.all()]
    lines += [(row.spent_on, 1, row.pk, row) for row in grant.expenses.all()]
    reversed_ones = {row.reverses_id for row in grant.expenses.all()}
    left, ledger = Decimal("0.00"), []
    for day, kind, _pk, row in sorted(lines, key=lambda line: line[:3]):
        money_in = kind == 0
        left += row.amount if money_in else -row.amount
        use = "拨付" if money_in else str(row.get_use_display())
        matter = "资助资金拨付" if money_in else row.matter
        voucher = row.receipt if money_in else row.voucher
        undone = not money_in and row.pk in reversed_ones
        ledger.append(LedgerLine(day, use, matter, row.amount, voucher, left, row, money_in, undone))
    return ledger


TITLE = "资助资金使用台账"
#: 使用台账: the columns of the reference.
COLUMNS = (
    Column("序号", "position", "integer"),
    Column("企业", "name"),
    Column("类别", "use"),
    Column("事项", "matter"),
    Column("金额（元）", "amount", "decimal"),
    Column("日期", "day", "date"),
    Column("凭证号", "voucher", code=True),
    Column("余额（元）", "balance", "decimal"),
)


def write_ledger(grants: Iterable[Grant], out, *, title: str = TITLE, subtitle: str = "") -> None:
    """台账.xlsx of one or several grants. `out` is a path or a binary file."""
    rows = []
    for grant in grants:
        for line in ledger(grant):
            rows.append(
                {
                    "position": len(rows) + 1,
                    "name": grant.honour.enterprise.name,
                    "use": line.use,
                    "matter": line.matter,
                    "amount": line.amount,
                    "day": line.day,
                    "voucher": line.voucher,
                    "balance": line.balance,
                }
            )
    write(out, title, COLUMNS, rows, subtitle=subtitle, footer=False, sheet_name="台账")

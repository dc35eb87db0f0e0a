"""The ledger of a grant: its lines by day, its balance, what went into each use, the workbook of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from awards.models import Disbursement, Expense, Grant, QuarterReport, Repayment, Use
from awards.rules import money, quarters
from nominations.subjects import full_name
from portal.workbook import Column, Leaf, write_leaves


def lines_of(grant: Grant) -> list[money.Line]:
    """What the rules count with. Prefetch disbursements, expenses and repayments for many grants."""
    return [
        *(money.Line(row.paid_on, money.PAID, row.amount) for row in grant.disbursements.all()),
        *(money.Line(row.spent_on, money.SPENT, row.amount, row.use) for row in grant.expenses.all()),
        *(money.Line(row.paid_on, money.REPAID, row.amount) for row in grant.repayments.all()),
    ]


def balance(grant: Grant) -> Decimal:
    """What was paid out and is neither spent nor given back, in yuan."""
    return money.balance(lines_of(grant))


def undisbursed(grant: Grant) -> Decimal:
    return grant.amount - money.total(lines_of(grant), money.PAID)


def by_use(grant: Grant) -> dict[str, Decimal]:
    """What went into each of the uses, reversals taken off."""
    spent = dict.fromkeys(money.USES, money.NONE)
    for row in grant.expenses.all():
        spent[row.use] += row.amount
    return spent


def reported_until(grant: Grant) -> date | None:
    """The last day of the last quarter whose report was handed in; until then nothing more is entered."""
    waiting = (QuarterReport.State.DUE, QuarterReport.State.RETURNED)
    there = [row for row in grant.reports.all() if row.state not in waiting]
    return max((quarters.Quarter(row.year, row.quarter).last for row in there), default=None)


@dataclass(frozen=True)
class LedgerLine:
    """One line of the ledger with the balance after it; `kind` is one of the rule's."""

    day: date
    kind: str
    use: str
    matter: str
    note: str
    amount: Decimal
    number: str
    balance: Decimal
    row: Disbursement | Expense | Repayment
    was_reversed: bool = False


_ORDER = {money.PAID: 0, money.SPENT: 1, money.REPAID: 2}


def ledger(grant: Grant) -> list[LedgerLine]:
    """Every line in order of its day; within a day what comes in first, so that no balance is below zero.

    Each of the two in the order of payments, expenses, what went back.
    """
    rows = [
        *((row.paid_on, money.PAID, row) for row in grant.disbursements.all()),
        *((row.spent_on, money.SPENT, row) for row in grant.expenses.all()),
        *((row.paid_on, money.REPAID, row) for row in grant.repayments.all()),
    ]
    taken_back = {(kind, row.reverses_id) for _day, kind, row in rows if row.reverses_id}
    left, told = money.NONE, []
    for day, kind, row in sorted(rows, key=_place):
        left += _signed(kind, row)
        use, matter, note, number = _words(kind, row)
        told.append(
            LedgerLine(
                day, kind, use, matter, note, row.amount, number, left, row, (kind, row.pk) in taken_back
            )
        )
    return told


def _place(each) -> tuple[date, bool, int, int]:
    day, kind, row = each
    return day, _signed(kind, row) < 0, _ORDER[kind], row.pk


def _signed(kind, row) -> Decimal:
    return row.amount if kind == money.PAID else -row.amount


def _words(kind, row) -> tuple[str, str, str, str]:
    if kind == money.SPENT:
        return str(row.get_use_display()), row.matter, row.explanation, row.voucher
    if kind == money.PAID:
        return "拨付", "冲正拨付" if row.reverses_id else "资助资金拨付", row.reason, row.receipt
    return "退回", "冲正退回" if row.reverses_id else "退回未用资金", row.reason, row.receipt


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
BY_QUARTER = (
    Column("企业", "name"),
    Column("季度", "quarter"),
    Column("期初余额（元）", "opening", "decimal"),
    Column("拨付（元）", "received", "decimal"),
    Column("支出（元）", "spent", "decimal"),
    Column("退回（元）", "repaid", "decimal"),
    Column("期末余额（元）", "closing", "decimal"),
)
BY_USE = (
    Column("企业", "name"),
    Column("资助金额（元）", "amount", "decimal"),
    Column("已拨付（元）", "paid", "decimal"),
    *(Column(f"{use.label}（元）", use.value, "decimal") for use in Use),
    Column("退回（元）", "repaid", "decimal"),
    Column("余额（元）", "balance", "decimal"),
)


def write_ledger(grants: Iterable[Grant], out, *, title: str = TITLE, subtitle: str = "") -> None:
    """台账.xlsx of grants: line by line, by quarter, by use. `out` is a path or a binary file."""
    grants = list(grants)
    leaves = (
        Leaf("台账", title, COLUMNS, _numbered(grants), subtitle),
        Leaf("按季度", "资助资金收支（按季度）", BY_QUARTER, _by_quarter(grants), subtitle),
        Leaf("按用途", "资助资金使用（按用途）", BY_USE, _by_use(grants), subtitle),
    )
    write_leaves(out, leaves)


def _numbered(grants):
    number = 0
    for grant in grants:
        for line in ledger(grant):
            number += 1
            yield {
                "position": number,
                "name": full_name(grant.honour),
                "use": line.use,
                "matter": line.matter,
                "amount": line.amount,
                "day": line.day,
                "voucher": line.number,
                "balance": line.balance,
            }


def quarters_of(grant: Grant) -> list[tuple[quarters.Quarter, dict]]:
    """The sums of every quarter from the first line to the last."""
    lines = lines_of(grant)
    if not lines:
        return []
    quarter = quarters.quarter_of(min(line.day for line in lines))
    last = quarters.quarter_of(max(line.day for line in lines))
    found = []
    while quarter <= last:
        found.append((quarter, quarters.sums(lines, quarter)))
        quarter = quarter.next
    return found


def _by_quarter(grants):
    for grant in grants:
        for quarter, sums in quarters_of(grant):
            yield {
                "name": full_name(grant.honour),
                "quarter": f"{quarter.year}年第{quarter.number}季度",
                **{key: Decimal(value) for key, value in sums.items() if key != "by_use"},
            }


def _by_use(grants):
    for grant in grants:
        lines = lines_of(grant)
        yield {
            "name": full_name(grant.honour),
            "amount": grant.amount,
            "paid": money.total(lines, money.PAID),
            **by_use(grant),
            "repaid": money.total(lines, money.REPAID),
            "balance": money.balance(lines),
        }

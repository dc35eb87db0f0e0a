"""What the committee decided of the quarter reports on a grant; S1 四.4 names the uses, not when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from awards.rules.money import NONE, PAID, REPAID, SPENT, USES, Line, balance, total
from portal.errors import Refused
from portal.workdays import Calendar

DUE_WORKDAYS = 10
REMIND_BEFORE = 3  # days
REMIND_AGAIN = 3  # days


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a year; `number` is 1 to 4."""

    year: int
    number: int

    def __str__(self):
        return f"{self.year}Q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)


def quarter_of(day: date) -> Quarter:
    """委员会决定: quarters are those of the calendar year."""
    return Quarter(day.year, (day.month + 2) // 3)


def reported(first_paid: date, closed_on: date | None, today: date) -> list[Quarter]:
    """委员会决定: the quarters that are over, from the first payment to that of the closing."""
    quarter, quarters = quarter_of(first_paid), []
    while quarter.last < today and (closed_on is None or quarter.first <= closed_on):
        quarters.append(quarter)
        quarter = quarter.next
    return quarters


def asked_on(quarter: Quarter, calendar: Calendar) -> date:
    """委员会决定: a report is asked for on the first working day after its quarter."""
    return calendar.add(quarter.last, 1)


def due_on(quarter: Quarter, calendar: Calendar) -> date:
    """委员会决定: and is due ten working days after that day."""
    return calendar.add(asked_on(quarter, calendar), DUE_WORKDAYS)


def reminds(due: date | None, last: date | None, today: date) -> bool:
    """委员会决定: three days before the day a report is due, and every three days while it is not there."""
    if due is None or today < due - timedelta(days=REMIND_BEFORE):
        return False
    return last is None or (today - last).days >= REMIND_AGAIN


def sums(lines: Iterable[Line], quarter: Quarter) -> dict[str, Any]:
    """S1 四.4: what became of the money in a quarter, by use; sums as text, two places."""
    lines = list(lines)
    within = [line for line in lines if quarter.first <= line.day <= quarter.last]
    opening = balance(line for line in lines if line.day < quarter.first)
    spent = dict.fromkeys(USES, NONE)
    for line in within:
        if line.kind == SPENT:
            spent[line.use] += line.amount
    return {
        "opening": _text(opening),
        "received": _text(total(within, PAID)),
        "spent": _text(total(within, SPENT)),
        "repaid": _text(total(within, REPAID)),
        "closing": _text(opening + balance(within)),
        "by_use": {use: _text(amount) for use, amount in spent.items()},
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def check_open(day: date, reported_until: date | None) -> None:
    """委员会决定: what was reported stays: no line is entered into a quarter whose report was handed in."""
    if reported_until is not None and day <= reported_until:
        raise Refused(
            "{until} 及以前的收支已经在季度报告中提交，不能再登记 {day} 的收支。"
            "请核对日期；确需补登的，请联系办公室退回报告。",
            until=reported_until,
            day=day,
        )

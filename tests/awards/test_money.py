"""The rules of the grant and of its reports, by hand and by chance."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards.rules.money import (
    PAID,
    REPAID,
    SPENT,
    Line,
    Planned,
    balance,
    check_disbursement,
    check_expense,
    check_plan,
    check_repayment,
    check_taking_back,
    lowest,
    total,
)
from awards.rules.quarters import (
    Quarter,
    asked_on,
    check_open,
    due_on,
    quarter_of,
    reminds,
    reported,
    sums,
)
from portal.errors import Refused
from portal.workdays import Calendar, YearNotPublished, read_year

D = Decimal


def said(rule, *args, **given):
    with pytest.raises(Refused) as refusal:
        rule(*args, **given)
    return str(refusal.value)


def line(day, kind, amount, use="reward"):
    return Line(date(2026, 10, day), kind, D(amount), use)


LEDGER = (
    line(5, PAID, "100.00"),
    line(8, SPENT, "70.00"),
    line(12, PAID, "50.10"),
    line(12, SPENT, "50.10", "platform"),
    line(20, SPENT, "-70.00"),
    line(25, REPAID, "99.99"),
)


def test_totals_and_balance():
    assert balance([]) == 0
    assert total(LEDGER, PAID) == D("150.10")
    assert total(LEDGER, SPENT) == D("50.10")
    assert total(LEDGER, REPAID) == D("99.99")
    assert balance(LEDGER) == D("0.01")


@pytest.mark.parametrize(
    ("since", "least"),
    [
        (None, "0.00"),  # before the first payment
        (date(2026, 10, 4), "0.00"),
        (date(2026, 10, 5), "0.01"),
        (date(2026, 10, 19), "0.01"),
        (date(2026, 10, 25), "0.01"),
        (date(2027, 1, 1), "0.01"),
    ],
)
def test_the_lowest_the_balance_is_from_a_day_on(since, least):
    assert lowest(LEDGER, since) == D(least)


def test_a_day_counts_by_its_end_and_no_day_is_below_zero():
    assert lowest([line(8, SPENT, "10"), line(8, PAID, "10")]) == 0
    assert lowest([line(7, SPENT, "10"), line(8, PAID, "10")]) == D("-10")
    assert lowest([line(8, PAID, "10"), line(9, SPENT, "4")], date(2026, 10, 8)) == D("6")
    assert lowest([line(8, PAID, "10"), line(20, SPENT, "4")], date(2026, 10, 7)) == 0


def test_an_expense_is_for_a_named_use_within_what_is_there():
    left = D("0.01")
    check_expense(D("0.01"), "reward", "", left)
    check_expense(D("0.01"), "other", "技能大师讲座（演示）", left)
    for amount, use in (("0.02", "reward"), ("0.00", "reward"), ("-1", "reward"), ("NaN", "reward")):
        said(check_expense, D(amount), use, "", left)
    assert "分" in said(check_expense, D("0.001"), "reward", "", left)
    assert "用途" in said(check_expense, D("0.01"), "party", "", left)
    assert "其他" in said(check_expense, D("0.01"), "other", "  ", left)


def test_payments_never_exceed_the_grant():
    check_disbursement(D(100000), D(300000), D(200000))
    assert "100000" in said(check_disbursement, D("100000.01"), D(300000), D(200000))


def test_what_is_given_back_is_unused():
    check_repayment(D("5"), D("5"))
    assert "5" in said(check_repayment, D("5.01"), D("5"))
    said(check_repayment, D("0"), D("5"))


def test_a_payment_is_taken_back_only_while_it_is_there():
    today = date(2026, 10, 30)
    paid = [line(5, PAID, "100"), line(8, SPENT, "30"), line(9, PAID, "30")]
    check_taking_back(paid, Line(today, PAID, D("-30")))
    assert "冲销" in said(check_taking_back, paid, Line(today, PAID, D("-100.01")))


PLAN = (Planned("reward", "奖励", D("100")), Planned("other", "展板", D("0.01")))


def test_a_plan_adds_up_to_the_grant_and_says_what_for():
    check_plan(PLAN, D("100.01"))
    assert "100.01" in said(check_plan, PLAN, D("100.00"))
    said(check_plan, (), D("0"))
    said(check_plan, (Planned("party", "聚餐", D("1")),), D("1"))
    said(check_plan, (Planned("reward", " ", D("1")),), D("1"))
    said(check_plan, (Planned("reward", "奖励", D("0")), Planned("reward", "奖励", D("1"))), D("1"))
    said(check_plan, (Planned("reward", "奖励", D("1.005")),), D("1.005"))


AMOUNTS = st.decimals(min_value=D("0.01"), max_value=D("9999.99"), places=2)
LINES = st.lists(
    st.builds(
        Line,
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.sampled_from((PAID, SPENT, REPAID)),
        AMOUNTS | AMOUNTS.map(lambda amount: -amount),
        st.sampled_from(("reward", "platform", "activity", "other")),
    ),
    max_size=12,
)


@given(LINES, st.dates(date(2025, 12, 30), date(2027, 1, 2)))
def test_lowest_is_what_adding_up_each_day_anew_gives(lines, since):
    first, last = date(2025, 12, 30), date(2027, 1, 3)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    ends = {day: sum((each.signed for each in lines if each.day <= day), D("0")) for day in days}
    assert lowest(lines) == min([D("0"), *ends.values()])
    assert lowest(lines, since) == min(amount for day, amount in ends.items() if day >= since)


@given(LINES)
def test_the_quarters_of_a_year_chain_and_add_up(lines):
    opening, uses = "0.00", D("0")
    for number in (1, 2, 3, 4):
        found = sums(lines, Quarter(2026, number))
        assert found["opening"] == opening
        parts = {key: D(found[key]) for key in ("opening", "received", "spent", "repaid", "closing")}
        assert parts["opening"] + parts["received"] - parts["spent"] - parts["repaid"] == parts["closing"]
        assert sum(D(amount) for amount in found["by_use"].values()) == parts["spent"]
        opening, uses = found["closing"], uses + parts["spent"]
    assert D(opening) == balance(lines) and uses == total(lines, SPENT)


@pytest.mark.parametrize(
    ("day", "quarter", "first", "last"),
    [
        (date(2026, 1, 1), Quarter(2026, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 3, 31), Quarter(2026, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), Quarter(2026, 2), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 9, 30), Quarter(2026, 3), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), Quarter(2026, 4), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_quarters(day, quarter, first, last):
    assert quarter_of(day) == quarter
    assert (quarter.first, quarter.last) == (first, last)


@pytest.mark.parametrize(
    ("first", "closed", "today", "owed"),
    [
        (date(2026, 5, 6), None, date(2026, 6, 30), []),
        (date(2026, 5, 6), None, date(2026, 7, 1), [(2026, 2)]),
        (date(2026, 5, 6), None, date(2027, 1, 1), [(2026, 2), (2026, 3), (2026, 4)]),
        (date(2026, 5, 6), date(2026, 7, 1), date(2027, 1, 1), [(2026, 2), (2026, 3)]),
        (date(2026, 5, 6), date(2026, 6, 30), date(2027, 1, 1), [(2026, 2)]),
    ],
)
def test_a_report_is_owed_from_the_first_payment_to_the_closing(first, closed, today, owed):
    assert reported(first, closed, today) == [Quarter(*each) for each in owed]


CALENDAR = Calendar.of(
    [
        read_year(
            {
                "year": 2026,
                "holidays": [date(2026, 10, n) for n in range(1, 8)],
                "workdays": [date(2026, 10, 10)],
            }
        )
    ]
)


def test_a_report_is_asked_for_on_the_first_working_day_and_due_ten_later():
    # 2026年10月1日 to 7日 are days off; Saturday the 10th is worked.
    assert asked_on(Quarter(2026, 3), CALENDAR) == date(2026, 10, 8)
    assert due_on(Quarter(2026, 3), CALENDAR) == date(2026, 10, 21)
    assert (asked_on(Quarter(2026, 2), CALENDAR), due_on(Quarter(2026, 2), CALENDAR)) == (
        date(2026, 7, 1),
        date(2026, 7, 15),
    )
    with pytest.raises(YearNotPublished):
        asked_on(Quarter(2026, 4), CALENDAR)


@pytest.mark.parametrize(
    ("today", "last", "told"),
    [
        (date(2026, 10, 17), None, False),
        (date(2026, 10, 18), None, True),
        (date(2026, 10, 20), date(2026, 10, 18), False),
        (date(2026, 10, 21), date(2026, 10, 18), True),
        (date(2026, 11, 30), date(2026, 11, 28), False),
    ],
)
def test_reminding(today, last, told):
    assert reminds(date(2026, 10, 21), last, today) is told
    assert reminds(None, last, today) is False


def test_a_reported_quarter_takes_no_more_lines():
    check_open(date(2026, 10, 1), None)
    check_open(date(2026, 10, 1), date(2026, 9, 30))
    assert "退回报告" in said(check_open, date(2026, 9, 30), date(2026, 9, 30))

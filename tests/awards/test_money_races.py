"""Money from several hands: any order of acts, one after the other and four at once, is exact to the fen.

The model is a list of sums that knows no database and none of our rules.
"""

import threading
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awards.models import Disbursement, Expense, Grant, Repayment
from awards.services import granting, ledger, repaying
from portal.errors import Refused
from tests.awards.purse import DAY, granted, office, paper, pay, spend
from tests.awards.stage import AFTER

D = Decimal
FEN = st.integers(1, 30_000_00).map(lambda fen: D(fen) / 100)
BACK = st.integers(0, 20)  # days before today
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), FEN.map(lambda amount: amount * 4), BACK),
        st.tuples(st.just("spend"), FEN, BACK),
        st.tuples(st.just("repay"), FEN, BACK),
        st.tuples(st.just("undo"), st.sampled_from(("paid", "spent", "repaid")), st.integers(0, 5)),
    ),
    max_size=14,
)
_numbers = count(1)


class Purse:
    """What ought to be: signed sums by day, what is paid, what may still be taken back."""

    def __init__(self, whole):
        self.whole, self.flows = whole, defaultdict(D)
        self.lines = {"paid": [], "spent": [], "repaid": []}

    def holds(self, day, amount) -> bool:
        flows = self.flows | {day: self.flows[day] + amount}
        level = D(0)
        for each in sorted(flows):
            level += flows[each]
            if level < 0:
                return False
        return True

    def put(self, kind, day, amount) -> bool:
        """One act; whether it ought to be taken."""
        signed = amount if kind == "paid" else -amount
        if kind == "paid" and sum(self.lines["paid"]) + amount > self.whole:
            return False
        if signed < 0 and not self.holds(day, signed):
            return False
        self.lines[kind].append(amount)
        self.flows[day] += signed
        return True

    def undo(self, kind, at) -> bool:
        amount = self.lines[kind][at]
        signed = -amount if kind == "paid" else amount
        if not amount or (signed < 0 and not self.holds(DAY, signed)):
            return False
        self.lines[kind][at] = D(0)
        self.flows[DAY] += signed
        return True


MODELS = {"paid": Disbursement, "spent": Expense, "repaid": Repayment}
UNDO = {
    "paid": granting.reverse_disbursement,
    "spent": granting.reverse_expense,
    "repaid": repaying.reverse_repayment,
}
KIND = {"pay": "paid", "spend": "spent", "repay": "repaid"}


def give_back(grant, amount, day, **by):
    return repaying.repay(
        grant,
        amount=amount,
        paid_on=day,
        receipt="演示收据",
        receipt_file=paper("收据"),
        reason="演示",
        now=AFTER,
        **(by or {"by": office(grant)}),
    )


def act(grant, kind, amount, day, **by):
    if kind == "pay":
        return pay(grant, amount, day, **by)
    if kind == "spend":
        return spend(grant, amount, spent_on=day, **by)
    return give_back(grant, amount, day, **by)


def taken(deed, *given, **named) -> bool:
    try:
        with transaction.atomic():
            deed(*given, **named)
    except Refused:
        return False
    return True


def lines(kind):
    return MODELS[kind].objects.filter(reverses__isnull=True).order_by("pk")


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_any_order_of_acts_leaves_what_the_model_says(db, acts):
    with transaction.atomic():
        grant = granted(number=next(_numbers))
        by, purse = office(grant), Purse(grant.amount)
        for kind, what, back in acts:
            if kind == "undo":
                rows = list(lines(what).filter(grant=grant))
                if not rows:
                    continue
                at = back % len(rows)
                expected = purse.undo(what, at)
                done = taken(UNDO[what], rows[at], reason="演示", by=by, now=AFTER)
            else:
                day = DAY - timedelta(days=back)
                expected = purse.put(KIND[kind], day, what)
                done = taken(act, grant, kind, what, day, by=by)
            assert done is expected, (kind, what, back)
        grant = Grant.objects.get(pk=grant.pk)
        assert granting.balance(grant) == sum(purse.flows.values(), D(0))
        assert granting.undisbursed(grant) == grant.amount - sum(purse.lines["paid"], D(0))
        ends = {line.day: line.balance for line in ledger.ledger(grant)}
        assert all(left >= 0 for left in ends.values())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        transaction.set_rollback(True)


SHARES = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(("pay", "spend", "repay", "undo")), st.integers(1, 200_00), st.integers(0, 3)
        ),
        min_size=2,
        max_size=5,
    ),
    min_size=4,
    max_size=4,
)


def at_once(*deeds):
    """All of them at the same time, each on a connection of its own; what went wrong, Refused aside."""
    start, faults = threading.Barrier(len(deeds)), []

    def run(deed):
        try:
            start.wait(30)
            deed()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return faults


@pytest.mark.django_db(transaction=True)
def test_four_at_once_never_spend_what_is_there_twice():
    with transaction.atomic():
        grant = granted()
        pay(grant, "100")
    by, outcomes = office(grant), []

    def deed():
        outcomes.append(taken(spend, grant, "60", by=by))

    assert at_once(deed, deed, deed, deed) == []
    assert sorted(outcomes) == [False, False, False, True]
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == D("40.00")


@pytest.mark.django_db(transaction=True)
def test_one_line_is_taken_back_by_one_of_four():
    with transaction.atomic():
        grant = granted()
        pay(grant, "100")
        row = spend(grant, "60")
    by, outcomes = office(grant), []

    def deed():
        outcomes.append(taken(granting.reverse_expense, row, reason="演示", by=by, now=AFTER))

    assert at_once(deed, deed, deed, deed) == []
    assert sorted(outcomes) == [False, False, False, True]
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == D("100.00")


@pytest.mark.django_db(transaction=True)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SHARES)
def test_whatever_four_do_at_once_what_was_taken_adds_up(transactional_db, shares):
    with transaction.atomic():
        grant = granted(number=next(_numbers))
        pay(grant, "500")
        by = office(grant)
    sums, lock = {"paid": D(500), "spent": D(0), "repaid": D(0)}, threading.Lock()

    def share(acts):
        for kind, fen, back in acts:
            if kind == "undo":
                what = ("paid", "spent", "repaid")[back % 3]
                row = lines(what).filter(grant=grant, reversed_by=None).last()
                if row and taken(UNDO[what], row, reason="演示", by=by, now=AFTER):
                    with lock:
                        sums[what] -= row.amount
                continue
            amount, day = D(fen) / 100, DAY - timedelta(days=back)
            if taken(act, grant, kind, amount, day, by=by):
                with lock:
                    sums[KIND[kind]] += amount

    assert at_once(*(lambda acts=acts: share(acts) for acts in shares)) == []
    grant = Grant.objects.get(pk=grant.pk)
    for kind, model in MODELS.items():
        assert sum((row.amount for row in model.objects.filter(grant=grant)), D(0)) == sums[kind]
    assert granting.balance(grant) == sums["paid"] - sums["spent"] - sums["repaid"]
    ends = {line.day: line.balance for line in ledger.ledger(grant)}
    assert all(left >= 0 for left in ends.values())


@pytest.mark.django_db(transaction=True)
def test_without_any_service_the_database_lets_only_one_of_four_through():
    with transaction.atomic():
        grant = granted()
        pay(grant, "100")
    by, outcomes = office(grant), []

    def deed():
        try:
            Expense.objects.create(
                grant=grant,
                use="reward",
                matter="演示",
                amount=D(60),
                spent_on=date(2026, 10, 10),
                voucher="演示",
                recorded_at=AFTER,
                recorded_by=by,
            )
        except IntegrityError:
            outcomes.append(False)
        else:
            outcomes.append(True)

    assert at_once(deed, deed, deed, deed) == []
    assert sorted(outcomes) == [False, False, False, True]
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == D("40.00")

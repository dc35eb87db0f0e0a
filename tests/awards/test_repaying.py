from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Grant, QuarterReport
from awards.services import granting, repaying
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.purse import account_of, granted, office, paper, pay, spend
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 10)


def give_back(grant, amount, day=TODAY, by=None, **given):
    words = {"receipt": "演示收据", "receipt_file": paper("收据"), "reason": "项目结余（演示）"} | given
    return repaying.repay(
        grant, amount=Decimal(amount), paid_on=day, **words, by=by or office(grant), now=AFTER
    )


def close(grant, reason="资金已全部使用并审核（演示）", by=None):
    return repaying.close_grant(grant, reason=reason, by=by or office(grant), now=AFTER)


def left(grant):
    return granting.balance(Grant.objects.get(pk=grant.pk))


def test_unused_money_goes_back_and_never_more():
    grant = granted()
    pay(grant, "100", date(2026, 10, 5))
    spend(grant, "60", spent_on=date(2026, 10, 8))
    with pytest.raises(Refused, match=r"40\.00"):
        give_back(grant, "40.01")
    with pytest.raises(Refused, match=r"0\.00"):
        give_back(grant, "1", date(2026, 10, 4))
    row = give_back(grant, "40", by=account_of(grant.honour.enterprise))
    assert left(grant) == 0 and row.receipt_sha256
    assert granting.undisbursed(Grant.objects.get(pk=grant.pk)) == Decimal("299900.00")
    assert AuditEntry.objects.filter(act="awards.repay").count() == 1


@pytest.mark.parametrize(
    "given", [{"receipt": ""}, {"receipt_file": None}, {"reason": " "}, {"day": date(2026, 10, 11)}]
)
def test_a_repayment_says_why_and_proves_itself(given):
    grant = granted()
    pay(grant, "100")
    with pytest.raises(Refused):
        give_back(grant, "1", **given)
    assert left(grant) == 100


def test_a_repayment_is_taken_back_once():
    grant = granted()
    pay(grant, "100")
    row = give_back(grant, "30")
    back = repaying.reverse_repayment(row, reason="登记有误", by=office(grant), now=AFTER)
    assert back.amount == Decimal("-30.00") and left(grant) == 100
    for again in (row, back):
        with pytest.raises(Refused):
            repaying.reverse_repayment(again, reason="再次", by=office(grant), now=AFTER)


def test_strangers_give_nothing_back_and_close_nothing():
    grant = granted()
    pay(grant, "100")
    for worn in (factories.hat("applicant"), factories.hat("auditor"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            give_back(grant, "1", by=worn)
    with pytest.raises(PermissionDenied):
        close(grant, by=account_of(grant.honour.enterprise))


def test_a_grant_is_closed_when_nothing_is_left_and_all_is_reported():
    grant = granted()
    paid = pay(grant, "100")
    spent = spend(grant, "60")
    with pytest.raises(Refused, match=r"余额 40\.00"):
        close(grant)
    give_back(grant, "40")
    report = QuarterReport.objects.create(grant=grant, year=2026, quarter=3)
    with pytest.raises(Refused, match="1 份季度报告"):
        close(grant)
    report.delete()
    with pytest.raises(Refused, match="说明"):
        close(grant, " ")
    closed = close(grant)
    assert (closed.closed_at, closed.closed_by) == (AFTER, office(grant))
    entry = AuditEntry.objects.get(act="awards.close_grant")
    assert entry.detail["not_paid"] == "299900.00"
    for act in (
        lambda: pay(grant, "1"),
        lambda: spend(grant, "1"),
        lambda: give_back(grant, "1"),
        lambda: close(grant),
        lambda: granting.reverse_expense(spent, reason="演示", by=office(grant), now=AFTER),
        lambda: granting.reverse_disbursement(paid, reason="演示", by=office(grant), now=AFTER),
    ):
        with pytest.raises(Refused, match="结清"):
            act()
    assert left(grant) == 0

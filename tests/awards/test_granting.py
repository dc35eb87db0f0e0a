import io
import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from openpyxl import load_workbook

from awards.models import Expense, Grant
from awards.services import granting, naming, revoking
from nominations.models import Enterprise
from portal.errors import Refused
from portal.models import AuditEntry, Organisation
from tests import factories
from tests.awards.stage import AFTER, office_of, published

pytestmark = pytest.mark.django_db


def granted() -> Grant:
    edition = published().edition
    naming.name_winners(edition, decision="演示1号", by=office_of(edition), now=AFTER)
    return Grant.objects.order_by("honour__number").first()


def office(grant):
    return office_of(grant.honour.nomination.edition)


def pay(grant, amount, day=date(2026, 10, 10)):
    return granting.disburse(
        grant, amount=Decimal(amount), paid_on=day, receipt="演示回执", by=office(grant), now=AFTER
    )


def spend(grant, amount, use="reward", by=None, **given):
    words = {"matter": "演示事项", "spent_on": date(2026, 10, 10), "voucher": "演示凭证"} | given
    return granting.record_expense(
        grant, use=use, amount=Decimal(amount), **words, by=by or office(grant), now=AFTER
    )


def test_never_more_is_paid_out_than_granted():
    grant = granted()
    pay(grant, "200000")
    with pytest.raises(Refused, match=r"100000\.00"):
        pay(grant, "100000.01")
    pay(grant, "100000")
    assert granting.undisbursed(grant) == 0
    assert granting.balance(grant) == Decimal("300000.00")


def test_never_more_is_spent_than_paid_out_to_the_fen():
    grant = granted()
    with pytest.raises(Refused, match="余额"):
        spend(grant, "0.01")
    pay(grant, "100.10")
    spend(grant, "100.09")
    with pytest.raises(Refused, match="余额"):
        spend(grant, "0.02")
    spend(grant, "0.01", use="platform")
    assert granting.balance(grant) == Decimal("0.00")


@pytest.mark.parametrize(
    ("amount", "given"),
    [
        ("0", {}),
        ("-1", {}),
        ("1.001", {}),
        ("1", {"use": "party"}),
        ("1", {"use": "other"}),
        ("1", {"matter": " "}),
        ("1", {"voucher": ""}),
        ("1", {"spent_on": date(2026, 10, 11)}),
    ],
)
def test_what_is_no_proper_expense_is_refused(amount, given):
    grant = granted()
    pay(grant, "100")
    with pytest.raises(Refused):
        spend(grant, amount, **given)
    assert not Expense.objects.exists()


def test_another_use_is_explained():
    grant = granted()
    pay(grant, "100")
    assert spend(grant, "1", use="other", explanation="演示用途").explanation == "演示用途"


def test_a_reversal_gives_the_money_back_once_and_keeps_the_line():
    grant = granted()
    pay(grant, "100")
    wrong = spend(grant, "60")
    with pytest.raises(Refused, match="理由"):
        granting.reverse_expense(wrong, reason="", by=office(grant), now=AFTER)
    back = granting.reverse_expense(wrong, reason="登记有误", by=office(grant), now=AFTER)
    assert (back.amount, back.reverses) == (Decimal("-60.00"), wrong)
    assert granting.balance(grant) == Decimal("100.00")
    with pytest.raises(Refused, match="已经冲销"):
        granting.reverse_expense(wrong, reason="再次", by=office(grant), now=AFTER)
    with pytest.raises(Refused, match="本身是冲销"):
        granting.reverse_expense(back, reason="再次", by=office(grant), now=AFTER)
    assert Expense.objects.get(pk=wrong.pk).amount == Decimal("60.00")
    assert AuditEntry.objects.filter(act="awards.reverse_expense").count() == 1


def account_of(enterprise: Enterprise):
    """A hat at the enterprise that was named."""
    enterprise.organisation = Organisation.objects.create(
        code=f"e{enterprise.pk}", name=enterprise.name, short_name=enterprise.name, kind="enterprise"
    )
    enterprise.save()
    return factories.hat("applicant", enterprise.organisation)


def test_the_enterprise_enters_its_own_expenses_and_nobody_elses():
    grant = granted()
    pay(grant, "100")
    own, stranger = account_of(grant.honour.enterprise), factories.hat("applicant")
    assert spend(grant, "10", by=own).recorded_by == own
    for other in (stranger, factories.hat("auditor"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            spend(grant, "10", by=other)
    with pytest.raises(PermissionDenied):
        granting.disburse(
            grant, amount=Decimal(1), paid_on=date(2026, 10, 10), receipt="演示", by=own, now=AFTER
        )
    assert list(Grant.objects.visible_to(own)) == [grant]
    assert not Grant.objects.visible_to(stranger).exists()


def test_a_revoked_honour_is_paid_nothing_more():
    grant = granted()
    revoking.revoke_honour(grant.honour, reason="演示", by=office(grant), now=AFTER)
    with pytest.raises(Refused, match="撤销"):
        pay(grant, "1")


def test_the_ledger_runs_by_day_with_its_balance():
    grant = granted()
    pay(grant, "1000", date(2026, 10, 9))
    first = spend(grant, "300.50", spent_on=date(2026, 10, 9), matter="=1+1")
    spend(grant, "100", use="other", explanation="演示用途", voucher="=cmd")
    granting.reverse_expense(first, reason="登记有误", by=office(grant), now=AFTER)
    lines = granting.ledger(grant)
    assert [(line.amount, line.balance) for line in lines] == [
        (Decimal("1000.00"), Decimal("1000.00")),
        (Decimal("300.50"), Decimal("699.50")),
        (Decimal("100.00"), Decimal("599.50")),
        (Decimal("-300.50"), Decimal("900.00")),
    ]
    assert granting.balance(grant) == Decimal("900.00")
    out = io.BytesIO()
    granting.write_ledger([grant], out)
    sheet = load_workbook(out).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[2] == ["序号", "企业", "类别", "事项", "金额（元）", "日期", "凭证号", "余额（元）"]
    assert rows[4][3] == "=1+1" and sheet.cell(5, 4).data_type == "s"
    assert rows[6][7] == 900


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_overspend():
    with transaction.atomic():
        grant = granted()
        pay(grant, "100")
    by = office(grant)
    start, outcomes = threading.Barrier(4), []

    def one():
        try:
            start.wait()
            spend(grant, "60", by=by)
            outcomes.append("spent")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "spent"]
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == Decimal("40.00")

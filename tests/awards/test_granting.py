import hashlib
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from openpyxl import load_workbook

from awards.models import Disbursement, Expense, Grant, Honour, Voucher
from awards.services import granting, ledger, planning
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.purse import account_of, granted, office, paper, pay, spend
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db


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
        ("1", {"spent_on": date(2026, 10, 9)}),  # before anything was paid out
        ("1", {"papers": []}),
        ("1", {"papers": [paper(), paper()]}),
        ("1", {"papers": [paper(str(number)) for number in range(21)]}),
        ("1", {"papers": [ContentFile(b"MZ", name="a.pdf")]}),
    ],
)
def test_what_is_no_proper_expense_is_refused(amount, given):
    grant = granted()
    pay(grant, "100")
    with pytest.raises(Refused):
        spend(grant, amount, **given)
    assert not Expense.objects.exists() and not Voucher.objects.exists()


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


def test_the_enterprise_enters_its_own_expenses_and_nobody_elses():
    grant = granted()
    pay(grant, "100")
    own, stranger = account_of(grant.honour.enterprise), factories.hat("applicant")
    assert spend(grant, "10", by=own).recorded_by == own
    for other in (stranger, factories.hat("auditor"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            spend(grant, "10", by=other)
    with pytest.raises(PermissionDenied):
        pay(grant, "1", by=own)
    assert list(Grant.objects.visible_to(own)) == [grant]
    assert not Grant.objects.visible_to(stranger).exists()


def test_a_revoked_honour_is_paid_nothing_more():
    grant = granted()
    Honour.objects.filter(pk=grant.honour_id).update(revoked_on=date(2026, 10, 10), revoked_reason="演示")
    with pytest.raises(Refused, match="撤销"):
        pay(grant, "1")


def test_the_ledger_runs_by_day_with_its_balance():
    grant = granted()
    pay(grant, "1000", date(2026, 10, 9))
    first = spend(grant, "300.50", spent_on=date(2026, 10, 9), matter="=1+1")
    spend(grant, "100", use="other", explanation="演示用途", voucher="=cmd")
    granting.reverse_expense(first, reason="登记有误", by=office(grant), now=AFTER)
    lines = ledger.ledger(grant)
    assert [(line.amount, line.balance) for line in lines] == [
        (Decimal("1000.00"), Decimal("1000.00")),
        (Decimal("300.50"), Decimal("699.50")),
        (Decimal("-300.50"), Decimal("1000.00")),
        (Decimal("100.00"), Decimal("900.00")),
    ]
    assert granting.balance(grant) == Decimal("900.00")
    out = io.BytesIO()
    ledger.write_ledger([grant], out)
    book = load_workbook(out)
    assert book.sheetnames == ["台账", "按季度", "按用途"]
    sheet = book.active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[2] == ["序号", "企业", "类别", "事项", "金额（元）", "日期", "凭证号", "余额（元）"]
    assert rows[4][3] == "=1+1" and sheet.cell(5, 4).data_type == "s"
    assert rows[6][7] == 900
    assert [cell.value for cell in book["按季度"][4]][1:] == ["2026年第4季度", 0, 1000, 100, 0, 900]
    assert [cell.value for cell in book["按用途"][4]][1:] == [300000, 1000, 0, 0, 0, 100, 0, 900]


def test_within_a_day_what_comes_in_stands_before_what_goes_out():
    grant = granted()
    paid = pay(grant, "100")
    spent = spend(grant, "100")
    granting.reverse_expense(spent, reason="登记有误", by=office(grant), now=AFTER)
    granting.reverse_disbursement(paid, reason="退汇", by=office(grant), now=AFTER)
    pay(grant, "50")
    assert [(line.kind, line.amount, line.balance) for line in ledger.ledger(grant)] == [
        ("paid", Decimal("100.00"), Decimal("100.00")),
        ("paid", Decimal("50.00"), Decimal("150.00")),
        ("spent", Decimal("-100.00"), Decimal("250.00")),
        ("paid", Decimal("-100.00"), Decimal("150.00")),
        ("spent", Decimal("100.00"), Decimal("50.00")),
    ]


def test_no_line_is_older_than_the_naming():
    grant = granted()
    with pytest.raises(Refused, match="命名日期 2026-01-05"):
        pay(grant, "100", date(2016, 4, 20))
    with pytest.raises(Refused, match="命名日期"):
        pay(grant, "100", date(2026, 1, 4))
    pay(grant, "100", date(2026, 1, 5))
    with pytest.raises(Refused, match="命名日期"):
        spend(grant, "1", spent_on=date(2026, 1, 4))
    assert Disbursement.objects.count() == 1 and not Expense.objects.exists()


def test_every_paper_of_an_expense_is_kept_with_its_digest():
    grant = granted()
    pay(grant, "100")
    row = spend(grant, "10", papers=[paper("发票", "发票.pdf"), paper("合同", "合同.pdf")])
    kept = list(row.vouchers.all())
    assert [one.name for one in kept] == ["发票.pdf", "合同.pdf"]
    for one in kept:
        assert one.sha256 == hashlib.sha256(one.file.read()).hexdigest()
    entry = AuditEntry.objects.get(act="awards.record_expense")
    assert entry.detail["papers"] == [one.sha256 for one in kept]


def test_a_payment_has_its_receipt():
    grant = granted()
    for missing in ({"receipt": " "}, {"receipt_file": None}):
        with pytest.raises(Refused, match="回执"):
            pay(grant, "100", **missing)
    row = pay(grant, "100")
    assert row.receipt_sha256 == hashlib.sha256(row.receipt_file.read()).hexdigest()
    assert row.recorded_at == AFTER


def test_a_payment_is_taken_back_once_and_only_while_it_is_not_spent():
    grant = granted()
    row = pay(grant, "100")
    spent = spend(grant, "0.01")
    with pytest.raises(Refused, match="冲销相应的支出"):
        granting.reverse_disbursement(row, reason="退汇", by=office(grant), now=AFTER)
    granting.reverse_expense(spent, reason="登记有误", by=office(grant), now=AFTER)
    with pytest.raises(Refused, match="理由"):
        granting.reverse_disbursement(row, reason=" ", by=office(grant), now=AFTER)
    back = granting.reverse_disbursement(row, reason="退汇", by=office(grant), now=AFTER)
    assert (back.amount, back.reverses) == (Decimal("-100.00"), row)
    with pytest.raises(Refused, match="已经冲销或冲正"):
        granting.reverse_disbursement(row, reason="退汇", by=office(grant), now=AFTER)
    with pytest.raises(Refused, match="本身"):
        granting.reverse_disbursement(back, reason="退汇", by=office(grant), now=AFTER)
    grant = Grant.objects.get(pk=grant.pk)
    assert (granting.balance(grant), granting.undisbursed(grant)) == (0, Decimal("300000.00"))
    assert AuditEntry.objects.filter(act="awards.reverse_disbursement").count() == 1


def test_no_day_of_the_ledger_is_below_zero_though_the_balance_of_today_would_do():
    grant = granted()
    pay(grant, "100", date(2026, 10, 5))
    pay(grant, "100", date(2026, 10, 9))
    with pytest.raises(Refused, match=r"可用的余额 100\.00"):
        spend(grant, "100.01", spent_on=date(2026, 10, 8))
    spend(grant, "60", spent_on=date(2026, 10, 9))
    # What was spent later counts against an earlier day as well.
    spend(grant, "100", spent_on=date(2026, 10, 8))
    with pytest.raises(Refused, match=r"可用的余额 0\.00"):
        spend(grant, "40", spent_on=date(2026, 10, 5))
    spend(grant, "40")
    assert min(line.balance for line in ledger.ledger(grant)) == 0


def plan_of(grant, use="reward"):
    matters = [planning.Matter(use, "演示事项", grant.amount)]
    by = account_of(grant.honour.enterprise)
    plan = planning.hand_in_plan(grant, matters=matters, by=by, now=AFTER)
    return planning.decide_plan(plan, approved=True, by=office(grant), now=AFTER)


def test_an_expense_may_belong_to_a_matter_of_the_plan_that_holds():
    grant = granted()
    pay(grant, "100")
    line = plan_of(grant).lines.get()
    assert spend(grant, "1", plan_line=line).plan_line == line
    with pytest.raises(Refused, match="用途"):
        spend(grant, "1", "platform", plan_line=line)
    other = granted(grant.honour.nomination.edition, number=2)
    pay(other, "100")
    with pytest.raises(Refused, match="计划"):
        spend(other, "1", plan_line=line)


# The database is the second fence: it holds where no service is asked.


def by_hand(grant, amount, day=date(2026, 10, 10)):
    return Expense.objects.create(
        grant=grant,
        use="reward",
        matter="演示",
        amount=Decimal(amount),
        spent_on=day,
        voucher="演示",
        recorded_at=AFTER,
        recorded_by=office(grant),
    )


def at_commit():
    """What the database would say at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    ("amount", "day", "holds"),
    [
        ("100.00", date(2026, 10, 10), True),
        ("100.01", date(2026, 10, 10), False),
        ("0.01", date(2026, 10, 9), False),
    ],
)
def test_the_database_refuses_a_day_below_zero(amount, day, holds):
    grant = granted()
    pay(grant, "100")
    with transaction.atomic():
        by_hand(grant, amount, day)
        if holds:
            at_commit()
            return
        with pytest.raises(IntegrityError, match="below zero"):
            at_commit()
        transaction.set_rollback(True)


def test_the_database_refuses_more_than_the_grant():
    grant = granted()
    pay(grant, "300000")
    with transaction.atomic():
        Disbursement.objects.create(
            grant=grant,
            amount=Decimal("0.01"),
            paid_on=date(2026, 10, 10),
            receipt="演示",
            recorded_by=office(grant),
        )
        with pytest.raises(IntegrityError, match="paid more"):
            at_commit()
        transaction.set_rollback(True)
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(amount=Decimal("299999.99"))
        with pytest.raises(IntegrityError, match="paid more"):
            at_commit()
        transaction.set_rollback(True)


def test_a_line_of_the_ledger_is_neither_changed_nor_deleted():
    grant = granted()
    pay(grant, "100")
    spend(grant, "10")
    for model in (Expense, Disbursement, Voucher):
        table = model._meta.db_table
        for act in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                pytest.raises(DatabaseError, match="kept"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(act)
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == Decimal("90.00")

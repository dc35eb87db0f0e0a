"""The pages of the money: who opens them, what they say, how many queries they take."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awards.models import Disbursement, Expense, Grant, GrantPlan, QuarterReport, Repayment
from awards.services import granting, planning, reporting_money
from awards.todos import todos
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.purse import account_of, granted, office, paper, pay, spend, union
from tests.awards.stage import AFTER
from tests.awards.test_planning import FIRST, hand_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: AFTER)


def get(client, name, *args, hat=None, **options):
    if hat:
        make.sign_in(client, hat)
    return client.get(reverse(f"awards:{name}", args=args), **options)


def post(client, name, *args, hat=None, data=None):
    if hat:
        make.sign_in(client, hat)
    return client.post(reverse(f"awards:{name}", args=args), data or {})


def said(answer) -> str:
    return answer.content.decode()


def test_who_opens_what(client):
    grant = granted()
    pay(grant, "1000")
    hats = (
        office(grant),
        account_of(grant.honour.enterprise),
        union(grant),
        make.hat("auditor"),
        make.hat("applicant"),
        make.hat("recommender", "370203"),
        make.hat("office", "市南区"),
    )
    expected = {
        "grant": (200, 200, 200, 200, 404, 404, 404),
        "grant_export": (200, 200, 200, 200, 404, 404, 404),
        "expense": (200, 200, 403, 403, 404, 404, 404),
        "repay": (200, 200, 403, 403, 404, 404, 404),
        "plan_grant": (200, 200, 403, 403, 404, 404, 404),
        "disburse": (200, 403, 403, 403, 404, 404, 404),
        "close_grant": (200, 403, 403, 403, 404, 404, 404),
    }
    for name, statuses in expected.items():
        for worn, status in zip(hats, statuses, strict=True):
            assert get(client, name, grant.pk, hat=worn).status_code == status, (name, worn)


def test_the_enterprise_enters_an_expense_and_takes_it_back(client):
    grant = granted()
    pay(grant, "1000")
    own = account_of(grant.honour.enterprise)
    data = {
        "use": "reward",
        "matter": "演示奖励",
        "amount": "1000.01",
        "spent_on": "2026-10-10",
        "voucher": "演示1",
    }
    page = said(post(client, "expense", grant.pk, hat=own, data=data | {"papers": [paper()]}))
    assert "超过自支出日期起可用的余额" in page and "演示奖励" in page
    page = post(client, "expense", grant.pk, data=data | {"amount": "400"})
    assert "papers" in page.context["form"].errors
    done = post(client, "expense", grant.pk, data=data | {"amount": "400", "papers": [paper(), paper("二")]})
    assert done.status_code == 302
    row = Expense.objects.get()
    page = said(get(client, "grant", grant.pk))
    assert page.count("凭证.pdf") == 2
    kept = get(client, "voucher", row.vouchers.first().pk)
    assert kept.status_code == 200 and "attachment" in kept["Content-Disposition"]
    assert "冲销这一笔" in said(get(client, "reverse_expense", row.pk))
    post(client, "reverse_expense", row.pk, data={"reason": "登记有误"})
    assert granting.balance(Grant.objects.get(pk=grant.pk)) == 1000
    page = said(get(client, "grant", grant.pk))
    assert "（已冲销）" in page and "¥1,000.00" in page
    stranger = make.hat("applicant")
    assert get(client, "reverse_expense", row.pk, hat=stranger).status_code == 404
    assert get(client, "voucher", row.vouchers.first().pk, hat=stranger).status_code == 404


def test_the_office_pays_takes_back_and_closes(client):
    grant = granted()
    data = {"amount": "500", "paid_on": "2026-10-09", "receipt": "演示回执"}
    answer = post(client, "disburse", grant.pk, hat=office(grant), data=data | {"receipt_file": paper()})
    assert answer.status_code == 302
    row = Disbursement.objects.get()
    assert get(client, "disbursement_receipt", row.pk).status_code == 200
    assert get(client, "disbursement_receipt", row.pk, hat=make.hat("applicant")).status_code == 404
    page = post(client, "close_grant", grant.pk, hat=office(grant), data={"reason": "演示"})
    assert "还有余额 500.00 元" in said(page)
    give = {"amount": "100", "paid_on": "2026-10-10", "receipt": "演示收据", "reason": "结余"}
    own = account_of(grant.honour.enterprise)
    post(client, "repay", grant.pk, hat=own, data=give | {"receipt_file": paper()})
    back = Repayment.objects.get()
    assert get(client, "repayment_receipt", back.pk).status_code == 200
    post(client, "reverse_repayment", back.pk, data={"reason": "登记有误"})
    assert post(client, "reverse_disbursement", row.pk, data={"reason": "退汇"}).status_code == 403
    post(client, "reverse_disbursement", row.pk, hat=office(grant), data={"reason": "退汇"})
    assert "结清" in said(get(client, "close_grant", grant.pk))
    assert post(client, "close_grant", grant.pk, data={"reason": "演示"}).status_code == 302
    page = said(get(client, "grant", grant.pk))
    assert "结清" in page and "登记拨付" not in page and "冲正</a>" not in page


def lines(*matters, **more):
    data = {"lines": "6"}
    for number, (use, matter, amount) in enumerate(matters):
        data |= {f"use_{number}": use, f"matter_{number}": matter, f"amount_{number}": amount}
    return data | more


def test_a_plan_is_written_line_by_line_and_agreed_to(client):
    grant = granted()
    own = account_of(grant.honour.enterprise)
    short = lines(("reward", "演示奖励", "100000"), ("other", "", "1"))
    page = post(client, "plan_grant", grant.pk, hat=own, data=short)
    assert page.context["form"].errors["matter_1"] == ["请填写事项。"] and "演示奖励" in said(page)
    page = said(post(client, "plan_grant", grant.pk, data=lines(("reward", "演示奖励", "100000"))))
    assert "合计 100000.00 元，与资助金额 300000.00 元不一致" in page
    more = post(client, "plan_grant", grant.pk, data=lines(("reward", "演示奖励", ""), more="1"))
    assert more.context["form"].count == 9 and not more.context["form"].errors and "演示奖励" in said(more)
    assert not GrantPlan.objects.exists()
    whole = lines(("reward", "演示奖励", "100000"), ("", "", ""), ("other", "演示展示", "200000"))
    answer = post(client, "plan_grant", grant.pk, data=whole)
    plan = GrantPlan.objects.get()
    assert answer.url == reverse("awards:grant_plan", args=[plan.pk])
    assert plan.lines.count() == 2
    assert post(client, "grant_plan", plan.pk, data={"approved": "yes"}).status_code == 403
    page = post(client, "grant_plan", plan.pk, hat=office(grant), data={"approved": "no"})
    assert "请写明需要修改的内容" in said(page)
    assert post(client, "grant_plan", plan.pk, data={"approved": "yes"}).status_code == 302
    page = get(client, "plan_grant", grant.pk, hat=own)
    assert "reason" in page.context["form"].fields and "演示展示" in said(page)


def test_a_report_goes_from_page_to_page(client):
    grant = granted()
    own, by = account_of(grant.honour.enterprise), union(grant)
    pay(grant, "1000", date(2026, 9, 30))
    spend(grant, "400", spent_on=date(2026, 9, 30))
    reporting_money.ask_for_reports(now=AFTER)
    report = QuarterReport.objects.get()
    page = said(get(client, "quarter_report", report.pk, hat=own))
    assert "¥600.00" in page and "2026年10月21日" in page and "提交报告" in page
    assert "提交报告" not in said(get(client, "quarter_report", report.pk, hat=by))
    assert (
        "account"
        in post(client, "quarter_report", report.pk, hat=own, data={"account": " "}).context["form"].errors
    )
    post(client, "quarter_report", report.pk, data={"account": "演示成效"})
    agree = {"agreed": "yes", "opinion": "属实（演示）"}
    assert post(client, "quarter_report", report.pk, data=agree).status_code == 403
    assert post(client, "quarter_report", report.pk, hat=make.hat("auditor"), data=agree).status_code == 403
    assert post(client, "quarter_report", report.pk, hat=office(grant), data=agree).status_code == 200
    report.refresh_from_db()
    assert report.state == "handed_in"
    assert post(client, "quarter_report", report.pk, hat=by, data=agree).status_code == 302
    assert post(client, "quarter_report", report.pk, hat=office(grant), data=agree).status_code == 302
    report.refresh_from_db()
    assert report.state == "reviewed"
    page = said(get(client, "quarter_report", report.pk, hat=make.hat("auditor")))
    assert "演示成效" in page and "属实（演示）" in page and report.digest[:16] in page
    assert AuditEntry.objects.filter(act="awards.review_report").count() == 1
    assert "退回这份报告" not in page
    back = {"reason": "凭证漏登（演示）"}
    for worn in (make.hat("auditor"), own, by):
        assert "退回这份报告" not in said(get(client, "quarter_report", report.pk, hat=worn))
        assert post(client, "quarter_report", report.pk, data=back).status_code == 403
    page = said(get(client, "quarter_report", report.pk, hat=office(grant)))
    assert "退回这份报告" in page
    # A second click on what was agreed to says nothing of a return.
    again = post(client, "quarter_report", report.pk, data=agree)
    assert again.status_code == 200 and not again.context["form"].errors
    assert post(client, "quarter_report", report.pk, data={"reason": " "}).context["form"].errors
    assert post(client, "quarter_report", report.pk, data=back).status_code == 302
    assert "凭证漏登（演示）" in said(get(client, "quarter_report", report.pk, hat=own))
    report.refresh_from_db()
    assert report.state == "returned"


def test_the_board_finds_what_waits(client):
    edition = make.edition()
    paid, planned, fresh = (granted(edition, number=n) for n in (1, 2, 3))
    pay(paid, "300000")
    spend(paid, "100.50", "platform")
    hand_in(planned)
    page = get(client, "edition_grants", edition.pk, hat=make.hat("office"))
    figures = page.context["figures"]
    assert (figures["amount"], figures["paid"], figures["spent"]) == (
        Decimal("900000.00"),
        Decimal("300000.00"),
        Decimal("100.50"),
    )
    assert {chip.label: chip.count for chip in page.context["chips"]} == {
        "全部": 3,
        "没有拨完": 2,
        "计划待审核": 1,
        "报告待审核": 0,
        "报告逾期": 0,
        "有余额": 1,
        "已结清": 0,
    }
    names = lambda **data: [  # noqa: E731
        grant.pk for grant in get(client, "edition_grants", edition.pk, data=data).context["page"]
    ]
    assert names(only="plan") == [planned.pk]
    assert names(only="unpaid") == [planned.pk, fresh.pk]
    assert names(q=fresh.honour.enterprise.name) == [fresh.pk]
    assert names(only="nonsense") == [paid.pk, planned.pk, fresh.pk]
    for worn, status in (
        (make.hat("auditor"), 200),
        (make.hat("recommender"), 403),
        (make.hat("office", "市南区"), 404),
    ):
        assert get(client, "edition_grants", edition.pk, hat=worn).status_code == status


def test_everybody_finds_the_grants_one_has_to_do_with(client):
    mine, other = granted(), granted(recommender="370203")
    for worn, found in (
        (account_of(mine.honour.enterprise), {mine.pk}),
        (union(mine), {mine.pk}),
        (union(other), {other.pk}),
        (make.hat("office"), {mine.pk, other.pk}),
        (make.hat("auditor"), {mine.pk, other.pk}),
        (make.hat("expert"), set()),
    ):
        page = get(client, "grants", hat=worn)
        rows = page.context["page"].object_list
        assert {grant.pk for grant in rows} == found


def test_lists_take_a_constant_number_of_queries(client):
    edition = make.edition()

    def add(*numbers):
        for number in numbers:
            grant = granted(edition, number=number)
            pay(grant, "1000", date(2026, 9, 30))
            for amount in ("1", "2"):
                spend(grant, amount, spent_on=date(2026, 9, 30))
            hand_in(grant)

    def queries(name, *args):
        with CaptureQueriesContext(connection) as caught:
            assert get(client, name, *args).status_code == 200
        return len(caught)

    add(1)
    one = edition.nominations.get().honoured.grant
    make.sign_in(client, make.hat("office"))
    pages = (("edition_grants", edition.pk), ("grants",), ("grants_export", edition.pk), ("grant", one.pk))
    queries("edition_grants", edition.pk)  # the session remembers the edition: once
    before = [queries(*page) for page in pages]
    add(2, 3, 4)
    spend(one, "3", spent_on=date(2026, 9, 30), papers=[paper("一"), paper("二")])
    assert [queries(*page) for page in pages] == before


# What waits.


def verbs(hat):
    return [line.verb for line in todos(hat, now=AFTER)]


def test_what_waits_for_whom():
    grant = granted()
    own, by, there = account_of(grant.honour.enterprise), union(grant), office(grant)
    assert (verbs(own), verbs(by), verbs(there)) == (["提交资金使用计划"], [], [])
    plan = hand_in(grant, FIRST)
    assert (verbs(own), verbs(there)) == ([], ["审核资金使用计划"])
    planning.decide_plan(plan, approved=True, by=there, now=AFTER)
    pay(grant, "1000", date(2026, 9, 30))
    assert verbs(own) == ["登记资金使用"]
    spend(grant, "1000", spent_on=date(2026, 9, 30))
    assert (verbs(own), verbs(there)) == ([], [])
    reporting_money.ask_for_reports(now=AFTER)
    assert verbs(own) == ["提交资金季度报告"]
    report = QuarterReport.objects.get()
    QuarterReport.objects.filter(pk=report.pk).update(due_on=date(2026, 10, 9))
    assert verbs(there) == ["资金季度报告逾期"]
    reporting_money.hand_in_report(report, account="演示", by=own, now=AFTER)
    assert (verbs(own), verbs(by), verbs(there)) == ([], ["审核资金季度报告"], [])
    reporting_money.endorse_report(report, agreed=True, opinion="属实", by=by, now=AFTER)
    assert (verbs(by), verbs(there)) == ([], ["审核资金季度报告"])
    reporting_money.review_report(report, agreed=True, opinion="同意", by=there, now=AFTER)
    assert (verbs(own), verbs(by), verbs(there)) == ([], [], [])
    assert not todos(make.hat("office", "市南区"), now=AFTER)

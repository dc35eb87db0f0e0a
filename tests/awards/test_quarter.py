"""A grant's year: what is asked for, when, in which order, and that what was reported stays."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Grant, QuarterReport
from awards.services import granting, reporting_money
from portal import calendar
from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear, Notification
from tests import factories
from tests.awards.purse import account_of, granted, office, pay, spend, union
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db

D = Decimal


def at(month, day, hour=10, year=2026):
    """A moment in Qingdao."""
    return datetime(year, month, day, hour - 8, tzinfo=UTC)


def ask(now):
    return reporting_money.ask_for_reports(now=now)


def told(event, hat):
    return Notification.objects.filter(event=event, recipient=hat.user, channel="site").count()


def begun():
    """Paid out in April, spent in May and in July; the enterprise and its union have accounts."""
    grant = granted()
    own, by = account_of(grant.honour.enterprise), union(grant)
    pay(grant, "200000", date(2026, 4, 20), now=at(4, 20))
    spend(grant, "80000.50", spent_on=date(2026, 5, 8), now=at(5, 8))
    spend(grant, "1000", "platform", spent_on=date(2026, 7, 2), now=at(7, 2))
    return grant, own, by


def hand_in(report, by, now=AFTER, account="按计划使用，效果良好（演示）"):
    return reporting_money.hand_in_report(report, account=account, by=by, now=now)


def endorse(report, by, *, agreed=True, now=AFTER):
    return reporting_money.endorse_report(report, agreed=agreed, opinion="属实（演示）", by=by, now=now)


def review(report, by, *, agreed=True, now=AFTER):
    return reporting_money.review_report(report, agreed=agreed, opinion="同意（演示）", by=by, now=now)


def test_a_report_is_asked_for_on_the_first_working_day_once():
    grant, own, _by = begun()
    assert ask(at(6, 30)) == 0
    assert ask(at(7, 1)) == 1
    assert ask(at(7, 1)) == 0
    report = QuarterReport.objects.get()
    assert (report.year, report.quarter, report.state, report.due_on) == (2026, 2, "due", date(2026, 7, 15))
    assert told("awards.report_due", own) == 1
    # 1 to 7 October are days off: the third quarter is asked for on the 8th.
    assert ask(at(10, 7)) == 0
    assert ask(at(10, 8)) == 1
    assert grant.reports.last().due_on == date(2026, 10, 21)


def test_a_task_that_did_not_run_for_a_year_asks_for_every_quarter():
    grant, _own, _by = begun()
    ask(at(10, 8))
    assert list(grant.reports.values_list("year", "quarter")) == [(2026, 2), (2026, 3)]


def test_where_nothing_was_paid_nothing_is_asked():
    granted()
    assert ask(at(10, 8)) == 0


def test_a_payment_that_was_taken_back_asks_for_nothing():
    grant = granted()
    wrong = pay(grant, "1000", date(2026, 1, 20), now=at(4, 20))
    granting.reverse_disbursement(wrong, reason="日期有误", by=office(grant), now=at(4, 20))
    assert ask(at(10, 8)) == 0
    pay(grant, "1000", date(2026, 7, 20), now=at(7, 20))
    ask(at(10, 8))
    assert list(grant.reports.values_list("year", "quarter")) == [(2026, 3)]


def test_what_was_reported_goes_on_being_reported_though_the_payment_was_taken_back():
    grant = granted()
    own = account_of(grant.honour.enterprise)
    paid = pay(grant, "1000", date(2026, 4, 20), now=at(4, 20))
    ask(at(7, 1))
    first = hand_in(grant.reports.get(), own, at(7, 2))
    granting.reverse_disbursement(paid, reason="退汇", by=office(grant), now=at(7, 6))
    assert ask(at(10, 8)) == 1
    second = hand_in(grant.reports.last(), own, at(10, 9))
    assert (first.sums["closing"], second.sums["opening"]) == ("1000.00", "1000.00")
    assert (second.quarter, second.sums["closing"]) == (3, "0.00")


def test_after_the_closing_nothing_is_asked_but_of_its_quarter():
    grant, _own, _by = begun()
    Grant.objects.filter(pk=grant.pk).update(
        closed_at=at(6, 30), closed_by=office(grant), closing_reason="演示"
    )
    ask(at(10, 8))
    assert [each.quarter for each in grant.reports.all()] == [2]


def test_a_year_that_is_not_in_the_calendar_leaves_the_day_open_until_it_is():
    grant, _own, _by = begun()
    CalendarYear.objects.filter(year__gte=2027).delete()
    assert ask(at(1, 2, year=2027)) == 3
    last = grant.reports.get(quarter=4)
    assert last.due_on is None
    calendar.set_year(
        year=2027,
        source="演示安排",
        provisional=False,
        holidays=[date(2027, 1, 1)],
        workdays=[],
        by=office(grant),
        now=at(1, 3, year=2027),
    )
    assert ask(at(1, 4, year=2027)) == 0
    last.refresh_from_db()
    assert last.due_on == date(2027, 1, 18)


def test_the_enterprise_is_reminded_three_days_before_and_every_three_days_after():
    _grant, own, _by = begun()
    ask(at(7, 1))
    reminded = [day for day in range(2, 31) if reporting_money.remind_of_reports(now=at(7, day))]
    assert reminded == [12, 15, 18, 21, 24, 27, 30]
    assert told("awards.report_reminder", own) == 7
    assert AuditEntry.objects.filter(act="awards.remind_report").count() == 7


def test_without_an_account_of_the_enterprise_the_office_is_reminded():
    grant = granted()
    pay(grant, "1000", date(2026, 4, 20), now=at(4, 20))
    ask(at(7, 1))
    assert told("awards.report_due", office(grant)) == 1


def test_from_the_enterprise_through_its_union_to_the_office():
    grant, own, by = begun()
    ask(at(7, 1))
    report = hand_in(grant.reports.get(), own, at(7, 3))
    assert report.state == "handed_in"
    assert report.sums == {
        "opening": "0.00",
        "received": "200000.00",
        "spent": "80000.50",
        "repaid": "0.00",
        "closing": "119999.50",
        "by_use": {"reward": "80000.50", "platform": "0.00", "activity": "0.00", "other": "0.00"},
    }
    assert report.digest == reporting_money.digest_of(report)
    with pytest.raises(Refused, match="不需要办公室"):
        review(report, office(grant))
    endorse(report, by, now=at(7, 6))
    with pytest.raises(Refused, match="不需要推荐单位"):
        endorse(report, by)
    report = review(report, office(grant), now=at(7, 7))
    assert (report.state, report.reviewed_at) == ("reviewed", at(7, 7))
    assert told("awards.report_moved", by) == 1 and told("awards.report_moved", office(grant)) == 1
    acts = AuditEntry.objects.filter(act__contains="report").values_list("act", flat=True)
    assert list(acts) == [
        "awards.ask_report",
        "awards.report_quarter",
        "awards.endorse_report",
        "awards.review_report",
    ]


def test_quarters_are_reported_in_order_and_chain():
    grant, own, by = begun()
    ask(at(10, 8))
    second, third = grant.reports.all()
    with pytest.raises(Refused, match="2026年第2季度"):
        hand_in(third, own)
    second, third = hand_in(second, own), hand_in(third, own)
    assert second.sums["closing"] == third.sums["opening"] == "119999.50"
    assert third.sums["closing"] == "118999.50"
    with pytest.raises(Refused, match="先退回"):
        endorse(second, by, agreed=False)
    endorse(third, by, agreed=False)
    endorse(second, by, agreed=False)
    second.refresh_from_db()
    assert second.state == "returned"


def test_a_reported_quarter_takes_no_more_lines_until_it_is_returned():
    grant, own, by = begun()
    ask(at(7, 1))
    report = hand_in(grant.reports.get(), own)
    for act in (
        lambda: spend(grant, "1", spent_on=date(2026, 6, 30)),
        lambda: pay(grant, "1", date(2026, 6, 30)),
    ):
        with pytest.raises(Refused, match="季度报告"):
            act()
    spend(grant, "1", spent_on=date(2026, 7, 1))
    wrong = grant.expenses.get(amount=D("80000.50"))
    back = granting.reverse_expense(wrong, reason="登记有误", by=own, now=AFTER)
    assert back.spent_on == date(2026, 10, 10)  # in a quarter that is still open
    assert reporting_money.sums_of(report) == report.sums
    endorse(report, by, agreed=False)
    spend(grant, "2.25", spent_on=date(2026, 6, 30))
    report = hand_in(report, own)
    assert report.sums["closing"] == "119997.25"
    assert (report.endorsement, report.endorsed_at) == ("", None)


def test_what_was_said_and_what_was_summed_is_what_the_digest_covers():
    grant, own, _by = begun()
    ask(at(7, 1))
    report = hand_in(grant.reports.get(), own)
    kept = report.digest
    report.words += "。"
    assert reporting_money.digest_of(report) != kept


def test_without_a_unions_account_the_report_goes_to_the_office_and_two_people_handle_it():
    grant = granted(recommender="370203")
    grant.honour.nomination.recommender.memberships.update(active=False)
    pay(grant, "1000", date(2026, 4, 20), now=at(4, 20))
    ask(at(7, 1))
    report = hand_in(grant.reports.get(), office(grant))
    with pytest.raises(Refused, match="不能自己审核"):
        review(report, office(grant))
    assert review(report, factories.hat("office", username="演示办公室乙")).state == "reviewed"


def test_others_report_endorse_and_review_nothing():
    grant, own, by = begun()
    ask(at(7, 1))
    report = grant.reports.get()
    for worn in (by, factories.hat("applicant"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            hand_in(report, worn)
    with pytest.raises(Refused, match="成效"):
        hand_in(report, own, account=" ")
    report = hand_in(report, own)
    with pytest.raises(Refused, match="已经提交"):
        hand_in(report, own)
    for worn in (own, office(grant), factories.hat("recommender", "370203")):
        with pytest.raises(PermissionDenied):
            endorse(report, worn)
    for worn in (own, by):
        with pytest.raises(PermissionDenied):
            review(report, worn)


def reopen(report, by, reason="一季度凭证漏登（演示）", now=AFTER):
    return reporting_money.reopen_report(report, reason=reason, by=by, now=now)


def test_nobody_agrees_to_a_quarter_before_the_one_before_it_is_reviewed():
    grant, own, by = begun()
    ask(at(10, 8))
    second, third = (hand_in(report, own) for report in grant.reports.all())
    for state in ("handed_in", "endorsed", "returned"):
        QuarterReport.objects.filter(pk=second.pk).update(state=state)
        with pytest.raises(Refused, match="2026年第2季度的报告还没有审核完"):
            endorse(third, by)
    QuarterReport.objects.filter(pk=second.pk).update(state="endorsed")
    QuarterReport.objects.filter(pk=third.pk).update(state="endorsed")
    with pytest.raises(Refused, match="2026年第2季度的报告还没有审核完"):
        review(third, office(grant))
    review(second, office(grant))
    assert review(third, office(grant)).state == "reviewed"


def test_the_office_reopens_the_newest_reviewed_report_on_the_record():
    grant, own, by = begun()
    ask(at(10, 8))
    for report in grant.reports.all():
        hand_in(report, own)
        endorse(report, by)
        review(report, office(grant))
    second, third = grant.reports.all()
    assert [reporting_money.reopenable(report) for report in (second, third)] == [False, True]
    with pytest.raises(Refused, match=r"2026年第3季度.*先退回"):
        reopen(second, office(grant))
    with pytest.raises(Refused, match="理由"):
        reopen(third, office(grant), " ")
    told_before = told("awards.report_moved", own)
    third = reopen(third, office(grant))
    assert (third.state, third.review) == ("returned", "一季度凭证漏登（演示）")
    assert told("awards.report_moved", own) == told_before + 1
    entry = AuditEntry.objects.get(act="awards.reopen_report")
    assert (entry.detail["quarter"], entry.detail["reason"]) == ("2026Q3", "一季度凭证漏登（演示）")
    with pytest.raises(Refused, match="没有审核"):
        reopen(third, office(grant))
    reopen(second, office(grant))
    spend(grant, "2.25", spent_on=date(2026, 6, 30))
    for report in grant.reports.all():
        hand_in(report, own)
        endorse(report, by)
        review(report, office(grant))
    second, third = grant.reports.all()
    assert second.sums["closing"] == third.sums["opening"] == "119997.25"


def test_only_the_office_reopens_and_not_after_the_closing():
    grant, own, by = begun()
    ask(at(7, 1))
    report = hand_in(grant.reports.get(), own)
    endorse(report, by)
    review(report, office(grant))
    for worn in (own, by, factories.hat("auditor"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            reopen(report, worn)
    Grant.objects.filter(pk=grant.pk).update(closed_at=AFTER, closed_by=office(grant), closing_reason="演示")
    with pytest.raises(Refused, match="结清"):
        reopen(report, office(grant))
    report.refresh_from_db()
    assert report.state == "reviewed"
    assert not reporting_money.reopenable(QuarterReport.objects.get(pk=report.pk))

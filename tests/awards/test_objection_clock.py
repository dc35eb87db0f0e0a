from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from awards.models import Extension, Objection
from awards.services import extending, handling, objection_clock, open_objections
from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear, Notification
from tests import factories
from tests.awards.objections import DURING, accepted, act, lodge
from tests.awards.stage import at_rank, office_of, published

pytestmark = pytest.mark.django_db


def on(year, month, day, hour=9):
    return datetime(year, month, day, hour, tzinfo=timezone.get_default_timezone())


def test_the_due_days_count_working_days_over_the_holidays():
    # Lodged on 25 September, a holiday; 1 to 7 October are off, Saturday the 10th is worked.
    one, _office = accepted()
    assert one.accept_due == date(2026, 9, 30)
    assert one.decide_due == date(2026, 10, 15)
    assert objection_clock.due_of(one) == date(2026, 10, 15)


def test_which_day_counts_follows_the_state():
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    assert objection_clock.due_of(one) == one.accept_due
    act("decline", one, office)
    one.refresh_from_db()
    assert objection_clock.due_of(one) == one.accept_due
    act("answer", one, office)
    one.refresh_from_db()
    assert objection_clock.due_of(one) is None


def test_a_year_without_a_calendar_stops_nothing_and_is_made_up_for():
    notice = published()
    held = CalendarYear.objects.get(pk=2026)
    CalendarYear.objects.filter(pk=2026).delete()
    one, _office = accepted(notice)
    assert (one.accept_due, one.decide_due) == (None, None)
    assert objection_clock.set_due_days(now=DURING) == 0
    assert objection_clock.remind_due(now=DURING) == 0
    held.save(force_insert=True)
    assert objection_clock.set_due_days(now=DURING) == 1
    one.refresh_from_db()
    assert (one.accept_due, one.decide_due) == (date(2026, 9, 30), date(2026, 10, 15))
    line = AuditEntry.objects.get(act="awards.set_objection_due")
    assert line.role == "system" and line.detail["decide_due"] == "2026-10-15"
    assert objection_clock.set_due_days(now=DURING) == 0


# Day by day until it is decided by 15 October: how many are told in the morning.
REMINDED = {
    date(2026, 10, 12): 0,
    date(2026, 10, 13): 1,
    date(2026, 10, 14): 1,
    date(2026, 10, 15): 1,
    date(2026, 10, 16): 1,
}


@pytest.mark.parametrize("day", REMINDED)
def test_the_handler_is_reminded_before_the_day_and_after_it_once_a_day(day):
    one, office = accepted()
    other = factories.hat("office", username="office-2")
    now = on(day.year, day.month, day.day)
    assert objection_clock.remind_due(now=now) == REMINDED[day]
    assert objection_clock.remind_due(now=now + timedelta(hours=2)) == 0
    told = Notification.objects.filter(event=objection_clock.REMIND)
    assert told.count() == REMINDED[day]
    assert not told.filter(recipient=other.user).exists()
    if day > one.decide_due:
        assert "逾期 1 天" in told.get().subject
    act("dismiss", one, office)
    act("answer", one, office)
    assert objection_clock.remind_due(now=now + timedelta(days=1)) == 0


def test_one_that_nobody_handles_is_everybodys():
    notice = published()
    factories.hat("office", username="office-2")
    office_of(notice.edition)
    lodge(notice)
    assert objection_clock.remind_due(now=on(2026, 9, 30)) == 2


def test_more_time_takes_a_reason_a_second_person_and_happens_once():
    one, office = accepted()
    second = factories.hat("office", username="office-2")
    words = {"by": office, "now": DURING}
    with pytest.raises(Refused, match="理由"):
        extending.ask_extension(one, reason=" ", **words)
    with pytest.raises(Refused, match="异议人的信息"):
        extending.ask_extension(one, reason="等演示反映人甲回青岛", **words)
    with pytest.raises(PermissionDenied):
        extending.ask_extension(one, reason="演示", by=second, now=DURING)
    asked = extending.ask_extension(one, reason="需要调阅原始凭证", **words)
    assert (asked.from_due, asked.to_due) == (date(2026, 10, 15), date(2026, 10, 22))
    with pytest.raises(Refused, match="至多延长一次"):
        extending.ask_extension(one, reason="演示", **words)
    with pytest.raises(Refused, match="申请人以外"):
        extending.decide_extension(one, allowed=True, **words)
    with pytest.raises(PermissionDenied):
        extending.decide_extension(one, allowed=True, by=factories.hat("office", "市南区"), now=DURING)
    one.refresh_from_db()
    assert one.decide_due == date(2026, 10, 15)
    extending.decide_extension(one, allowed=True, by=second, now=DURING)
    one.refresh_from_db()
    assert one.decide_due == date(2026, 10, 22)
    with pytest.raises(Refused, match="没有待决定"):
        extending.decide_extension(one, allowed=True, by=second, now=DURING)
    with pytest.raises(Refused, match="至多延长一次"):
        extending.ask_extension(one, reason="演示", **words)


def test_refused_more_time_leaves_the_day_and_may_be_asked_again():
    one, office = accepted()
    second = factories.hat("office", username="office-2")
    extending.ask_extension(one, reason="演示", by=office, now=DURING)
    extending.decide_extension(one, allowed=False, by=second, now=DURING)
    one.refresh_from_db()
    assert one.decide_due == date(2026, 10, 15)
    extending.ask_extension(one, reason="另有理由", by=office, now=DURING)
    assert Extension.objects.count() == 2


def test_no_more_time_once_the_day_is_over_or_before_it_is_known():
    one, office = accepted()
    with pytest.raises(Refused, match="已过"):
        extending.ask_extension(one, reason="演示", by=office, now=on(2026, 10, 17))
    Objection.objects.filter(pk=one.pk).update(decide_due=None)
    with pytest.raises(Refused, match="待定"):
        extending.ask_extension(one, reason="演示", by=office, now=DURING)


def test_open_until_it_is_answered():
    notice = published()
    edition, subject = notice.edition, at_rank(notice.edition, 1)
    assert not open_objections.is_any_open(edition)
    one = lodge(notice).objection
    office = office_of(edition)
    for step in ("accept", "dismiss", "answer"):
        assert open_objections.is_any_open(edition)
        assert open_objections.open_for(subject) == [one]
        assert open_objections.open_for(at_rank(edition, 2)) == []
        act(step, one, office)
    assert not open_objections.is_any_open(edition)
    assert open_objections.open_for(subject) == []


def test_a_declined_one_is_open_until_it_is_answered():
    one = lodge(published()).objection
    office = office_of(one.notice.edition)
    act("decline", one, office)
    assert open_objections.is_any_open(one.notice.edition)
    act("answer", one, office)
    assert not open_objections.is_any_open(one.notice.edition)


def test_the_office_may_be_late_and_is_not_stopped():
    one, office = accepted()
    handling.decide_objection(
        one, upheld=False, decision="演示", public_outcome="演示", by=office, now=on(2026, 11, 2)
    )
    assert Objection.objects.get().state == "dismissed"

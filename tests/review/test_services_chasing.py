"""Reminders and escalation: whom, on which days, how often. Expectations by hand."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear, Notification
from review import services
from review.models import Batch
from review.services import chasing
from tests import factories
from tests.moments import NOW

HERE = ZoneInfo("Asia/Shanghai")
#: A Wednesday; 2026-06-19 is 端午节 and a Friday, so the working days after are 11, 12, 15, 16, 17, 18, 22 …
DUE = date(2026, 6, 10)


@pytest.fixture
def due(screened):
    Batch.objects.update(due_on=DUE)
    return screened


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=HERE)


def run(place, day: date) -> int:
    return chasing.remind_departments(place.edition, now=morning(day))


def told(event, user=None):
    rows = Notification.objects.filter(event=event, channel="site")
    return rows.filter(recipient=user).count() if user else rows.count()


@pytest.mark.parametrize(
    ("day", "departments"),
    [(5, 0), (6, 0), (7, 2), (8, 0), (9, 2), (10, 2)],
)
def test_on_which_days_before(due, day, departments):
    run(due, date(2026, 6, day))
    assert told(chasing.REMIND) == departments
    assert told(chasing.OVERDUE) == 0


def test_after_it_on_working_days_three_times_and_the_office_hears(due):
    counts = []
    for day in range(11, 23):
        run(due, date(2026, 6, day))
        counts.append((day, told(chasing.REMIND, due.science.user), told(chasing.OVERDUE, due.office.user)))
    assert counts == [
        *((11, 1, 1), (12, 2, 2), (13, 2, 2), (14, 2, 2), (15, 3, 3), (16, 3, 4), (17, 3, 5), (18, 3, 6)),
        *((19, 3, 6), (20, 3, 6), (21, 3, 6), (22, 3, 7)),
    ]


def test_a_second_run_on_the_day_tells_nobody_twice(due):
    assert run(due, DUE) == 2
    assert run(due, DUE) == 0
    late = date(2026, 6, 11)
    assert run(due, late) == 3  # two departments and the office
    assert run(due, late) == 0


def test_who_has_finished_is_left_alone(due):
    services.answer_rest_clear(due.edition, due.science.organisation, by=due.science, now=NOW)
    run(due, DUE)
    assert told(chasing.REMIND, due.science.user) == 0
    [row] = Notification.objects.filter(event=chasing.REMIND, channel="site")
    assert row.recipient == due.safety.user
    assert row.subject.endswith("还有 3 项核查意见没有答复，2026年6月10日 (周三) 截止")


def test_the_citys_office_hears_after_three_working_days(db):
    edition = factories.edition(host="市北区")
    office, above = factories.hat("office", "市北区"), factories.hat("office")
    science = factories.hat("department", "dept-kjj")
    factories.nomination(edition, 1, state="screening", recommender="市北区")
    services.consult(edition, [(science.organisation, "misconduct")], by=office, now=NOW, due_on=DUE)
    heard = {}
    for day in (11, 12, 15):
        chasing.remind_departments(edition, now=morning(date(2026, 6, day)))
        heard[day] = (told(chasing.OVERDUE, office.user), told(chasing.OVERDUE, above.user))
    assert heard == {11: (1, 0), 12: (2, 0), 15: (3, 1)}
    row = Notification.objects.filter(event=chasing.OVERDUE, recipient=above.user).first()
    assert "1 个部门逾期未答复" in row.subject and "市科技局：1 项" in row.body


def test_a_year_without_a_calendar_is_said_and_not_guessed(due):
    CalendarYear.objects.all().delete()
    assert run(due, date(2026, 6, 11)) == 1
    row = Notification.objects.get(event=chasing.OVERDUE, channel="site")
    assert "没有 2026 年的放假安排" in row.subject


def test_the_button_names_whom_and_tells_each_once_a_day(due):
    rows = {each.row.department.code: each for each in chasing.preview_chase(due.edition, now=NOW)}
    assert {code: (each.row.count, len(each.people)) for code, each in rows.items()} == {
        "dept-kjj": (3, 1),
        "dept-yjj": (3, 1),
    }
    wanted = [due.science.organisation_id]
    assert chasing.chase(due.edition, wanted, by=due.office, now=NOW) == 1
    assert told(chasing.CHASE, due.science.user) == 1 and told(chasing.CHASE, due.safety.user) == 0
    with pytest.raises(Refused, match="今天已经催办过"):
        chasing.chase(due.edition, wanted, by=due.office, now=NOW)
    assert chasing.chase(due.edition, wanted, by=due.office, now=NOW + timedelta(days=1)) == 1
    entry = AuditEntry.objects.filter(act="review.chase").first()
    assert entry.detail["count"] == 1 and len(entry.detail["departments"]) == 1


def test_nobody_chases_those_who_are_done_and_only_the_office_chases(due):
    services.answer_rest_clear(due.edition, due.science.organisation, by=due.science, now=NOW)
    with pytest.raises(Refused, match="都已经答复完"):
        chasing.chase(due.edition, [due.science.organisation_id], by=due.office, now=NOW)
    for hat in (due.science, factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            chasing.chase(due.edition, [due.safety.organisation_id], by=hat, now=NOW)


def test_which_editions_are_looked_at(due):
    factories.edition(host="市北区")
    assert chasing.due_editions() == [due.edition]

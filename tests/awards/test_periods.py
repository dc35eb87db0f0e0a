"""A period on a provisional calendar: published with a tick, named only once the year is confirmed."""

from datetime import UTC, date, datetime

import pytest

from awards.models import Notice
from awards.services import correcting, naming, periods, publishing
from awards.tasks import recount_notices
from awards.todos import todos
from portal.calendar import confirm_year, set_year
from portal.errors import Refused
from portal.models import AuditEntry, CalendarYear, Notification
from tests import factories
from tests.awards.stage import AFTER, LAST_DAY, PUBLISHING, ids, office_of, visited

pytestmark = pytest.mark.django_db


@pytest.fixture
def provisional():
    """A list published while 2026 was provisional."""
    edition = visited()
    CalendarYear.objects.filter(year=2026).update(provisional=True)
    return publishing.publish_notice(
        edition,
        chosen=ids(edition, 1, 2),
        provisional_confirmed=True,
        by=office_of(edition),
        now=PUBLISHING,
    )


def confirm(**changed):
    by = factories.hat("admin")
    if changed:
        row = CalendarYear.objects.get(year=2026)
        kept = {"source": row.source, "holidays": row.holidays, "workdays": row.workdays}
        set_year(year=2026, provisional=False, **{**kept, **changed}, by=by, now=AFTER)
    else:
        confirm_year(2026, by=by, now=AFTER)


def name(notice, now=AFTER):
    return naming.name_winners(notice.edition, decision="演示1号", by=office_of(notice.edition), now=now)


def longer():
    """9 October turns out to be a day off."""
    holidays = [*CalendarYear.objects.get(year=2026).holidays, "2026-10-09"]
    return confirm(holidays=holidays)


def test_nobody_is_named_before_the_year_is_confirmed(provisional):
    assert periods.provisional_now(provisional)
    with pytest.raises(Refused, match="放假安排尚未确认"):
        name(provisional)
    confirm()
    assert not periods.provisional_now(provisional)
    assert len(name(provisional)) == 2


def test_a_confirmed_year_that_ends_the_period_later_needs_a_correction(provisional):
    longer()
    assert periods.provisional_now(provisional)
    with pytest.raises(Refused, match="尚未确认"):
        name(provisional)
    new = correcting.correct_notice(
        provisional,
        chosen=ids(provisional.edition, 1, 2),
        reason="按正式的放假安排更正截止日",
        by=office_of(provisional.edition),
        now=AFTER,
    )
    # Corrected on 10-10, when the first end was past: the working day that was missing is still to come.
    assert (new.restarted, new.ends_on) == (False, date(2026, 10, 12))
    assert new.changes == ["公示截止时间由2026年10月9日（周五）24:00更正为2026年10月12日（周一）24:00"]
    assert not periods.provisional_now(new)
    with pytest.raises(Refused, match="10-12"):
        name(provisional)
    assert len(name(provisional, datetime(2026, 10, 13, 2, 0, tzinfo=UTC))) == 2


@pytest.mark.parametrize(
    ("corrected", "ends"),
    [
        (datetime(2026, 10, 8, 2, 0, tzinfo=UTC), date(2026, 10, 10)),
        (datetime(2026, 10, 9, 2, 0, tzinfo=UTC), date(2026, 10, 10)),
        (datetime(2026, 10, 10, 2, 0, tzinfo=UTC), date(2026, 10, 12)),
        (datetime(2026, 10, 12, 2, 0, tzinfo=UTC), date(2026, 10, 13)),
        (datetime(2026, 10, 16, 2, 0, tzinfo=UTC), date(2026, 10, 19)),
    ],
)
def test_days_added_to_a_period_are_days_on_which_one_can_object(provisional, corrected, ends):
    longer()
    new = correcting.correct_notice(
        provisional,
        chosen=ids(provisional.edition, 1, 2),
        reason="按正式的放假安排更正截止日",
        by=office_of(provisional.edition),
        now=corrected,
    )
    assert (new.restarted, new.ends_on) == (False, ends)
    with pytest.raises(Refused, match=f"{ends:%m-%d}"):
        name(provisional, max(corrected, AFTER))
    again = correcting.correct_notice(
        new,
        chosen=ids(provisional.edition, 1, 2),
        reason="演示更正",
        by=office_of(provisional.edition),
        now=datetime(2026, 10, 20, 2, 0, tzinfo=UTC),
    )
    assert again.ends_on == ends


def test_an_earlier_end_takes_nothing_from_what_was_published(provisional):
    off = [day for day in CalendarYear.objects.get(year=2026).holidays if day != "2026-10-07"]
    confirm(holidays=off)
    assert periods.recounted_end(provisional, periods.calendar.published()) < LAST_DAY
    assert not periods.provisional_now(provisional) and len(name(provisional)) == 2


def test_the_nightly_recount_is_made_once_and_told(provisional):
    office = office_of(provisional.edition)
    assert periods.recount_notices(now=AFTER) == 0
    longer()
    assert periods.recount_notices(now=AFTER) == 1
    assert periods.recount_notices(now=AFTER) == 0
    recount_notices()
    provisional.refresh_from_db()
    assert provisional.recount["ends_on"] == "2026-10-10" and provisional.ends_on == LAST_DAY
    line = AuditEntry.objects.get(act="awards.recount_notice")
    assert (line.detail["published"], line.detail["recounted"]) == ("2026-10-09", "2026-10-10")
    told = Notification.objects.get(event="awards.notice_recounted", recipient=office.user, channel="site")
    assert "应为2026年10月10日（周六）24:00，请更正公示" in told.subject
    assert "更正公示截止日" in [str(line.verb) for line in todos(office, now=AFTER)]


def test_a_year_taken_away_is_not_guessed(provisional):
    CalendarYear.objects.filter(year=2026).delete()
    assert periods.provisional_now(provisional) and periods.recount_notices(now=AFTER) == 0


def test_a_list_on_a_published_calendar_is_never_recounted():
    edition = visited()
    notice = publishing.publish_notice(
        edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING
    )
    longer()
    assert not periods.provisional_now(notice) and periods.recount_notices(now=AFTER) == 0
    assert Notice.objects.get().recount is None

"""Reminders: before the deadline and on its day, to those who are not done, once."""

from datetime import UTC, datetime, timedelta

import pytest

from nominations import tasks
from nominations.services import reminding
from nominations.services.returning import send_back
from nominations.services.steps import close_step
from portal.models import Notification
from tests import factories

pytestmark = pytest.mark.django_db
# Half past eight in the morning in Qingdao, on the day the recommendation ends.
LAST_DAY = datetime(2026, 6, 10, 0, 30, tzinfo=UTC)
CLOSES = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def edition(now):
    return factories.edition(now=now, dates={"recommendation": (now, CLOSES)})


@pytest.fixture
def recommender():
    return factories.hat("recommender")


def told():
    return [
        (each.recipient.username, each.subject)
        for each in Notification.objects.filter(event="nominations.remind")
    ]


@pytest.mark.parametrize(("days_before", "count"), [(4, 0), (3, 1), (2, 0), (1, 1), (0, 1), (-1, 0)])
def test_on_which_days(edition, recommender, days_before, count):
    factories.nomination(edition, 1)
    assert reminding.remind(edition, now=LAST_DAY - timedelta(days=days_before)) == count


def test_those_who_are_done_are_left_alone(edition, recommender):
    factories.hat("recommender", "市北区")
    factories.nomination(edition, 1, state="screening")
    factories.nomination(edition, 2, state="withdrawn")
    factories.nomination(edition, 3, state="recommendation", recommender="市北区")
    factories.nomination(edition, 4, recommender="市北区")
    assert reminding.remind(edition, now=LAST_DAY) == 1
    [(_name, subject)] = told()
    assert subject.endswith("还有 2 家没有办完，6月10日截止")


def test_never_twice_on_a_day(edition, recommender):
    factories.nomination(edition, 1)
    assert [reminding.remind(edition, now=LAST_DAY + timedelta(hours=n)) for n in (0, 1, 9)] == [1, 0, 0]
    assert len(told()) == 1


def test_again_on_the_next_day(edition, recommender):
    factories.nomination(edition, 1)
    assert reminding.remind(edition, now=LAST_DAY - timedelta(days=1)) == 1
    assert reminding.remind(edition, now=LAST_DAY) == 1


def test_a_return_has_its_own_deadline_also_after_the_step_is_closed(edition, recommender, now):
    office = factories.hat("office")
    row = factories.nomination(edition, 1, state="screening", union_founded_on="2010-05-01")
    close_step(edition, "recommendation", by=office, now=now)
    deadline = (LAST_DAY + timedelta(days=20)).date()
    send_back(row, by=office, now=now, reason="补交材料", deadline=deadline)
    factories.nomination(edition, 2)
    assert reminding.remind(edition, now=LAST_DAY) == 0
    assert reminding.remind(edition, now=LAST_DAY + timedelta(days=20)) == 1
    assert told()[-1][1].endswith("还有 1 家没有办完，6月30日截止")


def test_the_task_asks_every_published_edition_and_may_run_twice(edition, recommender, monkeypatch):
    factories.nomination(edition, 1)
    silent = factories.edition(published=False, dates={"recommendation": (None, CLOSES)})
    factories.nomination(silent, 2)
    monkeypatch.setattr(tasks.timezone, "now", lambda: LAST_DAY)
    tasks.remind_due()
    tasks.remind_due()
    assert len(told()) == 1
    assert Notification.objects.get(event="nominations.remind").edition_id == edition.pk

"""An objection in the last second and a naming, at once: one sees the other, whoever comes first."""

from datetime import timedelta

import pytest
from django.db import transaction

from awards.models import Honour, Objection
from awards.services import handling, naming
from portal.errors import Refused
from tests import factories
from tests.awards.objections import accepted, act, lodge
from tests.awards.stage import AFTER, office_of, published
from tests.races import overtaking, told

pytestmark = pytest.mark.django_db(transaction=True)
LAST_SECOND = AFTER.replace(day=9, hour=15, minute=59, second=59)


def staged():
    with transaction.atomic():
        notice = published()
        return notice, office_of(notice.edition), factories.hat("public")


def name(edition, office):
    return naming.name_winners(edition, decision="演示1号", by=office, now=AFTER)


def test_a_naming_waits_for_the_objection_of_the_last_second_and_is_then_refused():
    notice, office, citizen = staged()
    lodged, named = overtaking(
        lambda: lodge(notice, now=LAST_SECOND, by=citizen), lambda: name(notice.edition, office)
    )
    assert lodged.number and told(named) and "异议" in str(named)
    assert Objection.objects.count() == 1 and not Honour.objects.exists()


def test_an_objection_that_comes_after_the_naming_is_too_late_and_says_so():
    notice, office, citizen = staged()
    named, lodged = overtaking(
        lambda: name(notice.edition, office), lambda: lodge(notice, now=LAST_SECOND, by=citizen)
    )
    assert len(named) == 2 and told(lodged) and "不再列入公示" in str(lodged)
    assert not Objection.objects.exists()


def test_two_who_accept_at_once_leave_one_handler():
    with transaction.atomic():
        one = lodge(published()).objection
        first, second = (factories.hat("office", username=f"office-{n}") for n in (1, 2))
    outcomes = overtaking(lambda: act("accept", one, first), lambda: act("accept", one, second))
    assert [told(each) for each in outcomes] == [False, True]
    assert [each.user for each in one.handlers.all()] == [first.user]


def test_a_doubled_click_decides_once():
    with transaction.atomic():
        one, office = accepted()
    outcomes = overtaking(lambda: act("uphold", one, office), lambda: act("dismiss", one, office))
    assert [told(each) for each in outcomes] == [False, True]
    one.refresh_from_db()
    assert (one.state, one.upheld) == ("upheld", True)


def test_a_naming_beside_the_answer_of_the_last_objection():
    with transaction.atomic():
        one, office = accepted()
        act("dismiss", one, office)
        edition = one.notice.edition
    answered, named = overtaking(
        lambda: handling.answer_objection(one, answer="演示", by=office, now=AFTER - timedelta(hours=1)),
        lambda: name(edition, office),
    )
    assert answered.state == "answered"
    assert isinstance(named, Refused) or len(named) == 2

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import DutyTurn, Handler
from awards.services import handlers, handling, roster
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.awards.objections import DURING, WHO, accepted, lodge
from tests.awards.stage import office_of, published

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 9, 25)


def turn(user, by, starts=FRIDAY, ends=FRIDAY, **more):
    return roster.add_turn(user=user, starts_on=starts, ends_on=ends, by=by, now=DURING, **more)


def people():
    return [factories.hat("office", username=f"office-{n}") for n in (1, 2, 3)]


def test_who_is_on_duty_handles_what_comes_that_day_and_the_deputy_with_them():
    notice = published()
    first, second, third = people()
    turn(first.user, third, deputy=second.user)
    one = lodge(notice).objection
    assert [each.user for each in handlers.handlers_of(one)] == [first.user, second.user]
    told = Notification.objects.filter(event="awards.objection_lodged").values_list("recipient", flat=True)
    assert set(told) == {first.user_id, second.user_id}
    for hat in (first, second):
        assert handling.read_objector(one, by=hat, now=DURING) == WHO
    with pytest.raises(PermissionDenied):
        handling.read_objector(one, by=third, now=DURING)
    with pytest.raises(Refused, match=r"由“office-1.*经办"):
        handling.accept_objection(one, by=third, now=DURING)
    handling.accept_objection(one, by=second, now=DURING)
    assert Handler.objects.count() == 2


def test_on_a_day_without_a_turn_whoever_accepts_handles_it():
    notice = published()
    first, _second, third = people()
    turn(first.user, third, starts=FRIDAY + timedelta(days=1), ends=FRIDAY + timedelta(days=9))
    one = lodge(notice).objection
    assert handlers.handlers_of(one) == []
    handling.accept_objection(one, by=third, now=DURING)
    assert [each.user for each in handlers.handlers_of(one)] == [third.user]


def test_who_takes_it_up_looks_into_it_before_accepting_and_keeps_the_others_out():
    one = lodge(published()).objection
    first, second, _third = people()
    handlers.take_up(one, by=first, now=DURING)
    assert handling.read_objector(one, by=first, now=DURING) == WHO
    with pytest.raises(Refused, match="已由“office-1"):
        handlers.take_up(one, by=second, now=DURING)
    with pytest.raises(Refused, match="经办"):
        handling.accept_objection(one, by=second, now=DURING)
    handling.accept_objection(one, by=first, now=DURING)
    assert Handler.objects.count() == 1
    with pytest.raises(Refused, match="请改派"):
        handlers.take_up(one, by=second, now=DURING)
    with pytest.raises(PermissionDenied):
        handlers.take_up(one, by=factories.hat("office", "市南区"), now=DURING)


def test_who_has_left_the_office_is_on_duty_no_more():
    first, second, third = people()
    turn(first.user, third, deputy=second.user)
    first.active = False
    first.save()
    assert roster.on_duty(third.organisation, FRIDAY) == [second.user]


def test_turns_are_of_ones_own_office_do_not_overlap_and_are_not_of_yesterday():
    first, second, third = people()
    stranger = factories.hat("office", "市南区")
    with pytest.raises(Refused, match="不是本办公室"):
        turn(stranger.user, third)
    with pytest.raises(Refused, match="不能是同一人"):
        turn(first.user, third, deputy=first.user)
    with pytest.raises(Refused, match="不能早于"):
        turn(first.user, third, ends=FRIDAY - timedelta(days=1))
    with pytest.raises(Refused, match="已经过去"):
        turn(first.user, third, starts=date(2026, 9, 1), ends=date(2026, 9, 2))
    with pytest.raises(PermissionDenied):
        turn(first.user, factories.hat("auditor"))
    turn(first.user, third, ends=FRIDAY + timedelta(days=2))
    with pytest.raises(Refused, match="不能重叠"):
        turn(second.user, third, starts=FRIDAY + timedelta(days=2), ends=FRIDAY + timedelta(days=4))
    turn(stranger.user, stranger)  # another office has a roster of its own
    assert DutyTurn.objects.count() == 2


def test_a_turn_that_has_begun_ends_yesterday_and_one_to_come_is_taken_off():
    first, second, third = people()
    running = turn(first.user, third, starts=FRIDAY - timedelta(days=2), ends=FRIDAY + timedelta(days=2))
    coming = turn(second.user, third, starts=FRIDAY + timedelta(days=5), ends=FRIDAY + timedelta(days=6))
    with pytest.raises(Refused, match="已经结束"):
        roster.end_turn(running, by=factories.hat("office", "市南区"), now=DURING)
    roster.end_turn(running, by=third, now=DURING)
    roster.end_turn(coming, by=third, now=DURING)
    assert list(DutyTurn.objects.values_list("ends_on", flat=True)) == [FRIDAY - timedelta(days=1)]
    assert AuditEntry.objects.filter(act="awards.manage_roster").count() == 4
    with pytest.raises(Refused, match="已经结束"):
        roster.end_turn(running, by=third, now=DURING)


def test_another_is_assigned_with_a_reason_and_the_former_one_reads_no_more():
    one, office = accepted()
    second = factories.hat("office", username="office-2")
    words = {"by": office, "now": DURING}
    for wrong, sentence in (
        ({"users": [], "reason": "演示"}, "至少指派一名"),
        ({"users": [second.user], "reason": " "}, "理由"),
        ({"users": [second.user], "reason": "演示反映人甲认识我"}, "异议人的信息"),
        ({"users": [office.user], "reason": "演示"}, "没有变化"),
        ({"users": [factories.hat("office", "市南区").user], "reason": "演示"}, "不是本办公室"),
    ):
        with pytest.raises(Refused, match=sentence):
            handlers.assign_handlers(one, **wrong, **words)
    handlers.assign_handlers(one, users=[second.user], reason="原经办人外出", **words)
    with pytest.raises(PermissionDenied):
        handling.read_objector(one, by=office, now=DURING)
    assert handling.read_objector(one, by=second, now=DURING) == WHO
    line = AuditEntry.objects.get(act="awards.assign_handler")
    assert line.detail["reason"] == "原经办人外出"
    assert len(line.detail["before"]) == len(line.detail["after"]) == 1


def test_nobody_appoints_themselves_to_see_who_objects():
    one, _office = accepted()
    second = factories.hat("office", username="office-2")
    with pytest.raises(Refused, match="不能把异议指派给自己"):
        handlers.assign_handlers(one, users=[second.user], reason="演示", by=second, now=DURING)
    untouched = lodge(published()).objection
    with pytest.raises(Refused, match="不能把异议指派给自己"):
        handlers.assign_handlers(untouched, users=[second.user], reason="演示", by=second, now=DURING)
    assert office_of(untouched.notice.edition) != second

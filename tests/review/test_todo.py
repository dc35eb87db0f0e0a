"""What of screening and review waits for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import Membership
from portal.todo import todos
from review import services
from review.services import rechecks
from review.todo import todos as own_todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, submit

pytestmark = pytest.mark.django_db


def test_what_waits_for_whom(screened):
    soon = timezone.now()
    (line,) = own_todos(screened.science, now=soon)
    assert (line.verb, line.count, line.waiting) == ("答复", 3, False)
    waiting = [each for each in own_todos(screened.office, now=soon) if each.waiting]
    assert [each.count for each in waiting] == [6]
    services.answer_rest_clear(screened.edition, screened.science.organisation, by=screened.science, now=soon)
    assert own_todos(screened.science, now=soon) == []


def test_who_was_never_sent_waits_for_the_office_alone(screened):
    factories.nomination(screened.edition, 21, state="screening")
    lines = {each.verb: each.count for each in own_todos(screened.office, now=NOW)}
    assert lines == {"送部门联审": 1, "等待": 6}
    (line,) = own_todos(screened.science, now=NOW)
    assert line.count == 3


def test_look_ups_that_end_come_by_themselves_and_go_when_answered(all_clear):
    place = all_clear
    services.close_screening(place.edition, by=place.office, now=NOW)
    nomination = place.nominations[0]
    nomination.refresh_from_db()
    factories.bring(nomination, "inspection")
    after = NOW + timedelta(days=61)

    def lines(hat):
        wanted = ("再次核查", "处理", "等待", "答复")
        return [(each.verb, each.count) for each in own_todos(hat, now=after) if each.verb in wanted]

    assert [each for each in own_todos(place.office, now=NOW) if each.verb == "再次核查"] == []
    assert lines(place.office) == [("再次核查", 1)]
    rechecks.send_recheck(place.edition, [nomination.pk], due_on=after.date(), by=place.office, now=after)
    assert lines(place.office) == [("等待", 2)]
    assert lines(place.science) == [("答复", 1)]
    services.answer(nomination, place.kjj, by=place.science, now=after, answer="clear")
    services.answer(
        nomination, place.yjj, by=place.safety, now=after, answer="problem", explanation="发生事故"
    )
    assert lines(place.science) == []
    assert lines(place.office) == [("处理", 1)]


def test_what_waits_in_the_review(reviewed):
    hat, soon = reviewed.experts[0], NOW + timedelta(days=1)
    assert [line.count for line in own_todos(hat, now=soon)] == [3]
    submit(reviewed, 0, 0, 80, 80, 80)
    services.recuse(assignment(reviewed, 0, 1), kind="officer", signature=hat.user.full_name, by=hat, now=NOW)
    assert [line.count for line in own_todos(hat, now=soon)] == [1]
    assert [line.waiting for line in own_todos(reviewed.office, now=soon)] == [True]
    for expert in (1, 2, 3):
        for nomination in range(3):
            submit(reviewed, expert, nomination, 80, 80, 80)
    (line,) = own_todos(reviewed.office, now=soon)
    assert (line.verb, line.waiting) == ("关闭专家评审", False)
    assert own_todos(Membership.objects.system(), now=soon) == []
    assert todos(hat, now=soon)

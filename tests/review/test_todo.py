"""What of screening and review waits for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import Membership
from portal.todo import todos
from review import services
from review.todo import todos as own_todos
from tests.moments import NOW
from tests.review.conftest import assignment, submit

pytestmark = pytest.mark.django_db


def test_what_waits_for_whom(screened):
    soon = timezone.now()
    (line,) = own_todos(screened.science, now=soon)
    assert (line.verb, line.count, line.waiting) == ("答复", 3, False)
    waiting = [each for each in own_todos(screened.office, now=soon) if each.waiting]
    assert [each.count for each in waiting] == [6]
    services.answer_rest_clear(screened.edition, screened.science.organisation, by=screened.science, now=NOW)
    assert own_todos(screened.science, now=soon) == []


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

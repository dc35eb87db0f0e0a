"""What waits for whom, and how the stepper leads there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nominations.services.returning import send_back
from nominations.services.steps import close_step
from nominations.stepper import stepper
from nominations.todo import todos
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(now):
    return factories.edition(now=now, dates={"recommendation": (now, now + timedelta(days=5))})


def lines(hat, now):
    return [(todo.verb, todo.object, todo.count, todo.waiting) for todo in todos(hat, now=now)]


def test_a_recommender(edition, now):
    hat = factories.hat("recommender")
    back = factories.nomination(edition, 1, state="recommendation")
    send_back(back, by=hat, now=now, reason="x", deadline=now.date())
    factories.nomination(edition, 2)
    factories.nomination(edition, 3, state="recommendation", rank=1)
    factories.nomination(edition, 4, state="recommendation", rank=2)
    factories.nomination(edition, 5, state="screening")
    factories.nomination(edition, 6, recommender="市北区")
    assert lines(hat, now) == [
        ("补正", "演示企业1（演示）", 1, False),
        ("推荐", "演示企业3（演示）等 2 家", 2, False),
        ("填写并提交", "演示企业2（演示）", 1, False),
    ]
    due = {todo.verb: todo.due for todo in todos(hat, now=now)}
    assert due == {"补正": now.date(), "推荐": (now + timedelta(days=5)).date(), "填写并提交": due["推荐"]}


def test_what_an_enterprise_writes_itself_is_waited_for_and_then_reviewed(edition, now):
    hat = factories.hat("recommender")
    own = [factories.enterprise(n, account=True) for n in (11, 12, 13, 14)]
    for n, deadline in ((0, 9), (1, 4)):
        row = factories.nomination(edition, own[n], state="recommendation")
        send_back(row, by=hat, now=now, reason="x", deadline=now.date() + timedelta(days=deadline))
    factories.nomination(edition, own[2], state="recommendation")
    factories.nomination(edition, own[3])
    for n in (15, 16):
        row = factories.nomination(edition, n, state="recommendation")
        send_back(row, by=hat, now=now, reason="x", deadline=now.date() + timedelta(days=n))
    found = {todo.verb: todo for todo in todos(hat, now=now)}
    assert {verb: (todo.count, todo.waiting, todo.due) for verb, todo in found.items()} == {
        "补正": (2, False, now.date() + timedelta(days=15)),
        "等待企业补正": (2, True, now.date() + timedelta(days=4)),
        "审核": (1, False, (now + timedelta(days=5)).date()),
        "等待企业填报": (1, True, (now + timedelta(days=5)).date()),
    }
    assert found["审核"].url.endswith("/send-back/")
    assert found["补正"].url.endswith("?state=returned")


def test_nothing_waits_for_those_who_have_finished(edition, now):
    hat = factories.hat("recommender")
    for n in (1, 2):
        factories.nomination(edition, n, state="screening")
    factories.nomination(edition, 3, state="withdrawn")
    assert lines(hat, now) == []


def test_an_applicant(edition, now):
    hat = factories.hat("applicant")
    row = factories.nomination(edition, factories.enterprise(1))
    assert lines(hat, now) == [("填写并提交", "演示企业1（演示）", 1, False)]
    factories.bring(row, "recommendation")
    assert lines(hat, now) == [("等待审核推荐", "演示企业1（演示）", 1, True)]
    send_back(row, by=factories.hat("recommender"), now=now, reason="x", deadline=now.date())
    assert lines(hat, now) == [("补正", "演示企业1（演示）", 1, False)]


def test_the_office_and_the_auditor(edition, now):
    factories.nomination(edition, 1)
    assert [line[0] for line in lines(factories.hat("office"), now)] == ["关闭组织推荐", "等待"]
    assert lines(factories.hat("office", "市北区"), now) == []
    assert [line[0] for line in lines(factories.hat("auditor"), now)] == ["查阅"]
    assert lines(factories.hat("expert"), now) == []


def test_a_constant_number_of_queries(now):
    hat = factories.hat("recommender")
    counts = []
    for size in (1, 4):
        for n in range(size):
            one = factories.edition(now=now)
            for each in range(size):
                factories.nomination(one, 100 * size + 10 * n + each)
        with CaptureQueriesContext(connection) as asked:
            todos(hat, now=now)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_stepper_says_where_it_is_and_links_only_what_one_may_see(edition, now):
    close_step(edition, "recommendation", by=factories.hat("office"), now=now)
    edition.steps.filter(kind="voting").update(enabled=False)
    edition = type(edition).objects.get(pk=edition.pk)
    steps = stepper(edition, factories.hat("office"), now=now)
    assert [(step.kind, step.phase) for step in steps] == [
        ("recommendation", "done"),
        ("screening", "now"),
        ("review", "todo"),
        ("voting", "off"),
        ("inspection", "todo"),
        ("publicity", "todo"),
    ]
    assert steps[0].url == reverse("nominations:desk", args=[edition.pk])
    assert steps[3].url == ""
    links = {}
    for role in ("recommender", "applicant", "department", "expert", "inspector"):
        seen = stepper(edition, factories.hat(role), now=now)
        links[role] = [step.kind for step in seen if step.url]
    assert links == {
        "recommender": ["recommendation"],
        "applicant": ["recommendation"],
        "department": ["screening"],
        "expert": ["review"],
        "inspector": ["inspection"],
    }
    assert [step.url for step in stepper(edition, None, now=now)] == [""] * 6

"""A small edition at screening or under review, with those who act in it."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from nominations.services.conclusion import close_recommendation
from nominations.states import State
from portal.models import Organisation
from review import services
from review.models import Assignment
from tests import factories
from tests.moments import NOW

FOUNDED = date(2015, 3, 2)


def org(code):
    return Organisation.objects.get(code=code)


@pytest.fixture
def screened(db):
    """Three enterprises at screening; 市科技局 and 市应急管理局 are asked one item each."""
    return at_screening()


def at_screening(**fields):
    """The same in an edition of its own rules."""
    edition = factories.edition(**({"seats": 2, "nominees": 2, "min_sheets": 3, "trim_from": 5} | fields))
    office = factories.hat("office")
    nominations = [
        factories.nomination(edition, n, state="screening", union_founded_on=FOUNDED) for n in (1, 2, 3)
    ]
    questions = services.consult(
        edition, [(org("dept-kjj"), "misconduct"), (org("dept-yjj"), "accident")], by=office, now=NOW
    )
    by_code = {each.department.code: each for each in questions}
    return SimpleNamespace(
        edition=edition,
        office=office,
        nominations=nominations,
        kjj=by_code["dept-kjj"],
        yjj=by_code["dept-yjj"],
        science=factories.hat("department", "dept-kjj"),
        safety=factories.hat("department", "dept-yjj"),
    )


@pytest.fixture
def all_clear(screened):
    """The same, everything answered 无异议 and ① closed."""
    return cleared(screened)


def cleared(screened):
    for hat in (screened.science, screened.safety):
        services.answer_rest_clear(screened.edition, hat.organisation, by=hat, now=NOW)
    close_recommendation(screened.edition, by=screened.office, now=NOW)
    return screened


@pytest.fixture
def reviewed(all_clear):
    """Three enterprises under review by four experts with accounts, everyone assigned, nobody declared."""
    return under_review(all_clear)


def under_review(all_clear):
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    experts = [factories.hat("expert", username=f"expert{n}") for n in range(1, 5)]
    seats = [services.Seat(f"E0{n}", hat.user.full_name, hat.user) for n, hat in enumerate(experts, 1)]
    services.seat_panel(all_clear.edition, seats, by=all_clear.office, now=NOW)
    services.assign_all(all_clear.edition, by=all_clear.office, now=NOW)
    all_clear.experts = experts
    all_clear.nominations = list(all_clear.edition.nominations.filter(state=State.REVIEW).order_by("pk"))
    return all_clear


def assignment(place, expert, nomination):
    """The task of the expert-th expert (from 0) for the n-th nomination (from 0)."""
    return Assignment.objects.get(
        member__user=place.experts[expert].user, nomination=place.nominations[nomination]
    )


def declare(place, expert, *numbers):
    hat = place.experts[expert]
    tasks = [assignment(place, expert, n) for n in numbers]
    return services.declare_clear(tasks, signature=hat.user.full_name, by=hat, now=NOW)


def submit(place, expert, nomination, *points):
    """Declare where needed and hand in a sheet with these points in the three dimensions."""
    declare(place, expert, nomination)
    return services.submit_sheet(
        assignment(place, expert, nomination),
        scores=dict(zip(("mechanism", "platform", "effect"), map(str, points), strict=True)),
        version=0,
        by=place.experts[expert],
        now=NOW,
    )


def url(name, thing=None):
    return reverse(f"review:{name}", args=[thing.pk] if thing is not None else [])


def page(client, hat, name, thing=None, **query):
    factories.sign_in(client, hat)
    return client.get(url(name, thing), query)


def text(answer):
    return answer.content.decode()


def problem(nomination, question, hat, explanation):
    """A department says 有问题."""
    return services.answer(nomination, question, by=hat, now=NOW, answer="problem", explanation=explanation)

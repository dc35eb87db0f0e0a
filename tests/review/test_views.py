"""Every page of screening and review: who gets it, who does not, how often it asks the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review import services
from tests import factories
from tests.moments import NOW
from tests.review.conftest import FOUNDED, assignment, declare, page, problem, submit, url

pytestmark = pytest.mark.django_db


# By hand: what each hat gets of each page. `other` is the office of another host; `asked` and `unasked` are
# departments; `expert` has declared and drafted, `colleague` sits on the same panel.
HATS = ("office", "other", "asked", "unasked", "expert", "colleague", "recommender", "auditor")
PAGES = {
    ("screening", "edition"): (200, 404, 200, 404, 403, 403, 403, 200),
    ("consult", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("answer_rest", "edition"): (404, 404, 200, 404, 404, 404, 404, 404),
    ("answer_workbook", "edition"): (200, 404, 200, 404, 403, 403, 403, 403),
    # Nothing is asked any more: back to the list, with a sentence.
    ("answer_template", "edition"): (404, 404, 302, 404, 404, 404, 404, 404),
    ("batches", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("chase", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("rechecks", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("links", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("answer_row", "edition"): (405, 405, 405, 405, 405, 405, 405, 405),
    ("refuse_rechecked", "nomination"): (200, 404, 403, 404, 403, 404, 403, 403),
    ("screening_export", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("answer", "nomination"): (200, 404, 200, 404, 403, 404, 403, 200),
    ("find", "nomination"): (200, 404, 403, 404, 403, 404, 403, 403),
    ("panel", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("assign", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("scores_workbook", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("progress", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("scores_export", "edition"): (200, 404, 403, 403, 403, 403, 403, 200),
    ("close_review", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("sheets", None): (403, 403, 403, 403, 200, 200, 403, 403),
    ("declare", None): (403, 403, 403, 403, 200, 200, 403, 403),
    ("sheet", "assignment"): (200, 404, 404, 404, 200, 404, 404, 200),
    ("submit_sheet", "assignment"): (403, 404, 404, 404, 200, 404, 404, 403),
    ("discussion", "edition"): (200, 404, 403, 403, 403, 403, 403, 403),
    ("reopen_sheet", "assignment"): (200, 404, 404, 404, 403, 404, 404, 403),
    ("invitation", "member"): (403, 403, 403, 403, 200, 404, 403, 403),
    ("recuse", "assignment"): (200, 404, 404, 404, 200, 404, 404, 403),
}


@pytest.fixture
def hats(reviewed):
    return {
        "office": reviewed.office,
        "other": factories.hat("office", "市南区"),
        "asked": reviewed.science,
        "unasked": factories.hat("department", "dept-swj"),
        "expert": reviewed.experts[0],
        "colleague": reviewed.experts[1],
        "recommender": factories.hat("recommender"),
        "auditor": factories.hat("auditor"),
    }


@pytest.mark.parametrize("hat", HATS)
def test_who_gets_which_page(client, reviewed, hats, hat):
    declare(reviewed, 0, 0)
    services.save_sheet(
        assignment(reviewed, 0, 0), scores={"effect": "1"}, version=0, by=reviewed.experts[0], now=NOW
    )
    seat = services.Seat("E09", "外请专家")
    services.seat_panel(reviewed.edition, [seat], by=reviewed.office, now=NOW)
    things = {
        "edition": reviewed.edition,
        "nomination": reviewed.nominations[0],
        "assignment": assignment(reviewed, 0, 0),
        "member": assignment(reviewed, 0, 0).member,
        None: None,
    }
    factories.sign_in(client, hats[hat])
    got = {key: client.get(url(key[0], things[key[1]])).status_code for key in PAGES}
    assert got == {key: codes[HATS.index(hat)] for key, codes in PAGES.items()}


@pytest.mark.parametrize("hat", HATS)
def test_who_may_open_the_closing_of_the_screening(client, screened, hat):
    hats = {
        "office": screened.office,
        "other": factories.hat("office", "市南区"),
        "asked": screened.science,
        "unasked": factories.hat("department", "dept-swj"),
        "expert": factories.hat("expert"),
        "colleague": factories.hat("expert", username="second"),
        "recommender": factories.hat("recommender"),
        "auditor": factories.hat("auditor"),
    }
    expected = dict(zip(HATS, (200, 404, 403, 403, 403, 403, 403, 403), strict=True))
    assert page(client, hats[hat], "close_screening", screened.edition).status_code == expected[hat]


def count_of(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def figures(client, *pages):
    """How often each page asks the database: (hat, page, thing)."""
    found = {}
    for hat, name, thing in pages:
        factories.sign_in(client, hat)
        client.get(url(name, thing))
        found[hat.role, name] = count_of(client, url(name, thing))
    return found


def test_the_screenings_lists_ask_as_often_for_six_as_for_three(client, screened):
    pages = [
        (screened.office, "screening", screened.edition),
        (screened.office, "close_screening", screened.edition),
        (screened.science, "screening", screened.edition),
        (screened.science, "answer_rest", screened.edition),
    ]
    problem(screened.nominations[0], screened.kjj, screened.science, "有")
    before = figures(client, *pages)
    for n in (21, 22, 23):
        added = factories.nomination(screened.edition, n, state="screening", union_founded_on=FOUNDED)
        services.send_batch(screened.edition, by=screened.office, now=NOW)
        problem(added, screened.kjj, screened.science, "有")
    assert figures(client, *pages) == before


def test_the_reviews_lists_ask_as_often_for_six_as_for_three(client, reviewed):
    pages = [
        (reviewed.office, "progress", reviewed.edition),
        (reviewed.office, "panel", reviewed.edition),
        (reviewed.office, "close_review", reviewed.edition),
        (reviewed.experts[0], "sheets", None),
        (reviewed.experts[0], "declare", None),
    ]
    submit(reviewed, 0, 0, 80, 80, 80)
    before = figures(client, *pages)
    for n in (21, 22, 23):
        factories.nomination(reviewed.edition, n, state="review", union_founded_on=FOUNDED)
    services.assign_all(reviewed.edition, by=reviewed.office, now=NOW)
    submit(reviewed, 0, 1, 80, 80, 80)
    submit(reviewed, 1, 1, 80, 80, 80)
    assert figures(client, *pages) == before

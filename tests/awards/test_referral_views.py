"""The pages of what a visit found: disposed of, sent back, settled, visited again; what waits for whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Inspection, Referral
from awards.todos import todos
from tests import factories as make
from tests.awards import referred
from tests.awards.referred import NOW, answer, refer, settle, state_of, visit_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def place():
    return referred.visited()


def page(client, hat, name, thing, data=None):
    make.sign_in(client, hat)
    url = reverse(f"awards:{name}", args=[thing.pk])
    return client.post(url, data) if data is not None else client.get(url)


def text(answer):
    return answer.content.decode()


def verbs(hat):
    return [line.verb for line in todos(hat, now=NOW)]


def test_the_page_of_a_visit_leads_to_what_may_follow(place, client):
    shown = text(page(client, place.office, "inspection", place.visit))
    for name in ("dispose", "refer", "reopen_visit", "visit_report", "visit_report_pdf"):
        assert reverse(f"awards:{name}", args=[place.visit.pk]) in shown
    assert "其中有实质差异" in shown
    # Nothing differs at the second: nothing to dispose of.
    shown = text(page(client, place.office, "inspection", visit_at(place.edition, 2)))
    assert "处理差异" not in shown and "转资格审查" in shown
    reader = text(page(client, make.hat("auditor"), "inspection", place.visit))
    assert "处理差异" not in reader and "考察报告" in reader


def test_disposing_on_the_page(place, client):
    shown = text(page(client, place.office, "dispose", place.visit))
    assert "少 40 人" in shown and "演示核对项2" not in shown
    again = page(client, place.office, "dispose", place.visit, {"disposition": "accepted", "reason": ""})
    assert again.status_code == 200 and "accepted" in text(again)
    done = page(
        client, place.office, "dispose", place.visit, {"disposition": "accepted", "reason": "口径不同"}
    )
    assert done.status_code == 302
    assert Inspection.objects.get(pk=place.visit.pk).disposition == "accepted"


def test_what_failed_is_offered_the_end_alone(client):
    place = referred.visited((1, 2), failed=(2,))
    shown = text(page(client, place.office, "dispose", visit_at(place.edition, 2)))
    assert 'value="ended"' in shown and 'value="accepted"' not in shown


def test_from_referring_to_reinstating_on_the_pages(place, client):
    shown = text(page(client, place.office, "refer", place.visit))
    assert 'value="misconduct"' in shown and 'value="environment"' not in shown
    asked = {
        "items": ["misconduct"],
        "lines": ["employees"],
        "reason": "职工人数不实",
        "due_on": "2026-09-30",
    }
    made = page(client, place.office, "refer", place.visit, asked)
    referral = Referral.objects.get()
    assert made.url == reverse("awards:referral", args=[referral.pk])
    assert str(referral.batch.due_on) == "2026-09-30"

    own = text(page(client, place.office, "referral", referral))
    assert "由办公室的另一人作出结论" in own and "<form" not in own.split("复审结论</h2>")[1]
    waiting = text(page(client, place.second, "referral", referral))
    assert "还有 1 项核查没有答复" in waiting and 'name="outcome"' not in waiting
    assert "未答复" in waiting and "少 40 人" in waiting

    answer(place, referral)
    ready = text(page(client, place.second, "referral", referral))
    assert 'name="outcome"' in ready and "无异议" in ready
    said = {"outcome": "cleared", "reason": "部门核实无误"}
    assert page(client, place.second, "referral", referral, said).status_code == 302
    assert state_of(referral.nomination) == "inspection"
    after = text(page(client, place.office, "referral", referral))
    assert "部门核实无误" in after and "复审合格" in after
    assert "复审合格" in text(page(client, place.office, "inspection", place.visit))


def test_a_problem_offers_the_setting_aside_and_says_what_cannot_be(place, client):
    referral = refer(place)
    opinion = answer(place, referral, said="problem", explanation="查实")
    shown = text(page(client, place.second, "referral", referral))
    assert reverse("review:overrule", args=[opinion.pk]) in shown
    assert "不能作出复审合格的结论" in shown and 'name="outcome"' in shown
    refused = page(client, place.second, "referral", referral, {"outcome": "cleared", "reason": "有理由"})
    assert refused.status_code == 200 and state_of(referral.nomination) == "screening"


def test_another_may_not_post_and_the_first_person_is_told(place, client):
    referral = refer(place)
    answer(place, referral)
    said = {"outcome": "refused", "reason": "有理由"}
    assert page(client, make.hat("auditor"), "referral", referral, said).status_code == 403
    assert page(client, make.hat("recommender"), "referral", referral, said).status_code == 404
    page(client, place.office, "referral", referral, said)
    assert state_of(referral.nomination) == "screening"


def test_reopening_on_the_page_leaves_the_reason_where_the_team_looks(place, client):
    assert page(client, place.office, "reopen_visit", place.visit, {"reason": "补看车间"}).status_code == 302
    assert "补看车间" in text(page(client, place.office, "inspection", place.visit))


def test_the_list_has_what_waits_first_and_what_was_settled(place, client):
    referral = refer(place)
    other = refer(place, visit_at(place.edition, 2), reason="演示另一理由")
    answer(place, referral)
    settle(place, referral, now=NOW + timedelta(minutes=9))
    shown = text(page(client, place.office, "referrals", place.edition))
    assert shown.index(other.nomination.subject_name) < shown.index(referral.nomination.subject_name)
    assert "演示另一理由" in shown and "演示理由：部门核实无误" in shown


def test_the_list_asks_the_same_number_of_questions_whatever_there_is(place, client):
    refer(place)
    page(client, place.office, "referrals", place.edition)
    with CaptureQueriesContext(connection) as one:
        page(client, place.office, "referrals", place.edition)
    for rank in (2, 3):
        refer(place, visit_at(place.edition, rank))
    with CaptureQueriesContext(connection) as three:
        page(client, place.office, "referrals", place.edition)
    assert len(one) == len(three)


def test_what_waits_for_whom(place):
    assert "作复审结论" not in verbs(place.office)
    referral = refer(place, items=("misconduct", "overall"))
    [line] = [
        each for each in todos(place.second, now=NOW) if referral.nomination.subject_name in each.object
    ]
    assert (line.verb, line.waiting, line.count) == ("等待", True, 2)
    answer(place, referral)
    answer(place, referral, "overall")
    assert "作复审结论" in verbs(place.second)
    [mine] = [
        each for each in todos(place.office, now=NOW) if referral.nomination.subject_name in each.object
    ]
    assert (mine.verb, mine.waiting) == ("等待", True)
    assert todos(make.hat("office", "市北区"), now=NOW) == []
    settle(place, referral)
    assert "作复审结论" not in verbs(place.second)

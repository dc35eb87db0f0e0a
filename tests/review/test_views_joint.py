"""The pages of the joint check: batches, rows saved one by one, chasing, re-checks, the board's figures."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nominations.models import Nomination
from portal.models import Notification
from review import services
from review.models import Batch, Opinion, Proof
from review.services import rechecks
from review.todo import todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import FOUNDED, page, problem, text, url

pytestmark = pytest.mark.django_db


def newcomer(place, n=21):
    return factories.nomination(place.edition, n, state="screening", union_founded_on=FOUNDED)


def row(place, n=0, answer="clear", explanation="", version=0, **more):
    return {
        "nomination": place.nominations[n].pk,
        "question": place.kjj.pk,
        "answer": answer,
        "explanation": explanation,
        "looked_up_on": "2026-06-01",
        "version": version,
    } | more


def test_the_office_sends_the_late_comers_after_a_page_that_names_them(client, screened):
    late = newcomer(screened)
    board = text(page(client, screened.office, "screening", screened.edition))
    assert "有 1 家企业还没有送部门联审" in board
    shown = page(client, screened.office, "batches", screened.edition)
    assert late.subject_name in text(shown) and "送出第 2 批" in text(shown)
    too_late = newcomer(screened, 22)
    data = {
        "due_on": timezone.localdate().isoformat(),
        "note": "",
        "named": shown.context["form"]["named"].value(),
    }
    client.post(url("batches", screened.edition), data)
    assert [each.pk for each in Batch.objects.get(number=2).nominations.all()] == [late.pk]
    assert list(services.unsent(screened.edition)) == [too_late]


def test_the_auditor_looks_at_batches_and_sends_none(client, screened):
    newcomer(screened)
    auditor = factories.hat("auditor")
    assert '<form method="post" novalidate' not in text(page(client, auditor, "batches", screened.edition))
    assert client.post(url("batches", screened.edition), {}).status_code == 403
    assert client.post(url("links", screened.edition), {}).status_code == 403
    assert client.post(url("rechecks", screened.edition), {}).status_code == 403


def test_a_row_is_saved_by_itself(client, screened):
    factories.sign_in(client, screened.science)
    where = url("answer_row", screened.edition)
    answer = client.post(where, row(screened))
    assert answer.status_code == 200
    # The look-up of June counts no more by the clock of this page, so one is saved and none done.
    assert (answer.json()["version"], answer.json()["of"]) == (1, 3)
    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4\n%%EOF")
    answer = client.post(
        where, row(screened, answer="problem", explanation="撤稿", version=1, since="2025-03-01", proof=paper)
    )
    assert answer.status_code == 200 and answer.json()["papers"][0]["title"] == "证明.pdf"
    opinion = Opinion.objects.get()
    assert (opinion.answer, str(opinion.since), opinion.version) == ("problem", "2025-03-01", 2)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"version": 3}, 409, "刚由他人答复"),
        ({"answer": "problem"}, 422, "请写明情况"),
        ({"answer": "maybe"}, 422, ""),
        ({"looked_up_on": "2999-01-01"}, 422, "晚于今天"),
        ({"looked_up_on": ""}, 422, ""),
        ({"nomination": 0}, 422, "不在本届名单"),
        ({"question": 0}, 422, "不属于本届"),
    ],
)
def test_what_a_row_must_not_be(client, screened, change, status, words):
    factories.sign_in(client, screened.science)
    answer = client.post(url("answer_row", screened.edition), row(screened) | change)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert not Opinion.objects.exists()


def test_a_row_of_another_department_is_not_ones_own(client, screened):
    factories.sign_in(client, screened.science)
    answer = client.post(url("answer_row", screened.edition), row(screened) | {"question": screened.yjj.pk})
    assert answer.status_code == 403
    unasked = factories.hat("department", "dept-swj")
    factories.sign_in(client, unasked)
    assert client.post(url("answer_row", screened.edition), row(screened)).status_code == 404
    assert not Opinion.objects.exists()


def test_the_slower_of_two_colleagues_sees_what_the_quicker_said(client, screened):
    problem(screened.nominations[0], screened.kjj, screened.science, "撤稿一篇")
    factories.sign_in(client, screened.science)
    answer = client.post(url("answer_row", screened.edition), row(screened))
    assert answer.status_code == 409
    said = answer.json()
    assert said["version"] == 1 and "有问题 撤稿一篇" in said["theirs"]["words"]
    answer = client.post(url("answer_row", screened.edition), row(screened, version=said["version"]))
    assert answer.status_code == 200 and Opinion.objects.get().answer == "clear"


def test_a_paper_is_for_the_department_that_handed_it_in_and_the_office(client, screened):
    opinion = problem(screened.nominations[0], screened.kjj, screened.science, "撤稿")
    from review.services.opinions import attach_proof

    paper = SimpleUploadedFile("证明.pdf", b"%PDF-1.4\n%%EOF")
    proof = attach_proof(opinion, file=paper, by=screened.science, now=NOW)
    got = {}
    for name, hat in {
        "asked": screened.science,
        "other": screened.safety,
        "office": screened.office,
        "away": factories.hat("office", "市南区"),
        "recommender": factories.hat("recommender"),
        "auditor": factories.hat("auditor"),
    }.items():
        got[name] = page(client, hat, "proof", proof).status_code
    assert got == {"asked": 200, "other": 404, "office": 200, "away": 404, "recommender": 404, "auditor": 200}
    assert Proof.objects.count() == 1


def test_the_list_is_filtered_searched_and_paged(client, screened):
    for n in range(30, 85):
        newcomer(screened, n)
    services.send_batch(screened.edition, by=screened.office, now=NOW)
    problem(screened.nominations[0], screened.kjj, screened.science, "撤稿")
    shown = page(client, screened.science, "screening", screened.edition)
    assert len(shown.context["rows"]) == 50 and shown.context["page"].paginator.num_pages == 2
    assert [(chip.label, chip.count) for chip in shown.context["chips"]] == [
        *(("全部", 58), ("未答复", 57), ("有问题", 1), ("无法核查", 0), ("无异议", 0)),
    ]
    meter = text(shown).partition("data-progress")[2][:400]
    assert "1 / 58" in meter and "clear" not in meter
    only = page(client, screened.science, "screening", screened.edition, show="problem")
    assert [each["nomination"].pk for each in only.context["rows"]] == [screened.nominations[0].pk]
    found = page(client, screened.science, "screening", screened.edition, q="演示企业77")
    assert [each["nomination"].subject_name for each in found.context["rows"]] == ["演示企业77（演示）"]


def count_of(client, hat, name, thing):
    factories.sign_in(client, hat)
    client.get(url(name, thing))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url(name, thing)).status_code == 200
    return len(queries)


def test_no_page_asks_more_often_for_more(client, screened):
    pages = [
        (screened.office, "screening"),
        (screened.office, "batches"),
        (screened.office, "chase"),
        (screened.office, "rechecks"),
        (screened.office, "links"),
        (screened.science, "screening"),
        (screened.science, "answer_rest"),
    ]
    problem(screened.nominations[0], screened.kjj, screened.science, "有")
    factories.bring(screened.nominations[2], "inspection")
    before = [count_of(client, hat, name, screened.edition) for hat, name in pages]
    for n in (41, 42, 43, 44):
        added = newcomer(screened, n)
        services.send_batch(screened.edition, by=screened.office, now=NOW)
        problem(added, screened.kjj, screened.science, "有")
    for n in (51, 52):
        factories.bring(newcomer(screened, n), "inspection")
    assert [count_of(client, hat, name, screened.edition) for hat, name in pages] == before


def test_the_button_reminds_those_chosen(client, screened):
    shown = page(client, screened.office, "chase", screened.edition)
    assert "市科技局" in text(shown) and "市应急管理局" in text(shown)
    client.post(url("chase", screened.edition), {"departments": [screened.kjj.department_id]})
    told = Notification.objects.filter(event="review.chase", channel="site")
    assert [row.recipient for row in told] == [screened.science.user]
    assert "今天已经催办过" in text(page(client, screened.office, "chase", screened.edition))


def test_the_page_of_the_re_check(client, all_clear):
    place = all_clear
    services.close_screening(place.edition, by=place.office, now=NOW)
    nomination = Nomination.objects.get(pk=place.nominations[0].pk)
    nomination = factories.bring(nomination, "inspection")
    shown = page(client, place.office, "rechecks", place.edition)
    assert nomination.subject_name in text(shown) and "尚未送出" in text(shown)
    today = timezone.localdate()
    due = (today + timedelta(days=3)).isoformat()
    client.post(url("rechecks", place.edition), {"nominations": [nomination.pk], "due_on": due, "note": ""})
    assert Batch.objects.get(kind="recheck").nominations.get() == nomination
    mine = text(page(client, place.science, "screening", place.edition))
    assert "再次核查" in mine and nomination.subject_name in mine and "请重新答复" in mine
    factories.sign_in(client, place.safety)
    data = row(place, answer="problem", explanation="发生事故", version=1, looked_up_on=today.isoformat())
    answer = client.post(url("answer_row", place.edition), data | {"question": place.yjj.pk})
    assert answer.status_code == 200
    board = text(page(client, place.office, "rechecks", place.edition))
    assert "发生事故" in board and "不予通过" in board
    asked = page(client, place.office, "refuse_rechecked", nomination)
    assert "市应急管理局再次核查有问题，发生事故" in text(asked)
    client.post(url("refuse_rechecked", nomination), {"reason": "再次核查发生事故"})
    nomination.refresh_from_db()
    assert (nomination.state, nomination.ended_reason) == ("rejected", "再次核查发生事故")
    assert rechecks.standing_problems([nomination.pk])


def test_what_could_not_be_verified_again_is_said_to_the_office(client, all_clear):
    place = all_clear
    services.close_screening(place.edition, by=place.office, now=NOW)
    nomination = factories.bring(Nomination.objects.get(pk=place.nominations[0].pk), "inspection")
    now = timezone.now()
    due = timezone.localdate(now) + timedelta(days=3)
    rechecks.send_recheck(place.edition, [nomination.pk], due_on=due, by=place.office, now=now)
    for hat in (place.science, place.safety):
        services.answer_rest_clear(place.edition, hat.organisation, by=hat, now=now)
    shown = text(page(client, place.office, "rechecks", place.edition))
    assert "没有。现有查询结果" in shown
    services.answer(nomination, place.kjj, by=place.science, now=now, answer="unable", explanation="系统检修")
    shown = text(page(client, place.office, "rechecks", place.edition))
    assert f"{nomination.subject_name}（无法核查）" in shown and "没有。现有查询结果" not in shown
    lines = [each for each in todos(place.office, now=now) if each.verb == "再次核查"]
    assert [(each.count, each.due) for each in lines] == [(1, timezone.localdate(now))]

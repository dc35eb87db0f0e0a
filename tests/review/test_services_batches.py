"""Batches: who is sent when, who sees whom, what a late comer needs. Expectations by hand."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Nomination
from nominations.services import advance
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import services
from review.models import Batch, Opinion
from review.services import standing
from review.services.opinions import Overtaken, attach_proof, unanswered
from tests import factories
from tests.moments import NOW
from tests.review.conftest import FOUNDED, org

TODAY = date(2026, 6, 1)
QUESTIONS = (("dept-kjj", "misconduct"), ("dept-yjj", "accident"))


def questions():
    return [(org(code), item) for code, item in QUESTIONS]


def newcomer(place, n=21):
    return factories.nomination(place.edition, n, state="screening", union_founded_on=FOUNDED)


def sees(hat):
    return set(Nomination.objects.visible_to(hat).values_list("pk", flat=True))


def pks(nominations):
    return {each.pk for each in nominations}


def test_asking_sends_whoever_is_there_as_the_first_batch(screened):
    batch = Batch.objects.get()
    assert (batch.number, batch.kind, batch.sent_by) == (1, "screening", screened.office)
    assert pks(batch.nominations.all()) == pks(screened.nominations)
    entry = AuditEntry.objects.get(act="review.send_batch")
    assert (entry.detail["number"], len(entry.detail["nominations"])) == (1, 3)


def test_asking_without_sending_shows_nobody(db):
    edition, office = factories.edition(), factories.hat("office")
    nomination = factories.nomination(edition, 1, state="screening")
    science = factories.hat("department", "dept-kjj")
    factories.city()
    services.consult(edition, questions(), by=office, now=NOW, send=False)
    assert not Batch.objects.exists() and not Notification.objects.exists()
    assert sees(science) == set()
    services.send_batch(edition, by=office, now=NOW, due_on=TODAY + timedelta(days=7), note="请按时答复")
    assert sees(science) == {nomination.pk}
    [told] = Notification.objects.filter(recipient=science.user)
    assert "1 家推荐企业" in told.subject
    assert told.body == "请于 2026年6月8日 (周一) 前答复。\n请按时答复"


def test_a_late_comer_waits_for_the_next_batch(screened):
    late = newcomer(screened)
    assert list(services.unsent(screened.edition)) == [late]
    assert late.pk not in sees(screened.science)
    with pytest.raises(Refused, match="还没有送部门联审"):
        services.answer(late, screened.kjj, by=screened.office, now=NOW, answer="clear")
    batch = services.send_batch(screened.edition, by=screened.office, now=NOW)
    assert (batch.number, pks(batch.nominations.all())) == (2, {late.pk})
    assert late.pk in sees(screened.science)
    services.answer(late, screened.kjj, by=screened.office, now=NOW, answer="clear")
    assert not services.unsent(screened.edition).exists()


def test_only_those_the_preview_named_go_out(screened):
    first, second = newcomer(screened, 21), newcomer(screened, 22)
    batch = services.send_batch(screened.edition, by=screened.office, now=NOW, named=[first.pk])
    assert pks(batch.nominations.all()) == {first.pk}
    assert list(services.unsent(screened.edition)) == [second]


def test_a_repaired_one_keeps_what_was_answered_and_its_place(screened):
    nomination = screened.nominations[0]
    services.answer(nomination, screened.kjj, by=screened.science, now=NOW, answer="clear")
    nomination = advance(nomination, "send_back", by=screened.office, now=NOW, note="缺材料")
    assert nomination.pk not in sees(screened.science)
    advance(nomination, "repair", by=factories.hat("recommender"), now=NOW)
    assert not services.unsent(screened.edition).exists()
    rest = unanswered(screened.edition, screened.science.organisation, today=TODAY)
    assert nomination.pk not in {each.pk for each, _question, _version in rest}


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "没有等待送出"), ({"due_on": TODAY - timedelta(days=1)}, "没有等待送出")],
)
def test_nothing_to_send(screened, given, words):
    with pytest.raises(Refused, match=words):
        services.send_batch(screened.edition, by=screened.office, now=NOW, **given)


def test_what_sending_must_not_be(screened):
    newcomer(screened)
    with pytest.raises(Refused, match="已经过去"):
        services.send_batch(screened.edition, by=screened.office, now=NOW, due_on=TODAY - timedelta(days=1))
    for hat in (screened.science, factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            services.send_batch(screened.edition, by=hat, now=NOW)
    assert Batch.objects.count() == 1


def test_nobody_asked_nothing_sent(db):
    edition = factories.edition()
    factories.nomination(edition, 1, state="screening")
    with pytest.raises(Refused, match="还没有确定"):
        services.send_batch(edition, by=factories.hat("office"), now=NOW)


def test_a_department_added_later_is_told_and_sees_what_was_sent(screened):
    industry = factories.hat("department", "dept-gxj")
    services.consult(
        screened.edition, [*questions(), (org("dept-gxj"), "overall")], by=screened.office, now=NOW
    )
    assert Batch.objects.count() == 1
    assert sees(industry) == pks(screened.nominations)
    assert Notification.objects.filter(recipient=industry.user, event="review.consult").count() == 1


def test_since_when_is_kept_with_a_problem_and_with_nothing_else(screened):
    opinion = services.answer(
        screened.nominations[0],
        screened.kjj,
        by=screened.science,
        now=NOW,
        answer="problem",
        explanation="撤稿一篇",
        since=date(2025, 3, 1),
    )
    assert opinion.since == date(2025, 3, 1)
    opinion = services.answer(
        screened.nominations[0], screened.kjj, by=screened.science, now=NOW, answer="clear", since=TODAY
    )
    assert opinion.since is None
    with pytest.raises(Refused, match="起始日期"):
        services.answer(
            screened.nominations[0],
            screened.kjj,
            by=screened.science,
            now=NOW,
            answer="problem",
            explanation="撤稿",
            since=TODAY + timedelta(days=1),
        )


def test_who_comes_second_is_shown_what_the_first_said(screened):
    services.answer(screened.nominations[0], screened.kjj, by=screened.science, now=NOW, answer="clear")
    with pytest.raises(Overtaken) as second:
        services.answer(
            screened.nominations[0],
            screened.kjj,
            by=screened.science,
            now=NOW,
            answer="problem",
            explanation="撤稿",
            version=0,
        )
    assert second.value.opinion.answer == "clear"


def pdf(name="证明.pdf"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, b"%PDF-1.4\n" + name.encode() + b"\n%%EOF")


def test_a_proof_belongs_to_the_department_that_answered(screened):
    opinion = services.answer(
        screened.nominations[0],
        screened.kjj,
        by=screened.science,
        now=NOW,
        answer="problem",
        explanation="撤稿",
    )
    proof = attach_proof(opinion, file=pdf(), by=screened.science, now=NOW)
    assert (proof.title, proof.uploaded_by) == ("证明.pdf", screened.science)
    assert list(opinion.proofs.visible_to(screened.science)) == [proof]
    assert not opinion.proofs.visible_to(screened.safety).exists()
    assert not opinion.proofs.visible_to(factories.hat("recommender")).exists()
    with pytest.raises(PermissionDenied):
        attach_proof(opinion, file=pdf("另一份.pdf"), by=screened.safety, now=NOW)
    assert AuditEntry.objects.filter(act="review.attach_proof").count() == 1


def test_how_the_questions_stand(screened):
    first, second, third = screened.nominations
    services.answer(first, screened.kjj, by=screened.science, now=NOW, answer="clear")
    services.answer(second, screened.kjj, by=screened.science, now=NOW, answer="unable", explanation="检修")
    lines = {
        each.question.pk: (each.done, each.there)
        for each in standing.progress([screened.edition], today=TODAY)
    }
    assert lines == {screened.kjj.pk: (2, 3), screened.yjj.pk: (0, 3)}
    # Sixty days on, the 无异议 has to be looked up again; what could not be verified stays said.
    later = TODAY + timedelta(days=61)
    lines = {
        each.question.pk: (each.done, each.there)
        for each in standing.progress([screened.edition], today=later)
    }
    assert lines == {screened.kjj.pk: (1, 3), screened.yjj.pk: (0, 3)}
    cells = standing.cells_of(screened.edition, [screened.kjj], today=later)
    assert {each.nomination: (each.kind, each.open) for each in cells} == {
        first.pk: ("lapsed", True),
        second.pk: ("unable", False),
        third.pk: ("waiting", True),
    }
    rest = unanswered(screened.edition, screened.science.organisation, today=later)
    assert {(each.pk, version) for each, _question, version in rest} == {(first.pk, 1), (third.pk, 0)}


def test_the_lapsed_are_answered_anew_with_the_rest(screened):
    later = NOW + timedelta(days=61)
    for hat in (screened.science, screened.safety):
        services.answer_rest_clear(screened.edition, hat.organisation, by=hat, now=NOW)
    services.answer_rest_clear(
        screened.edition, screened.science.organisation, by=screened.science, now=later
    )
    assert set(Opinion.objects.filter(consultation=screened.kjj).values_list("version", flat=True)) == {2}
    assert set(Opinion.objects.filter(consultation=screened.yjj).values_list("version", flat=True)) == {1}

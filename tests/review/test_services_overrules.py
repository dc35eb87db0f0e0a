"""Setting a 有问题 aside: two of one office, for one version of the answer. Expectations by hand."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import localdate

from nominations.models import Nomination
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import rules, services
from review.models import Overrule, Proof
from review.services import standing
from review.services.opinions import unanswered
from review.services.overrules import decide_overrule, propose_overrule
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org, problem
from tests.review.papers import pdf
from tests.review.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def contested(all_clear):
    """市应急管理局 says 有问题 of the first; the office has a second person."""
    all_clear.second = factories.hat("office", username="second")
    all_clear.opinion = problem(all_clear.nominations[0], all_clear.yjj, all_clear.safety, "2025年事故一起")
    return all_clear


def propose(place, by=None, **more):
    more = {"reason": "事故等级为一般，不属重大"} | more
    return propose_overrule(place.opinion, by=by or place.office, now=NOW, **more)


def decide(overrule, by, confirmed=True, remark="同意"):
    return decide_overrule(overrule, by=by, now=NOW, confirmed=confirmed, remark=remark)


def verdict(place, n=0):
    preview = services.preview_screening(place.edition, now=NOW)
    return next(case.verdict for case in preview.cases if case.nomination == place.nominations[n])


def test_refused_until_proposed_open_until_confirmed_then_qualified(contested):
    assert verdict(contested) == rules.REFUSED
    overrule = propose(contested)
    assert verdict(contested) == rules.OPEN
    with pytest.raises(Refused, match="未能得出结论"):
        services.close_screening(contested.edition, by=contested.office, now=NOW)
    decide(overrule, contested.second)
    assert verdict(contested) == rules.QUALIFIED
    services.close_screening(contested.edition, by=contested.office, now=NOW)
    assert Nomination.objects.get(pk=contested.nominations[0].pk).state == State.REVIEW


def test_declined_it_refuses_again_and_may_be_proposed_anew(contested):
    decide(propose(contested), contested.second, confirmed=False, remark="证据不足")
    assert verdict(contested) == rules.REFUSED
    decide(propose(contested, contested.second), contested.office)
    assert verdict(contested) == rules.QUALIFIED
    assert [each.confirmed for each in Overrule.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize("confirmed", [None, True])
def test_an_answer_anew_lapses_it(contested, confirmed):
    overrule = propose(contested)
    if confirmed:
        decide(overrule, contested.second)
    problem(contested.nominations[0], contested.yjj, contested.safety, "另查实一起")
    assert verdict(contested) == rules.REFUSED
    if not confirmed:
        with pytest.raises(Refused, match="随之失效"):
            decide(overrule, contested.second)
    contested.opinion.refresh_from_db()
    decide(propose(contested), contested.second)
    assert verdict(contested) == rules.QUALIFIED


def test_another_problem_of_the_same_enterprise_still_refuses(contested):
    problem(contested.nominations[0], contested.kjj, contested.science, "撤稿一篇")
    decide(propose(contested), contested.second)
    case = services.preview_screening(contested.edition, now=NOW).refused[0]
    assert case.why == "科研严重失信行为：市科技局答复有问题，撤稿一篇"


def test_a_stale_look_up_is_missing_although_it_was_set_aside(contested):
    decide(propose(contested), contested.second)
    late = NOW + timedelta(days=61)
    case = services.preview_screening(contested.edition, now=late).cases[0]
    assert (case.verdict, contested.yjj in case.missing) == (rules.OPEN, True)


def test_the_same_person_may_not_decide_not_even_under_another_hat(contested):
    overrule = propose(contested)
    with pytest.raises(Refused, match="另一人复核"):
        decide(overrule, contested.office)
    person = contested.office.user.username
    for role in ("auditor", "department"):
        with pytest.raises(PermissionDenied):
            decide(overrule, factories.hat(role, username=person))
    # Whoever sits in two offices is one person in both, and another office is another office.
    with pytest.raises(PermissionDenied):
        decide(overrule, factories.hat("office", "市南区", username=person))
    assert Overrule.objects.get().confirmed is None


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("office", "市南区"),
        ("department", "dept-yjj"),
        ("department", "dept-kjj"),
        ("recommender", None),
        ("applicant", None),
        ("auditor", None),
        ("admin", None),
        ("expert", None),
    ],
)
def test_nobody_else_proposes_or_decides(contested, role, place):
    hat = factories.hat(role, place, username="somebody-else")
    with pytest.raises(PermissionDenied):
        propose(contested, hat)
    overrule = propose(contested)
    with pytest.raises(PermissionDenied):
        decide(overrule, hat)


def test_the_city_does_not_decide_for_a_district(db):
    edition = factories.edition(host="市南区")
    office = factories.hat("office", "市南区")
    nomination = factories.nomination(edition, 1, state="screening")
    question = services.consult(edition, [(org("dept-kjj"), "misconduct")], by=office, now=NOW)[0]
    opinion = problem(nomination, question, factories.hat("department", "dept-kjj"), "撤稿")
    with pytest.raises(PermissionDenied):
        propose_overrule(opinion, by=factories.hat("office"), now=NOW, reason="理由")


def test_a_single_person_is_told_that_a_second_one_is_needed(all_clear):
    all_clear.opinion = problem(all_clear.nominations[0], all_clear.yjj, all_clear.safety, "事故")
    with pytest.raises(Refused, match="只有您一人"):
        propose(all_clear)
    # A second hat of the same person is no second person, and one who left is none either.
    factories.hat("recommender", username=all_clear.office.user.username)
    gone = factories.hat("office", username="gone")
    gone.active = False
    gone.save()
    with pytest.raises(Refused, match="只有您一人"):
        propose(all_clear)
    assert not Overrule.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [({"reason": " "}, "请写明不采纳"), ({"version": 1}, "刚重新答复过")],
)
def test_what_a_proposal_must_not_be(contested, given, words):
    with pytest.raises(Refused, match=words):
        propose(contested, **given)
    assert not Overrule.objects.exists()


def test_only_a_problem_is_set_aside_and_only_once(contested):
    propose(contested)
    with pytest.raises(Refused, match="已经提出过"):
        propose(contested, contested.second)
    clear = contested.nominations[1].opinions.first()
    with pytest.raises(Refused, match="不是“有问题”"):
        propose_overrule(clear, by=contested.office, now=NOW, reason="理由")


def test_declining_needs_a_remark(contested):
    overrule = propose(contested)
    with pytest.raises(Refused, match="请写明复核意见"):
        decide(overrule, contested.second, confirmed=False, remark=" ")
    decide(overrule, contested.second, remark="")
    assert Overrule.objects.get().confirmed is True


def test_after_the_closing_it_is_too_late(contested):
    overrule_of = contested.opinion
    services.close_screening(contested.edition, by=contested.office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        propose_overrule(overrule_of, by=contested.office, now=NOW, reason="理由")


def test_the_finding_passed_never_sets_a_problem_aside(contested):
    services.find(contested.nominations[0], "accident", "passed", "核实", by=contested.office, now=NOW)
    assert verdict(contested) == rules.REFUSED


def test_everybody_concerned_is_told_and_all_is_on_the_record(contested):
    overrule = propose(contested, file=pdf(), file_title="调查报告")
    told = Notification.objects.filter(event="review.overrule")
    assert {row.recipient for row in told} == {contested.second.user}
    assert not Notification.objects.filter(event="review.decide_overrule").exists()
    decide(overrule, contested.second)
    told = Notification.objects.filter(event="review.decide_overrule")
    assert {row.recipient for row in told} == {contested.office.user, contested.safety.user}
    first, second = (AuditEntry.objects.get(act=act) for act in ("review.overrule", "review.decide_overrule"))
    assert first.nomination_id == second.nomination_id == contested.nominations[0].pk
    assert first.detail["reason"] == "事故等级为一般，不属重大"
    assert (second.detail["confirmed"], second.detail["remark"]) == (True, "同意")
    assert second.detail["proposed_by"] == str(contested.office.user)
    paper = Proof.objects.get()
    assert (paper.overrule, paper.title) == (overrule, "调查报告")
    # The department is told of it, but the office's paper is the office's.
    assert not Proof.objects.visible_to(contested.safety).exists()
    assert Proof.objects.visible_to(contested.second).exists()
    assert Proof.objects.visible_to(factories.hat("auditor")).exists()
    assert not Proof.objects.visible_to(factories.hat("office", "市南区")).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_two_deciders_at_once_are_one_decision(contested, _round):
    overrule = propose(contested)
    third = factories.hat("office", username="third")
    outcomes = at_once(
        lambda: decide(overrule, contested.second),
        lambda: decide(overrule, third, confirmed=False, remark="不同意"),
    )
    assert len(refusals(outcomes)) == 1 and "复核" in str(refusals(outcomes)[0])
    assert AuditEntry.objects.filter(act="review.decide_overrule").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_proposals_at_once_are_one(contested):
    outcomes = at_once(lambda: propose(contested), lambda: propose(contested, contested.second))
    assert len(refusals(outcomes)) == 1
    assert Overrule.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_a_decision_while_the_department_answers_anew_is_of_the_answer_it_saw(contested, _round):
    overrule = propose(contested)
    decided, answered = at_once(
        lambda: decide(overrule, contested.second),
        lambda: problem(contested.nominations[0], contested.yjj, contested.safety, "另查实一起"),
    )
    assert not isinstance(answered, Exception)
    assert isinstance(decided, (Overrule, Refused))
    assert verdict(contested) == rules.REFUSED


def test_the_list_and_the_judgement_agree_on_what_is_missing(contested):
    """What was set aside or verified holds as long as its look-up, on the board, the list and the closing."""
    decide(propose(contested), contested.second)
    second, third = contested.nominations[1:]
    services.answer(
        second, contested.kjj, by=contested.science, now=NOW, answer="unable", explanation="系统检修"
    )
    services.answer(third, contested.kjj, by=contested.science, now=NOW, answer="unable", explanation="同上")
    services.find(second, "misconduct", "passed", "另函核实", by=contested.office, now=NOW)
    for days in (0, 60, 61):
        late = NOW + timedelta(days=days)
        cases = services.preview_screening(contested.edition, now=late).cases
        missing = {(case.nomination.pk, question.pk) for case in cases for question in case.missing}
        today = localdate(late)
        questions = [contested.kjj, contested.yjj]
        cells = standing.cells_of(contested.edition, questions, today=today)
        assert {(each.nomination, each.question.pk) for each in cells if each.open} == missing
        rows = standing.rows_of(contested.edition, 2, today=today)
        assert sum(row.open for row in rows) == len(missing)
        assert sum(each.left for each in standing.progress([contested.edition], today=today)) == len(missing)
        assert days > 60 or missing == set()
    # All six but the 无法核查 that nobody has verified: an old one of these is as good as a new one.
    assert len(missing) == 5 and (third.pk, contested.kjj.pk) not in missing
    # The office's own newer look-up holds again.
    services.find(second, "misconduct", "passed", "再次函询", by=contested.office, now=late)
    open_cells = standing.cells_of(contested.edition, [contested.kjj], today=localdate(late))
    assert {each.nomination: each.open for each in open_cells}[second.pk] is False


def test_the_rest_is_never_cleared_over_what_was_said_against_one(contested):
    """A 有问题 that was set aside grows old: it is answered anew by itself, not by 无异议 for the rest."""
    decide(propose(contested), contested.second)
    late = NOW + timedelta(days=61)
    rest = unanswered(contested.edition, contested.yjj.department, today=localdate(late))
    assert {each.pk for each, _question, _version in rest} == {each.pk for each in contested.nominations[1:]}
    services.answer_rest_clear(contested.edition, contested.yjj.department, by=contested.safety, now=late)
    contested.opinion.refresh_from_db()
    assert (contested.opinion.answer, contested.opinion.version) == ("problem", 2)

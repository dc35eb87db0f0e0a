"""The exclusions are asked again before publicity and naming. Expectations by hand."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Nomination
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import services
from review.models import Batch, Opinion, Overrule
from review.services import expiry, rechecks, standing
from review.services.opinions import unanswered
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org

#: The look-ups of 2026-06-01 hold sixty days, until 2026-07-31.
LAST = date(2026, 7, 31)
AFTER = NOW + timedelta(days=61)
AFTER_DAY = LAST + timedelta(days=1)


@pytest.fixture
def inspected(all_clear):
    """Two of three in inspection, the screening closed."""
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    for nomination in all_clear.nominations[:2]:
        nomination.refresh_from_db()
        factories.bring(nomination, "inspection")
    all_clear.nominations = [Nomination.objects.get(pk=each.pk) for each in all_clear.nominations]
    return all_clear


def ask_again(place, now=AFTER, *numbers):
    chosen = [place.nominations[n].pk for n in numbers or (0, 1)]
    return rechecks.send_recheck(
        place.edition, chosen, due_on=now.date() + timedelta(days=5), by=place.office, now=now
    )


def problem(place, n=0, now=AFTER):
    return services.answer(
        place.nominations[n],
        place.yjj,
        by=place.safety,
        now=now,
        answer="problem",
        explanation="7月发生较大事故",
    )


def test_who_lapses_before_it_is_needed(inspected):
    assert rechecks.lapsing(inspected.edition, today=LAST) == []
    rows = rechecks.lapsing(inspected.edition, today=AFTER_DAY)
    assert [(row.nomination.pk, row.until, row.asked) for row in rows] == [
        (inspected.nominations[0].pk, LAST, False),
        (inspected.nominations[1].pk, LAST, False),
    ]
    # Publicity is planned for a day on which the look-ups hold no more: that is known beforehand.
    step = inspected.edition.steps.get(kind="publicity")
    step.opens, step.closes = AFTER, AFTER + timedelta(days=10)
    step.save()
    edition = type(inspected.edition).objects.get(pk=inspected.edition.pk)
    assert len(rechecks.lapsing(edition, today=date(2026, 6, 20))) == 2


def test_asking_again_opens_the_exclusions_for_those_named_and_nothing_else(inspected):
    batch = ask_again(inspected, AFTER, 0)
    assert (batch.kind, batch.number) == ("recheck", 2)
    rest = unanswered(inspected.edition, inspected.science.organisation, today=AFTER_DAY)
    assert [(each.pk, version) for each, _question, version in rest] == [(inspected.nominations[0].pk, 1)]
    opinion = services.answer(
        inspected.nominations[0], inspected.kjj, by=inspected.science, now=AFTER, answer="clear"
    )
    assert (opinion.version, opinion.looked_up_on) == (2, AFTER_DAY)
    assert unanswered(inspected.edition, inspected.science.organisation, today=AFTER_DAY) == []
    with pytest.raises(Refused, match="已经关闭"):
        services.answer(
            inspected.nominations[1], inspected.kjj, by=inspected.science, now=AFTER, answer="clear"
        )
    entry = AuditEntry.objects.filter(act="review.answer").order_by("-pk").first()
    assert entry.detail["again"] is True


def test_the_same_words_given_anew_are_an_answer(inspected):
    at = NOW + timedelta(hours=2)
    ask_again(inspected, at, 0)
    services.answer(inspected.nominations[0], inspected.kjj, by=inspected.science, now=at, answer="clear")
    given = Opinion.objects.get(nomination=inspected.nominations[0], consultation=inspected.kjj)
    assert (given.version, given.answered_at) == (2, at)


def test_answered_again_it_holds_again(inspected):
    ask_again(inspected)
    for hat in (inspected.science, inspected.safety):
        services.answer_rest_clear(inspected.edition, hat.organisation, by=hat, now=AFTER)
    ids = [each.pk for each in inspected.nominations[:2]]
    assert expiry.lapsed(ids, AFTER_DAY) == {}
    assert rechecks.lapsing(inspected.edition, today=AFTER_DAY) == []
    lines = standing.progress([inspected.edition], today=AFTER_DAY)
    assert sorted((each.done, each.there) for each in lines) == [(2, 2), (2, 2)]


def test_what_could_not_be_verified_again_holds_no_longer(inspected):
    ask_again(inspected)
    for hat in (inspected.science, inspected.safety):
        services.answer_rest_clear(inspected.edition, hat.organisation, by=hat, now=AFTER)
    first, second = inspected.nominations[:2]
    services.answer(
        second, inspected.kjj, by=inspected.science, now=AFTER, answer="unable", explanation="系统检修"
    )
    assert expiry.lapsed([first.pk, second.pk], AFTER_DAY) == {second.pk: (second.subject_name, None)}
    assert expiry.lasts_until([first.pk, second.pk]) == {
        first.pk: AFTER_DAY + timedelta(days=60),
        second.pk: None,
    }
    rows = rechecks.lapsing(inspected.edition, today=AFTER_DAY)
    assert [(row.nomination.pk, row.until, row.asked) for row in rows] == [(second.pk, None, False)]
    assert rows[0].is_past(AFTER_DAY)
    # The department has answered: what is left is for the office.
    cells = rechecks.answers_of(inspected.edition, [second], today=AFTER_DAY)
    assert sorted((each.kind, each.open) for each in cells) == [("clear", False), ("unable", False)]


def test_the_departments_are_told_and_it_is_on_the_record(inspected):
    before = Notification.objects.count()
    ask_again(inspected)
    told = Notification.objects.order_by("pk")[before:]
    assert {row.recipient for row in told} == {inspected.science.user, inspected.safety.user}
    assert all("2 家企业再次核查" in row.subject for row in told)
    assert AuditEntry.objects.filter(act="review.send_batch", detail__kind="recheck").count() == 1


def test_what_asking_again_must_not_be(inspected):
    with pytest.raises(Refused, match="请选择要再次核查"):
        rechecks.send_recheck(
            inspected.edition,
            [inspected.nominations[2].pk],  # still under review
            due_on=AFTER_DAY,
            by=inspected.office,
            now=AFTER,
        )
    with pytest.raises(Refused, match="已经过去"):
        rechecks.send_recheck(
            inspected.edition, [inspected.nominations[0].pk], due_on=LAST, by=inspected.office, now=AFTER
        )
    ask_again(inspected)
    with pytest.raises(Refused, match="不需要重复送出"):
        ask_again(inspected)
    for hat in (inspected.science, factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            rechecks.send_recheck(
                inspected.edition, [inspected.nominations[0].pk], due_on=AFTER_DAY, by=hat, now=AFTER
            )


def test_a_problem_stands_until_taken_back_set_aside_or_acted_upon(inspected):
    ids = [each.pk for each in inspected.nominations]
    assert rechecks.standing_problems(ids) == []
    ask_again(inspected)
    opinion = problem(inspected)
    [found] = rechecks.standing_problems(ids)
    assert (found.nomination.pk, found.opinion.explanation) == (ids[0], "7月发生较大事故")
    with pytest.raises(Refused, match="再次核查有问题"):
        rechecks.refuse_standing(ids)
    second = factories.hat("office", "city", "office-2")
    Overrule.objects.create(
        opinion=opinion,
        opinion_version=opinion.version,
        reason="非企业责任",
        proposed_at=AFTER,
        proposed_by=inspected.office,
        decided_at=AFTER,
        decided_by=second,
        confirmed=True,
    )
    rechecks.refuse_standing(ids)
    # Said anew, it stands anew.
    services.answer(
        inspected.nominations[0],
        inspected.yjj,
        by=inspected.safety,
        now=AFTER,
        answer="problem",
        explanation="责任已认定",
    )
    assert len(rechecks.standing_problems(ids)) == 1
    services.answer(inspected.nominations[0], inspected.yjj, by=inspected.safety, now=AFTER, answer="clear")
    assert rechecks.standing_problems(ids) == []


def test_two_of_the_office_may_set_it_aside(inspected):
    from review.services.overrules import decide_overrule, propose_overrule

    second = factories.hat("office", "city", "office-2")
    ask_again(inspected)
    opinion = problem(inspected)
    asked = propose_overrule(opinion, reason="事故不在本企业", by=inspected.office, now=AFTER)
    decide_overrule(asked, confirmed=True, remark="同意", by=second, now=AFTER)
    assert rechecks.standing_problems([inspected.nominations[0].pk]) == []


def test_the_office_ends_it_with_the_reason(inspected):
    ask_again(inspected)
    with pytest.raises(Refused, match="没有再次核查发现的问题"):
        rechecks.refuse_rechecked(inspected.nominations[0], reason="事故", by=inspected.office, now=AFTER)
    problem(inspected)
    with pytest.raises(Refused, match="理由"):
        rechecks.refuse_rechecked(inspected.nominations[0], reason=" ", by=inspected.office, now=AFTER)
    with pytest.raises(PermissionDenied):
        rechecks.refuse_rechecked(inspected.nominations[0], reason="事故", by=inspected.safety, now=AFTER)
    ended = rechecks.refuse_rechecked(
        inspected.nominations[0], reason="7月发生较大事故", by=inspected.office, now=AFTER
    )
    assert (ended.state, ended.ended_reason) == (State.REJECTED, "7月发生较大事故")


def test_what_is_not_an_exclusion_is_not_asked_again(screened):
    services.consult(
        screened.edition,
        [(org("dept-kjj"), "misconduct"), (org("dept-kjj"), "overall"), (org("dept-yjj"), "accident")],
        by=screened.office,
        now=NOW,
    )
    overall = screened.edition.consultations.get(item="overall")
    nomination = factories.bring(screened.nominations[0], "inspection")
    screened.nominations[0] = nomination
    ask_again(screened, NOW, 0)
    with pytest.raises(Refused, match="不需要再答复"):
        services.answer(nomination, overall, by=screened.science, now=NOW, answer="clear")
    assert (
        services.answer(nomination, screened.kjj, by=screened.science, now=NOW, answer="clear").version == 1
    )
    assert Batch.objects.filter(kind="recheck").count() == 1

"""The joint check: who may answer, what is refused, what closing does. Expectations by hand."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Nomination
from nominations.services import advance
from nominations.services.returning import send_back
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import rules, services
from review.models import Finding, Opinion
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org

TODAY = date(2026, 6, 1)


def reply(place, n, question, hat, answer="clear", explanation="", **more):
    return services.answer(
        place.nominations[n], question, by=hat, now=NOW, answer=answer, explanation=explanation, **more
    )


def states(place):
    return [Nomination.objects.get(pk=each.pk).state for each in place.nominations]


def test_the_usual_ten_are_eight_members_and_two_consultees(db):
    factories.city()
    asked = services.default_questions()
    assert len(asked) == 10
    assert [(each.code, item) for each, item in asked if item != "overall"] == [
        ("dept-fgw", "prohibited"),
        ("dept-kjj", "misconduct"),
        ("dept-scj", "abnormal"),
        ("dept-yjj", "accident"),
        ("dept-hjj", "environment"),
    ]


def test_asking_tells_the_department_once(screened):
    told = Notification.objects.filter(event="review.consult", channel="site")
    first = {row.recipient for row in told}
    services.consult(
        screened.edition,
        [(org("dept-kjj"), "misconduct"), (org("dept-yjj"), "accident")],
        by=screened.office,
        now=NOW,
    )
    assert {row.recipient for row in told.all()} == first
    assert told.count() == len(first)


def test_a_question_already_answered_is_not_taken_back(screened):
    reply(screened, 0, screened.kjj, screened.science)
    with pytest.raises(Refused, match="已经就"):
        services.consult(screened.edition, [(org("dept-yjj"), "accident")], by=screened.office, now=NOW)
    services.consult(screened.edition, [(org("dept-kjj"), "misconduct")], by=screened.office, now=NOW)
    assert [each.department.code for each in screened.edition.consultations.all()] == ["dept-kjj"]


def test_a_department_answers_its_own_question_only(screened):
    assert reply(screened, 0, screened.kjj, screened.science).answer == "clear"
    for hat in (screened.safety, factories.hat("recommender"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            reply(screened, 0, screened.kjj, hat)
    assert Opinion.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"answer": "problem"}, "请写明情况"),
        ({"answer": "unable", "explanation": "  "}, "请写明情况"),
        ({"answer": "maybe"}, "请为"),
        ({"looked_up_on": TODAY + timedelta(days=1)}, "晚于今天"),
        ({"version": 3}, "刚由他人答复"),
    ],
)
def test_what_an_answer_must_not_be(screened, given, words):
    with pytest.raises(Refused, match=words):
        reply(screened, 0, screened.kjj, screened.science, **given)
    assert not Opinion.objects.exists()


def test_an_answer_given_anew_counts_up_and_is_on_the_record(screened):
    first = reply(screened, 0, screened.kjj, screened.science, version=0)
    assert first.version == 1
    second = reply(screened, 0, screened.kjj, screened.science, "problem", "撤稿一篇", version=1)
    assert (second.version, second.answer) == (2, "problem")
    with pytest.raises(Refused, match="刚由他人答复"):
        reply(screened, 0, screened.kjj, screened.science, version=1)
    entries = AuditEntry.objects.filter(act="review.answer")
    assert [entry.detail["answer"] for entry in entries] == ["clear", "problem"]
    assert [entry.detail["on_behalf"] for entry in entries] == [False, False]


def test_the_office_answers_on_behalf_and_the_record_says_so(screened):
    reply(screened, 0, screened.kjj, screened.office)
    assert AuditEntry.objects.get(act="review.answer").detail["on_behalf"] is True


def test_the_rest_is_answered_for_those_named_and_nobody_else(screened):
    reply(screened, 0, screened.kjj, screened.science, "problem", "有不良记录")
    second, third = screened.nominations[1:]
    written = services.answer_rest_clear(
        screened.edition,
        screened.science.organisation,
        by=screened.science,
        now=NOW,
        named=[second.pk],
    )
    assert [each.nomination_id for each in written] == [second.pk]
    services.answer_rest_clear(screened.edition, screened.science.organisation, by=screened.science, now=NOW)
    given = dict(Opinion.objects.values_list("nomination_id", "answer"))
    assert given == {screened.nominations[0].pk: "problem", second.pk: "clear", third.pk: "clear"}
    with pytest.raises(Refused, match="没有尚未答复"):
        services.answer_rest_clear(
            screened.edition, screened.science.organisation, by=screened.science, now=NOW
        )


def test_closing_sends_the_qualified_on_and_ends_the_refused_with_their_reason(all_clear):
    reply(all_clear, 1, all_clear.yjj, all_clear.safety, "problem", "2025年发生重大事故")
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    assert states(all_clear) == [State.REVIEW, State.REJECTED, State.REVIEW]
    reason = Nomination.objects.get(pk=all_clear.nominations[1].pk).ended_reason
    assert reason == "重大安全、重大质量事故：市应急管理局答复有问题，2025年发生重大事故"
    assert Finding.objects.filter(proposed=True, verdict="passed").count() == 3 * 4
    with pytest.raises(Refused, match="已经关闭"):
        services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        reply(all_clear, 0, all_clear.kjj, all_clear.science)


def test_a_missing_answer_blocks(all_clear):
    Opinion.objects.filter(consultation=all_clear.kjj, nomination=all_clear.nominations[2]).delete()
    preview = services.preview_screening(all_clear.edition, now=NOW)
    assert preview.missing == 1
    with pytest.raises(Refused, match="还有 1 项核查"):
        services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    assert states(all_clear) == [State.SCREENING] * 3


def test_a_look_up_holds_sixty_days_by_the_clock_of_the_city(all_clear):
    # 2026-06-01 plus 60 days is 2026-07-31; 15:59 UTC is still that day in Qingdao, 16:00 the next.
    last = NOW.replace(month=7, day=31, hour=15, minute=59)
    assert services.preview_screening(all_clear.edition, now=last).blocked is None
    after = services.preview_screening(all_clear.edition, now=last + timedelta(minutes=1))
    assert after.missing == 6
    with pytest.raises(Refused, match="没有有效的答复"):
        services.close_screening(all_clear.edition, by=all_clear.office, now=last + timedelta(minutes=1))


def test_nobody_asked_nothing_closed(db):
    edition = factories.edition()
    factories.nomination(edition, 1, state="screening", union_founded_on=date(2020, 1, 1))
    with pytest.raises(Refused, match="还没有向任何部门征求意见"):
        services.close_screening(edition, by=factories.hat("office"), now=NOW)


def test_what_could_not_be_verified_is_settled_by_the_office_a_problem_is_not(all_clear):
    reply(all_clear, 0, all_clear.kjj, all_clear.science, "unable", "系统检修")
    reply(all_clear, 1, all_clear.yjj, all_clear.safety, "problem", "重大事故")
    assert "未能得出结论" in str(services.preview_screening(all_clear.edition, now=NOW).blocked)
    for n in (0, 1):
        item = ("misconduct", "accident")[n]
        services.find(all_clear.nominations[n], item, "passed", "另行核实", by=all_clear.office, now=NOW)
    preview = services.preview_screening(all_clear.edition, now=NOW)
    assert [case.verdict for case in preview.cases] == [rules.QUALIFIED, rules.REFUSED, rules.QUALIFIED]
    assert preview.blocked is None


def test_the_offices_own_no_refuses_and_outlives_the_rule(all_clear):
    services.propose_findings(all_clear.edition, by=all_clear.office, now=NOW)
    services.find(all_clear.nominations[0], "place", "failed", "已迁出本市", by=all_clear.office, now=NOW)
    services.propose_findings(all_clear.edition, by=all_clear.office, now=NOW)
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    gone = Nomination.objects.get(pk=all_clear.nominations[0].pk)
    assert (gone.state, gone.ended_reason) == (
        State.REJECTED,
        "在本市注册，或者是驻青央企所属二级、三级单位：已迁出本市",
    )


def test_a_conclusion_needs_the_office_and_a_reason(all_clear):
    with pytest.raises(Refused, match="理由"):
        services.find(all_clear.nominations[0], "union", "failed", " ", by=all_clear.office, now=NOW)
    for hat in (all_clear.science, factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            services.find(all_clear.nominations[0], "union", "failed", "无", by=hat, now=NOW)
        with pytest.raises(PermissionDenied):
            services.close_screening(all_clear.edition, by=hat, now=NOW)


def test_a_union_date_not_filled_in_keeps_it_open(screened):
    nomination = factories.nomination(screened.edition, 9, state="screening")
    case = next(
        case
        for case in services.preview_screening(screened.edition, now=NOW).cases
        if case.nomination.pk == nomination.pk
    )
    assert case.verdict == rules.OPEN
    assert "没有填写工会成立时间" in case.why


def test_the_withdrawn_are_asked_about_no_more(all_clear):
    Opinion.objects.filter(nomination=all_clear.nominations[0]).delete()
    advance(all_clear.nominations[0], "withdraw", by=all_clear.office, now=NOW, note="企业申请撤回")
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    assert states(all_clear) == [State.WITHDRAWN, State.REVIEW, State.REVIEW]


def test_one_being_mended_is_waited_for_until_its_day_is_past(all_clear):
    send_back(all_clear.nominations[0], by=all_clear.office, now=NOW, reason="缺材料", deadline=TODAY)
    with pytest.raises(Refused, match="正在补正"):
        services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW + timedelta(days=1))
    assert states(all_clear)[0] == State.DRAFT

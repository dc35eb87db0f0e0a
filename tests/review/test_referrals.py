"""Whom a visit sent back to 资格审查 is on no list, count, paper or desk of the ordinary screening.

A test a surface: the same edition with one referred, beside one that was never at a visit.
"""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from awards.models import Inspection
from awards.services import referring
from nominations.models import Nomination
from nominations.services import returning
from nominations.services.referred import is_referred
from portal.errors import Refused
from portal.models import Notification
from portal.todo import Todo
from review import services
from review.models import Opinion
from review.services import batches, cases, decisions, rechecks, standing
from review.services.opinions import unanswered
from review.services.overrules import propose_overrule
from review.services.screening_tables import write_screening_table
from review.todo import todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import page, text

LATER = NOW + timedelta(days=30)
TODAY = LATER.date()


@pytest.fixture
def place(all_clear):
    """The screening closed; the first of three visited and referred back for 申报中弄虚作假."""
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    first = factories.bring(Nomination.objects.get(pk=all_clear.nominations[0].pk), "inspection")
    visit = Inspection.objects.create(
        nomination=first,
        verdict="passed",
        visited_on=date(2026, 6, 20),
        recorded_at=NOW,
        recorded_by=all_clear.office,
    )
    all_clear.second = factories.hat("office", username="office-2")
    all_clear.referral = referring.refer(
        visit, items=("misconduct",), reason="职工人数不实", by=all_clear.office, now=LATER
    )
    all_clear.nominations = list(Nomination.objects.filter(edition=all_clear.edition).order_by("pk"))
    all_clear.referred = all_clear.nominations[0]
    return all_clear


def answered(place, **said):
    return services.answer(
        place.referred, place.kjj, by=place.science, now=LATER + timedelta(hours=1),
        **{"answer": "clear", **said},
    )  # fmt: skip


def test_the_predicate(place):
    assert [is_referred(each) for each in place.nominations] == [True, False, False]
    still_open = factories.nomination(factories.edition(), 31, state="screening")
    assert not is_referred(still_open)


def test_no_list_of_those_at_screening(place):
    assert list(batches.at_screening(place.edition)) == []
    assert list(batches.unsent(place.edition)) == []
    assert batches.preview_batch(place.edition).nominations == []


def test_no_row_and_no_figure_of_the_board(place, client):
    assert standing.rows_of(place.edition, 2, today=TODAY) == []
    answer = page(client, place.office, "screening", place.edition)
    assert place.referred.subject_name not in text(answer)


def test_no_progress_of_the_first_batch(place):
    lines = standing.progress([place.edition], today=TODAY)
    assert [(each.question, each.batch.kind, each.there, each.done) for each in lines] == [
        (place.kjj, "referral", 1, 0)
    ]
    answered(place)
    [line] = standing.progress([place.edition], today=TODAY)
    assert (line.there, line.done) == (1, 1)


def test_the_cases_say_what_the_screening_had_found(place, client):
    shown = text(page(client, place.office, "cases", place.edition))
    assert place.referred.subject_name in shown
    assert place.referred.subject_name not in text(
        page(client, place.office, "cases", place.edition, show="open")
    )
    assert place.referred.subject_name in text(
        page(client, place.office, "cases", place.edition, show="qualified")
    )
    record = cases.case_record(place.referred, now=LATER)
    assert (record.verdict, record.closed) == ("qualified", True)


def test_the_export_and_the_decision_sheet_keep_the_conclusion(place):
    out = BytesIO()
    write_screening_table(place.edition, out, by=place.office, now=LATER)
    rows = list(load_workbook(BytesIO(out.getvalue())).active.iter_rows(values_only=True))
    heads = next(row for row in rows if "结论" in row)
    [mine] = [row for row in rows if place.referred.subject_name in row]
    assert mine[heads.index("结论")] == "合格"
    context = decisions.decision_context(cases.case_record(place.referred, now=LATER), now=LATER)
    assert context["verdict"] == "合格"


def test_the_office_s_todo_of_the_screening_is_silent(place):
    found: list[Todo] = todos(place.office, now=LATER)
    assert [each for each in found if each.url == reverse("review:screening", args=[place.edition.pk])] == []
    assert not any("关闭资格审查" in each.verb or "送部门联审" in each.verb for each in found)


def test_the_department_is_told_has_it_to_do_and_answers_on_its_list(place, client):
    told = Notification.objects.filter(event="review.consult").latest("pk")
    assert (told.recipient, told.body) == (
        place.science.user,
        "请于 2026年7月8日 (周三) 前答复。\n职工人数不实",
    )
    assert "考察转回的 1 家企业" in told.subject
    [todo] = todos(place.science, now=LATER)
    assert "考察转回核查 1 项" in todo.object and todo.due == date(2026, 7, 8)
    assert todos(place.safety, now=LATER) == []
    shown = text(page(client, place.science, "screening", place.edition))
    assert place.referred.subject_name in shown and "职工人数不实" in shown
    assert place.nominations[1].subject_name not in shown
    rest = unanswered(place.edition, place.science.organisation, today=TODAY)
    assert [(each.pk, version) for each, _question, version in rest] == [(place.referred.pk, 1)]
    opinion = answered(place)
    assert (opinion.version, opinion.looked_up_on) == (2, TODAY)
    assert todos(place.science, now=LATER) == []


def test_what_was_not_asked_is_not_answered(place):
    with pytest.raises(Refused, match="只答复所列的核查项"):
        services.answer(place.referred, place.yjj, by=place.safety, now=LATER, answer="clear")


def test_its_own_page_offers_a_department_nothing_to_answer_there(place, client):
    shown = text(page(client, place.science, "answer", place.referred))
    assert "<form" not in shown.split("<main")[1] or 'name="consultation"' not in shown


def test_nothing_of_the_ordinary_screening_can_be_done_to_it(place):
    with pytest.raises(Refused, match="环节已经关闭"):
        services.find(place.referred, "union", "failed", "演示", by=place.office, now=LATER)
    with pytest.raises(Refused, match="考察后转回资格审查的，不能退回补正"):
        returning.send_back(
            place.referred, by=place.office, now=LATER, deadline=TODAY + timedelta(days=5), reason="补正"
        )
    with pytest.raises(Refused, match="已经关闭"):
        services.close_screening(place.edition, by=place.office, now=LATER)
    with pytest.raises(Refused, match="请选择要再次核查的企业"):
        rechecks.send_recheck(
            place.edition, [place.referred.pk], due_on=TODAY + timedelta(days=3), by=place.office, now=LATER
        )
    with pytest.raises(Refused, match="没有再次核查发现的问题"):
        rechecks.refuse_rechecked(place.referred, reason="演示", by=place.office, now=LATER)
    assert Nomination.objects.get(pk=place.referred.pk).state == "screening"


def test_the_record_page_has_no_button_that_would_be_refused(place, client):
    factories.sign_in(client, place.office)
    shown = client.get(place.referred.get_absolute_url()).content.decode()
    assert reverse("nominations:send_back", args=[place.referred.pk]) not in shown
    assert reverse("nominations:attach", args=[place.referred.pk]) not in shown
    refused = client.get(reverse("nominations:send_back", args=[place.referred.pk])).content.decode()
    assert "考察后转回资格审查的，不能退回补正" in refused


def test_a_problem_may_still_be_set_aside_by_two_without_a_day_long_past(place):
    step = place.edition.steps.get(kind="screening")
    step.closes = NOW
    step.save()
    opinion = answered(place, answer="problem", explanation="有投诉")
    propose_overrule(opinion, by=place.office, now=LATER, reason="已撤诉")
    [line] = [each for each in todos(place.second, now=LATER) if "不采纳" in each.object]
    assert line.due is None


def test_reinstated_it_is_before_nobody_and_its_answers_are_fresh(place):
    answered(place)
    referring.settle(
        place.referral, outcome="cleared", reason="核实无误", by=place.second, now=LATER + timedelta(days=1)
    )
    assert standing.now_asked(place.edition) == {}
    assert standing.progress([place.edition], today=TODAY) == []
    with pytest.raises(Refused, match="已经关闭"):
        services.answer(place.referred, place.kjj, by=place.science, now=LATER, answer="clear")
    given = Opinion.objects.get(nomination=place.referred, consultation=place.kjj)
    assert given.looked_up_on == TODAY

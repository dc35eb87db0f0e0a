"""Answers and scores of an edition that selects results: several of one enterprise, told apart by name."""

import io
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest

from nominations.models import Category, Nomination
from nominations.rules import subject_key
from nominations.services.conclusion import close_recommendation
from portal.models import AuditEntry
from portal.workbook import WorkbookRefused
from review import services
from review.models import Opinion, ScoreSheet
from review.services import opinion_sheets, panel, screening
from review.services.panel import Seat
from tests import factories
from tests.moments import NOW
from tests.review.conftest import org
from tests.review.test_services_workbooks import SCIENCE, book

pytestmark = pytest.mark.django_db

ANSWERS = ("部门", "统一社会信用代码", "企业名称", "成果名称", "核查项", "结果", "说明", "查询日期")
POINTS = ("专家编号", "统一社会信用代码", "企业名称", "成果名称", "甲维度", "乙维度", "回避", "评语")
FIRST, SECOND = "甲装置", "乙工法"


@pytest.fixture
def place():
    """Three results in the screening, two of them of one enterprise; one department is asked one thing."""
    category = Category.objects.create(
        code="of-results",
        name="演示成果",
        subject="result",
        rubric=[
            {"code": code, "name": name, "weight": "50", "guidance": "", "subpoints": []}
            for code, name in (("a", "甲维度"), ("b", "乙维度"))
        ],
    )
    edition = factories.edition(category=category, seats=2, nominees=2, min_sheets=1, trim_from=3)
    one, other = factories.enterprise(1), factories.enterprise(2)
    made = [result(edition, one, FIRST), result(edition, one, SECOND), result(edition, other, FIRST)]
    office = factories.hat("office")
    services.consult(edition, [(org("dept-kjj"), "misconduct")], by=office, now=NOW)
    science = factories.hat("department", "dept-kjj")
    return SimpleNamespace(edition=edition, one=one, other=other, made=made, office=office, science=science)


def result(edition, enterprise, name) -> Nomination:
    made = factories.nomination(edition, enterprise, state="screening", union_founded_on=date(2001, 5, 1))
    key = subject_key(enterprise.credit_code, name)
    Nomination.objects.filter(pk=made.pk).update(subject_name=name, subject_key=key)
    return Nomination.objects.select_related("enterprise").get(pk=made.pk)


def answer(firm, name=None, said="无异议", why=None):
    return ["市科技局", firm.credit_code, firm.name, name, SCIENCE, said, why, date(2026, 5, 20)]


def answered(place, rows):
    replies = services.read_opinions(place.edition, book(ANSWERS, rows), by=place.science, now=NOW)
    services.apply_opinions(place.edition, replies, by=place.science, now=NOW)
    found = Opinion.objects.values_list("nomination", "answer")
    names = {each.pk: n for n, each in enumerate(place.made)}
    return {names[pk]: said for pk, said in found}


def problems(read, place, heads, rows, by):
    with pytest.raises(WorkbookRefused) as refusal:
        read(place.edition, book(heads, rows), by=by, now=NOW)
    return [(each.row, each.column_name, str(each)) for each in refusal.value.errors]


def test_a_row_that_names_no_result_answers_for_all_of_the_enterprise(place):
    rows = [answer(place.one, said="有问题", why="演示"), answer(place.other)]
    assert answered(place, rows) == {0: "problem", 1: "problem", 2: "clear"}


def test_a_row_that_names_one_answers_for_that_one_alone(place):
    rows = [answer(place.one, SECOND, "有问题", "演示"), answer(place.one, FIRST), answer(place.other)]
    assert answered(place, rows) == {0: "clear", 1: "problem", 2: "clear"}


def test_one_refused_result_does_not_refuse_its_sister(place):
    answered(
        place, [answer(place.one, SECOND, "有问题", "演示"), answer(place.one, FIRST), answer(place.other)]
    )
    close_recommendation(place.edition, by=place.office, now=NOW)
    screening.close_screening(place.edition, by=place.office, now=NOW)
    assert [Nomination.objects.get(pk=each.pk).state for each in place.made] == [
        "review",
        "rejected",
        "review",
    ]


def test_one_question_answered_twice_over_is_refused(place):
    rows = [answer(place.one), answer(place.one, SECOND)]
    assert [
        (row, SECOND in said and "第 3 行" in said)
        for row, _column, said in problems(services.read_opinions, place, ANSWERS, rows, place.science)
    ] == [(4, True)]


def test_a_result_nobody_put_forward_is_named(place):
    ((row, column, said),) = problems(
        services.read_opinions, place, ANSWERS, [answer(place.other, SECOND)], place.science
    )
    assert (row, column) == (3, "成果名称")
    assert SECOND in said and FIRST in said


def test_the_workbook_of_a_department_has_a_row_for_each_result(place):
    out = io.BytesIO()
    opinion_sheets.handout_answers(place.edition, place.science.organisation, out, by=place.science, now=NOW)
    table = openpyxl.load_workbook(out).worksheets[0]
    heads = next(row for row in table.iter_rows() if "成果名称" in [cell.value for cell in row])
    letters = {cell.value: cell.column for cell in heads}
    names = [table.cell(n, letters["成果名称"]).value for n in range(heads[0].row + 1, heads[0].row + 4)]
    assert sorted(names) == sorted([FIRST, SECOND, FIRST])
    last = next(n for n, name in enumerate(names, start=heads[0].row + 1) if name == SECOND)
    table.cell(last, letters["结果"]).value = "有问题"
    table.cell(last, letters["说明"]).value = "演示"
    table.cell(last, letters["查询日期"]).value = date(2026, 5, 20)
    back = io.BytesIO()
    table.parent.save(back)
    diff = opinion_sheets.read_answers(place.edition, back.getvalue(), by=place.science, now=NOW)
    assert not diff.errors
    assert [(row.nomination.subject_name, row.kind) for row in diff.asked] == [(SECOND, "new")]
    # Sorted without its hidden key: the name gives it away.
    table.cell(last, letters["成果名称"]).value = FIRST
    back = io.BytesIO()
    table.parent.save(back)
    diff = opinion_sheets.read_answers(place.edition, back.getvalue(), by=place.science, now=NOW)
    assert [each.row for each in diff.errors] == [last]


def score(firm, name, points, *, expert="E01"):
    return [expert, firm.credit_code, firm.name, name, points, points, None, None]


@pytest.fixture
def in_review(place):
    answered(place, [answer(place.one), answer(place.other)])
    close_recommendation(place.edition, by=place.office, now=NOW)
    screening.close_screening(place.edition, by=place.office, now=NOW)
    panel.seat_panel(place.edition, [Seat("E01", "演示专家")], by=place.office, now=NOW)
    panel.assign_all(place.edition, by=place.office, now=NOW)
    return place


def test_each_result_has_its_own_score(in_review):
    rows = [
        score(in_review.one, FIRST, 90),
        score(in_review.one, SECOND, 70),
        score(in_review.other, FIRST, 80),
    ]
    read = services.read_scores(in_review.edition, book(POINTS, rows), by=in_review.office, now=NOW)
    services.apply_scores(in_review.edition, read, by=in_review.office, now=NOW)
    totals = {
        sheet.assignment.nomination_id: {each.points for each in sheet.scores.all()}
        for sheet in ScoreSheet.objects.select_related("assignment")
    }
    assert [totals[each.pk] for each in in_review.made] == [{90}, {70}, {80}]


def test_the_record_says_which_of_two_results_of_one_enterprise(in_review):
    one, second, other = (each.subject_key for each in in_review.made)
    assigned = AuditEntry.objects.get(act="review.assign").detail
    assert assigned["assignments"] == sorted([["E01", one], ["E01", second], ["E01", other]])
    rows = [
        score(in_review.one, FIRST, 90),
        score(in_review.one, SECOND, 70),
        score(in_review.other, FIRST, 80),
    ]
    read = services.read_scores(in_review.edition, book(POINTS, rows), by=in_review.office, now=NOW)
    services.apply_scores(in_review.edition, read, by=in_review.office, now=NOW)
    services.close_review(in_review.edition, by=in_review.office, now=NOW)
    closed = AuditEntry.objects.get(act="review.close_review").detail
    assert closed["nominees"] == [one, other]


def test_a_score_for_a_result_that_is_not_there_is_named(in_review):
    rows = [score(in_review.other, SECOND, 80)]
    ((row, column, said),) = problems(services.read_scores, in_review, POINTS, rows, in_review.office)
    assert (row, column) == (3, "成果名称") and SECOND in said

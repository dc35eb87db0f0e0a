"""部门意见 and 专家评分表 as files: every error a cell, applied whole or not at all."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from portal.errors import Refused
from portal.workbook import WorkbookRefused
from review import services
from review.models import Opinion, Recusal, ScoreSheet
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, submit

OPINIONS = ("序号", "部门", "统一社会信用代码", "企业名称", "核查项", "结果", "说明", "查询日期")
SCORES = (
    *("专家编号", "统一社会信用代码", "企业名称"),
    *("全员创新机制建设", "全员创新平台载体建设", "全员创新效果", "回避", "评语"),
)
SCIENCE, SAFETY = "科研严重失信行为", "重大安全、重大质量事故"


def book(headings, rows):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["汇总表"])
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    out.seek(0)
    return out


def line(place, n, department="市科技局", item=SCIENCE, answer="无异议", explanation=None, **more):
    nomination = place.nominations[n]
    facts = {
        "code": nomination.enterprise.credit_code,
        "name": nomination.subject_name,
        "day": date(2026, 5, 20),
        **more,
    }
    return [n, department, facts["code"], facts["name"], item, answer, explanation, facts["day"]]


def errors(place, rows, hat, read=services.read_opinions, headings=OPINIONS):
    with pytest.raises(WorkbookRefused) as refusal:
        read(place.edition, book(headings, rows), by=hat, now=NOW)
    return [(each.row, each.column_name, str(each)) for each in refusal.value.errors]


def test_the_office_brings_the_summary_of_all(screened):
    rows = [line(screened, n) for n in range(3)]
    rows += [line(screened, n, "市应急管理局", SAFETY) for n in range(3)]
    rows[1] = line(screened, 1, answer="有问题", explanation="撤稿一篇")
    replies = services.read_opinions(screened.edition, book(OPINIONS, rows), by=screened.office, now=NOW)
    written = services.apply_opinions(screened.edition, replies, by=screened.office, now=NOW)
    assert len(written) == 6
    assert Opinion.objects.get(answer="problem").explanation == "撤稿一篇"
    assert {each.looked_up_on for each in Opinion.objects.all()} == {date(2026, 5, 20)}
    # The same file again says nothing new.
    services.apply_opinions(screened.edition, replies, by=screened.office, now=NOW)
    assert set(Opinion.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"code": factories.credit_code(77)}, "统一社会信用代码", "本届没有推荐这家企业"),
        ({"code": "91370202MA00000011"}, "统一社会信用代码", "校验码不符"),
        ({"name": "另一家企业"}, "企业名称", "名称与信用代码不符"),
        ({"department": "市税务局"}, "部门", "没有向这个部门征求意见"),
        ({"item": SAFETY}, "核查项", "没有向市科技局征求这一项意见"),
        ({"answer": "有问题"}, "说明", "没有填写说明"),
        ({"answer": "尚可"}, "结果", "无异议"),
        ({"answer": None}, "结果", "没有填写"),
        ({"day": date(2026, 6, 2)}, "查询日期", "晚于今天"),
        ({"day": None}, "查询日期", "没有填写"),
    ],
)
def test_each_error_says_its_cell(screened, change, column, words):
    rows = [line(screened, 0), line(screened, 1, **change)]
    (error,) = errors(screened, rows, screened.office)
    assert error[:2] == (4, column)
    assert words in error[2]
    assert not Opinion.objects.exists()


def test_the_same_question_twice_is_refused(screened):
    (error,) = errors(screened, [line(screened, 0), line(screened, 0)], screened.office)
    assert error[0] == 4 and "与第 3 行重复" in error[2]


def test_a_department_answers_its_own_rows_only(screened):
    rows = [line(screened, 0), line(screened, 1, "市应急管理局", SAFETY)]
    (error,) = errors(screened, rows, screened.science)
    assert error[:2] == (4, "部门")
    assert "只能答复本部门" in error[2]


def test_who_is_past_screening_is_refused_by_name(all_clear):
    rows = [line(all_clear, 0)]
    replies = services.read_opinions(all_clear.edition, book(OPINIONS, rows), by=all_clear.science, now=NOW)
    services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        services.apply_opinions(all_clear.edition, replies, by=all_clear.science, now=NOW)


def mark(place, n, expert="E01", points=(80, 70.5, 90), recused=None, **more):
    nomination = place.nominations[n]
    code = more.get("code", nomination.enterprise.credit_code)
    return [expert, code, more.get("name", nomination.subject_name), *points, recused, more.get("comment")]


def test_the_panels_paper_is_submitted_and_its_recusals_signed(reviewed):
    rows = [mark(reviewed, 0), mark(reviewed, 1, points=(None,) * 3, recused="回避")]
    scored = services.read_scores(reviewed.edition, book(SCORES, rows), by=reviewed.office, now=NOW)
    assert services.apply_scores(reviewed.edition, scored, by=reviewed.office, now=NOW) == 2
    sheet = ScoreSheet.objects.get()
    assert sheet.submitted_at == NOW
    assert [str(score.points) for score in sheet.scores.all()] == ["80.0", "70.5", "90.0"]
    assert Recusal.objects.get().assignment.nomination == reviewed.nominations[1]


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"expert": "E77"}, "专家编号", "没有编号为“E77”的专家"),
        ({"code": factories.credit_code(77)}, "统一社会信用代码", "本届没有推荐这家企业"),
        ({"name": "另一家"}, "企业名称", "名称与信用代码不符"),
        ({"points": (80, 70.3, 90)}, "全员创新平台载体建设", "0.5 的整数倍"),
        ({"points": (80, 100.5, 90)}, "全员创新平台载体建设", "太大"),
        ({"points": (80, None, 90)}, "全员创新平台载体建设", "没有填写分数"),
        ({"points": (80, "优", 90)}, "全员创新平台载体建设", "不是数字"),
        ({"recused": "也许", "points": (1, 1, 1)}, "回避", "应填"),
    ],
)
def test_each_error_of_the_panels_paper_says_its_cell(reviewed, change, column, words):
    rows = [mark(reviewed, 0), mark(reviewed, 1, **change)]
    found = errors(reviewed, rows, reviewed.office, services.read_scores, SCORES)
    assert [error[:2] for error in found] == [(4, column)]
    assert words in found[0][2]
    assert not ScoreSheet.objects.exists()


def test_recused_and_scored_at_once_is_refused(reviewed):
    rows = [mark(reviewed, 0, points=(80, None, None), recused="回避")]
    found = errors(reviewed, rows, reviewed.office, services.read_scores, SCORES)
    assert found[0][:2] == (3, "全员创新机制建设") and "注明回避，却有分数" in found[0][2]


def test_what_is_handed_in_is_not_written_over(reviewed):
    submit(reviewed, 0, 0, 60, 60, 60)
    found = errors(reviewed, [mark(reviewed, 0)], reviewed.office, services.read_scores, SCORES)
    assert "已经提交" in found[0][2]
    assert str(assignment(reviewed, 0, 0).sheet.scores.first().points) == "60.0"


def test_only_the_office_reads_the_panels_paper(reviewed):
    for hat in (reviewed.experts[0], factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            services.read_scores(reviewed.edition, book(SCORES, [mark(reviewed, 0)]), by=hat, now=NOW)


def test_the_score_table_marks_recusals_and_what_was_set_aside(reviewed):

    seats = [services.Seat(f"E0{n}", f"外请{n}") for n in (5, 6)]
    services.seat_panel(reviewed.edition, seats, by=reviewed.office, now=NOW)
    services.assign_all(reviewed.edition, by=reviewed.office, now=NOW)
    rows = [
        mark(reviewed, 0, f"E0{n}", points=(p, p, p))
        for n, p in ((1, 70), (2, 95), (3, 80), (4, 81), (5, 82))
    ]
    rows.append(mark(reviewed, 0, "E06", points=(None,) * 3, recused="回避"))
    scored = services.read_scores(reviewed.edition, book(SCORES, rows), by=reviewed.office, now=NOW)
    services.apply_scores(reviewed.edition, scored, by=reviewed.office, now=NOW)
    out = io.BytesIO()
    services.write_score_table(reviewed.edition, out, by=reviewed.office)
    sheet = openpyxl.load_workbook(out).active
    headings, *lines = list(sheet.iter_rows(min_row=3, values_only=True))
    row = dict(zip(headings, lines[0], strict=True))
    assert [row[f"E0{n}"] for n in range(1, 7)] == ["70.00（去最低）", "95.00（去最高）", 80, 81, 82, "回避"]
    assert (row["有效份数"], row["去掉最高"], row["去掉最低"]) == (5, 95, 70)
    assert (row["专家得分"], row["中位数"], row["名次"]) == (81, 81, 1)
    assert str(row["全部平均"]) == "81.6"
    assert [each for each in lines[1] if each == "未提交"] == ["未提交"] * 6

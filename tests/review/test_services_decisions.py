"""What the office takes away of the screening, read back: the decision sheet and the summary table."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from docx import Document

from nominations.models import Nomination
from review import services
from review.services.decisions import write_decision_sheet
from review.services.overrules import decide_overrule, propose_overrule
from tests import factories
from tests.moments import NOW
from tests.review.conftest import problem
from tests.review.papers import pdf

pytestmark = pytest.mark.django_db
SHOWN = "2026年6月1日 (周一)"


def paper(nomination, hat, now=NOW):
    """The text of the sheet, its tables as rows of cells."""
    nomination = Nomination.objects.get(pk=nomination.pk)
    document = Document(io.BytesIO(write_decision_sheet(nomination, by=hat, now=now)))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    return "\n".join(each.text for each in document.paragraphs), tables


@pytest.fixture
def decided(all_clear):
    """有问题 set aside by two; 有问题; clear, with a finding and its paper."""
    second = factories.hat("office", username="second", full_name="复核人（演示）")
    first, other, third = all_clear.nominations
    opinion = problem(first, all_clear.yjj, all_clear.safety, "2025年事故一起")
    asked = propose_overrule(
        opinion, by=all_clear.office, now=NOW, reason="属一般事故", file=pdf(), file_title="调查报告"
    )
    decide_overrule(asked, by=second, now=NOW, confirmed=True, remark="情况属实")
    problem(other, all_clear.kjj, all_clear.science, "撤稿一篇")
    services.find(
        third,
        "fraud",
        "passed",
        "未见记录",
        by=all_clear.office,
        now=NOW,
        source="信用信息公示系统",
        file=pdf(),
        file_title="查询结果",
    )
    all_clear.second = second
    return all_clear


def test_every_item_stands_on_the_sheet_with_who_when_and_on_what(decided):
    text, tables = paper(decided.nominations[0], decided.office)
    facts, items, aside, end, sign = tables
    assert "资格审查决定表" in text and decided.edition.title in text
    assert facts[0][1] == decided.nominations[0].subject_name
    assert facts[0][3] == decided.nominations[0].enterprise.credit_code
    assert facts[2][1] == f"第 1 批（资格审查），{SHOWN}送出"
    assert [row[0] for row in items] == [
        *("依据", "四.1", "四.1", "四.1", "四.3①"),
        *("四.1①", "四.1②", "四.1③", "四.1④", "四.1④", "四.1⑤"),
    ]
    union, fraud, accident = items[1], items[6], items[8]
    assert union[1] == "已依法成立工会（应当符合）"
    assert union[3].startswith("通过；工会成立于 2015年3月2日 (周一)；查询途径：申报表：工会成立时间")
    assert fraud[2:] == ["没有征求部门意见", "—", "未核查"]
    assert accident[1] == "重大安全、重大质量事故（不得存在）"
    assert accident[2] == (
        f"市应急管理局：有问题；2025年事故一起；查询于 {SHOWN}；"
        f"{decided.safety.user} {SHOWN} 10:00答复；不采纳"
    )
    assert accident[4] == "通过"
    assert aside[1] == [
        "市应急管理局：重大安全、重大质量事故",
        "第 2 次答复",
        "属一般事故\n依据：调查报告",
        f"{decided.office.user} {SHOWN} 10:00",
        f"复核人（演示） {SHOWN} 10:00\n情况属实",
        "同意不采纳",
    ]
    assert [row[1] for row in end] == ["合格（未关闭）", "各项均符合。", "资格审查尚未关闭"]
    assert "经办人（签字）" in sign[0][0] and "盖章" in sign[0][2]


def test_the_refused_and_the_looked_up(decided):
    _text, tables = paper(decided.nominations[1], decided.office)
    assert len(tables) == 4
    assert tables[2][0][1] == "不合格（未关闭）"
    assert tables[2][1][1] == "科研严重失信行为：市科技局答复有问题，撤稿一篇"
    _text, tables = paper(decided.nominations[2], decided.office)
    fraud = tables[1][6]
    assert fraud[3] == (
        f"通过；未见记录；查询途径：信用信息公示系统；{SHOWN}；{decided.office.user}；依据：查询结果"
    )


def test_after_the_closing_it_says_what_was_decided_then(decided):
    services.close_screening(decided.edition, by=decided.office, now=NOW)
    _text, tables = paper(decided.nominations[1], factories.hat("auditor"), NOW + timedelta(days=400))
    assert [row[1] for row in tables[2]] == [
        "不合格",
        "科研严重失信行为：市科技局答复有问题，撤稿一篇",
        f"{SHOWN} 10:00",
    ]


def test_what_people_wrote_is_text_and_nothing_else(decided):
    words = "见 <b>附件</b> & {{ 7 * 7 }} 第二行"
    services.find(decided.nominations[2], "fraud", "passed", words, by=decided.office, now=NOW)
    _text, tables = paper(decided.nominations[2], decided.office)
    assert words in tables[1][6][3]


@pytest.mark.parametrize(
    ("role", "place"),
    [("department", "dept-kjj"), ("office", "市南区"), ("recommender", None), ("applicant", None)],
)
def test_the_sheet_and_the_table_are_for_the_office_and_the_auditor(decided, role, place):
    hat = factories.hat(role, place)
    with pytest.raises(PermissionDenied):
        write_decision_sheet(decided.nominations[0], by=hat, now=NOW)
    with pytest.raises(PermissionDenied):
        services.write_screening_table(decided.edition, io.BytesIO(), by=hat, now=NOW)


def table(place, now=NOW):
    out = io.BytesIO()
    services.write_screening_table(place.edition, out, by=place.office, now=now)
    rows = list(openpyxl.load_workbook(out).active.iter_rows(min_row=3, values_only=True))
    heads = rows[0]
    return heads, [dict(zip(heads, row, strict=True)) for row in rows[1:4]]


def test_the_table_has_items_questions_and_what_was_set_aside(decided):
    heads, rows = table(decided)
    assert heads == (
        *("序号", "企业名称", "统一社会信用代码", "推荐单位", "联审批次"),
        "四.1 已依法成立工会",
        "四.1 具有独立法人资格",
        "四.1 在本市注册，或者是驻青央企所属二级、三级单位",
        "四.3① 申报材料完整",
        "四.1① 产品和服务属于国家禁止、限制和淘汰类",
        "四.1② 弄虚作假",
        "四.1③ 科研严重失信行为",
        "四.1④ 重大安全、重大质量事故",
        "四.1④ 严重环境违法行为",
        "四.1⑤ 经营异常名录和严重违法失信企业名单",
        "市科技局：科研严重失信行为",
        "市应急管理局：重大安全、重大质量事故",
        *("不采纳部门意见", "结论", "不通过理由"),
    )
    first, second, third = rows
    assert [row["结论"] for row in rows] == ["合格（未关闭）", "不合格（未关闭）", "合格（未关闭）"]
    assert first["联审批次"] == "第 1 批"
    assert first["市应急管理局：重大安全、重大质量事故"] == "有问题 2026-06-01 2025年事故一起"
    assert first["不采纳部门意见"] == (
        f"市应急管理局：不采纳。属一般事故（{decided.office.user}提出，复核人（演示）复核，{SHOWN}）"
    )
    assert (second["四.1③ 科研严重失信行为"], second["四.1② 弄虚作假"]) == ("不通过", "未核查")
    assert second["不通过理由"] == "科研严重失信行为：市科技局答复有问题，撤稿一篇"
    assert third["四.1② 弄虚作假"] == f"通过 {decided.office.user} 2026-06-01 未见记录"


def test_the_table_of_a_closed_screening_stays_as_it_was(decided):
    services.close_screening(decided.edition, by=decided.office, now=NOW)
    _heads, rows = table(decided, NOW + timedelta(days=400))
    assert [row["结论"] for row in rows] == ["合格", "不合格", "合格"]
    assert rows[0]["四.1④ 重大安全、重大质量事故"] == "通过"

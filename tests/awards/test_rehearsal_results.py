"""A selection of results, on the offices' paper: the same engine, the category's own form and rubric."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from docx import Document
from openpyxl import load_workbook

from awards.models import Decision, Grant, Honour
from awards.rehearsal.run import office_hat
from awards.services import certificates
from nominations.models import Edition
from portal import audit
from tests.awards.test_rehearsal import run

RESULTS = Path(__file__).parents[2] / "fixtures" / "sample-results"


def cells(path) -> list[list]:
    return [list(row) for row in load_workbook(path).active.iter_rows(values_only=True)]


def text_of(document) -> str:
    rows = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *rows])


@pytest.mark.django_db(transaction=True)
def test_results_come_to_what_is_expected(tmp_path):
    expected = json.loads((RESULTS / "expected.json").read_text(encoding="utf-8"))
    out = tmp_path / "out"
    summary, result = run(RESULTS, out)
    assert summary == {
        "refused": expected["refused"],
        "nominees": expected["nominees"],
        "ballots": expected["ballots"],
        "shortlisted": [f"{row['code']} {row['name']}" for row in expected["rows"] if row["shortlisted"]],
        "notice": expected["notice"],
        "notice_ends": expected["notice_ends"],
        "honours": expected["notice"],
    }
    known = {each["id"]: each for each in result["nominations"]}
    found = [
        {
            "code": known[row["id"]]["credit_code"],
            "name": known[row["id"]]["enterprise"],
            "picks": known[row["id"]]["picks"],
            **{key: row[key] for key in ("rank", "expert_score", "vote_score", "composite", "shortlisted")},
        }
        for row in result["result"]["rows"]
    ]
    assert sorted(found, key=lambda row: (row["rank"], row["code"], row["name"])) == expected["rows"]
    assert result["result"]["size"] == expected["size"]
    call_command("verify_result", str(out / "result.json"), stdout=StringIO())
    assert list(audit.broken_links()) == []
    _is_named(expected)
    _is_written(out, expected)


def _is_named(expected):
    """What was named is the result; the category's data say what comes with it."""
    edition = Edition.objects.get()
    honours = list(Honour.objects.order_by("number"))
    assert [f"{each.enterprise.credit_code} {each.subject_name}" for each in honours] == expected["notice"]
    assert {(each.category.code, each.level, each.certificate, each.medal_name) for each in honours} == {
        ("cxcg", "city", False, "")
    }
    assert not Grant.objects.exists()
    text = Decision.objects.get(edition=edition).text
    assert f"决定命名下列8项成果为“{edition.title}”" in text
    assert "奖状" not in text and "资助" not in text and "奖章" not in text
    first = honours[0]
    paper = certificates.certificate_docx(first, address="https://example.org/v/", by=office_hat())
    text = text_of(Document(BytesIO(paper)))
    assert f"{first.subject_name}（{first.enterprise.name}）：" in text
    assert f"命名该成果为“{edition.title}”" in text and "你单位" not in text


def _is_written(out, expected):
    """The lists and papers name the results, each with whose it is."""
    named = [each.split(" ", 1) for each in expected["notice"]]
    notice = cells(out / "公示名单.xlsx")
    assert notice[2] == ["序号", "成果名称", "所在企业", "推荐单位", "所属区市"]
    assert [row[1] for row in notice[3:]] == [name for _code, name in named]
    assert cells(out / "命名名单.xlsx")[2] == ["序号", "企业名称", "成果名称", "命名编号"]
    composite = cells(out / "综合成绩表.xlsx")
    place = composite[2].index("成果名称")
    assert [row[place] for row in composite[3:11]] == [row["name"] for row in expected["rows"][:8]]
    assert "成果名称" in cells(out / "评分汇总表.xlsx")[2]
    text = text_of(Document(out / "公示公告.docx"))
    assert "拟命名下列8项成果为" in text and "企业名称" not in text
    assert all(f"{name}（{firm}）" in text for (_code, name), firm in zip(named, _firms(notice), strict=True))


def _firms(notice) -> list[str]:
    return [row[2] for row in notice[3:]]

"""The main job on real input: the offices' paper, through every step, to the result it must come to."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from docx import Document
from openpyxl import load_workbook

from nominations.models import Edition, Nomination
from portal import audit
from tests.awards.papers import CODES, change_cell, company, write_paper

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample"


def run(folder, out):
    """The command's summary and result, and what it said."""
    said = StringIO()
    call_command("rehearse", str(folder), "--out", str(out), stdout=said, stderr=said)
    return [json.loads((out / name).read_text(encoding="utf-8")) for name in ("summary.json", "result.json")]


def refuse(folder, out) -> str:
    """What the command says when it refuses; nothing is left in the folder of results."""
    said = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("rehearse", str(folder), "--out", str(out), stdout=said, stderr=said)
    assert stopped.value.code == 1
    assert not out.exists() or not list(out.iterdir())
    return said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_sample_comes_to_what_is_expected(tmp_path):
    expected = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))
    summary, result = run(SAMPLE, tmp_path / "out")
    assert summary == {
        "refused": expected["refused"],
        "nominees": expected["nominees"],
        "ballots": expected["ballots"],
        "shortlisted": [row["code"] for row in expected["rows"] if row["shortlisted"]],
        "notice": expected["notice"],
        "notice_ends": expected["notice_ends"],
        "honours": expected["notice"],
    }
    known = {each["id"]: each for each in result["nominations"]}
    assert [
        {
            "code": known[row["id"]]["credit_code"],
            "name": known[row["id"]]["enterprise"],
            "picks": known[row["id"]]["picks"],
            **{key: row[key] for key in ("rank", "expert_score", "vote_score", "composite", "shortlisted")},
        }
        for row in result["result"]["rows"]
    ] == expected["rows"]
    assert result["result"]["size"] == expected["size"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [
            "result.json",
            "summary.json",
            "公示公告.docx",
            "公示名单.xlsx",
            "命名名单.xlsx",
            "综合成绩表.xlsx",
            "评分汇总表.xlsx",
        ]
    )
    names = [row["name"] for row in expected["rows"]]
    noticed = [row["name"] for row in expected["rows"] if row["code"] in expected["notice"]]
    sheet = load_workbook(tmp_path / "out" / "公示名单.xlsx").active
    assert [row[1].value for row in sheet.iter_rows(min_row=4) if row[1].value in names] == noticed
    document = Document(tmp_path / "out" / "公示公告.docx")
    text = "\n".join(
        [each.text for each in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )
    assert all(name in text for name in noticed)
    assert "2026年10月9日" in text
    call_command("verify_result", str(tmp_path / "out" / "result.json"), stdout=StringIO())
    assert list(audit.broken_links()) == []


@pytest.mark.django_db(transaction=True)
def test_equals_at_the_cut_are_all_on_the_list(tmp_path):
    """size ⌈3 × 6/5⌉ = 4; 丁 and 戊 are equal in everything at 71: the list grows by one."""
    summary, result = run(write_paper(tmp_path / "paper"), tmp_path / "out")
    ids = {each["id"]: each["credit_code"] for each in result["nominations"]}
    assert summary["refused"] == [CODES["辛"]]
    assert summary["ballots"] == {"cast": 8, "void": 0, "again": 0, "outside": 0}
    assert (result["result"]["size"], result["result"]["grew_by"]) == (4, 1)
    rows = [
        (ids[row["id"]], row["rank"], row["composite"], row["shortlisted"], row["tie"])
        for row in result["result"]["rows"]
    ]
    assert sorted(rows, key=lambda row: (row[1], list(CODES.values()).index(row[0]))) == [
        (CODES["甲"], 1, "93", True, None),
        (CODES["乙"], 2, "841/10", True, None),
        (CODES["丙"], 3, "827/10", True, None),
        (CODES["丁"], 4, "71", True, "equal"),
        (CODES["戊"], 4, "71", True, "equal"),
        (CODES["己"], 6, "113/2", False, None),
    ]
    assert summary["notice"] == summary["honours"] == [CODES[name] for name in "甲乙丙"]


@pytest.mark.django_db(transaction=True)
def test_a_private_enterprise_goes_before_its_equal_and_a_failed_visit_makes_room(tmp_path):
    paper = write_paper(tmp_path / "paper", natures={"戊": "民营"}, verdicts={"甲": "不合格"})
    summary, result = run(paper, tmp_path / "out")
    ids = {each["id"]: each["credit_code"] for each in result["nominations"]}
    assert [(ids[row["id"]], row["rank"], row["tie"]) for row in result["result"]["rows"]][3:5] == [
        (CODES["戊"], 4, "private"),
        (CODES["丁"], 5, "private"),
    ]
    assert summary["shortlisted"] == [CODES[name] for name in "甲乙丙戊"]
    assert summary["notice"] == summary["honours"] == [CODES[name] for name in "乙丙戊"]


@pytest.mark.django_db(transaction=True)
def test_the_same_paper_again_comes_to_the_same_beside_the_first(tmp_path):
    paper = write_paper(tmp_path / "paper")
    first, again = run(paper, tmp_path / "one"), run(paper, tmp_path / "two")
    assert first[0] == again[0]
    assert list(Edition.objects.order_by("pk").values_list("title", "published")) == [
        ("小样选树（演示）", False),
        ("小样选树（演示）（2）", False),
    ]


WRONG = (
    ("推荐汇总表.xlsx", 4, 5, "91370202MA2TH3BJ33", ("第 4 行", "统一社会信用代码", "校验")),
    ("推荐汇总表.xlsx", 5, 2, "月球总工会", ("第 5 行", "推荐单位", "月球总工会")),
    ("推荐汇总表.xlsx", 6, 10, "很多", ("第 6 行", "职工人数", "很多")),
    ("部门意见.xlsx", 4, 2, "市梦想局", ("第 4 行", "部门")),
    ("专家评分表.xlsx", 7, 4, 101, ("第 7 行", "全员创新机制建设", "101")),
    ("专家评分表.xlsx", 8, 5, "=1+1", ("第 8 行", "全员创新平台载体建设", "公式")),
    ("考察记录.xlsx", 4, 7, "还行", ("第 4 行", "结论", "还行")),
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("file", "row", "column", "value", "words"), WRONG)
def test_a_wrong_cell_is_named_and_nothing_is_left(tmp_path, file, row, column, value, words):
    paper = write_paper(tmp_path / "paper")
    change_cell(paper / file, row, column, value)
    said = refuse(paper, tmp_path / "out")
    assert all(word in said for word in words), said
    assert "Traceback" not in said
    if file == "推荐汇总表.xlsx":
        assert not Nomination.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_recusal_leaves_too_few_sheets_and_the_step_stays_open(tmp_path):
    paper = write_paper(tmp_path / "paper")
    for column in (4, 5, 6):
        change_cell(paper / "专家评分表.xlsx", 4, column, None)
    change_cell(paper / "专家评分表.xlsx", 4, 7, "回避")
    said = refuse(paper, tmp_path / "out")
    assert company("甲") in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seats": "十"}, ("seats", "十")),
        ({"poll_opens": "2026-07-01T08:00:00"}, ("poll_opens",)),
        ({"expert_weight": "60"}, ("100",)),
        ({"dimension_weights": {"mechanism": "100"}}, ("mechanism",)),
        ({"ballots_per": "always"}, ("ballots_per", "always")),
        ({"ratio": "6:5"}, ("6/5",)),
        ({"seats": 0}, ("seats",)),
    ],
)
def test_a_wrong_decision_is_named(tmp_path, change, words):
    said = refuse(write_paper(tmp_path / "paper", edition=change), tmp_path / "out")
    assert all(word in said for word in words), said


def test_missing_paper_is_named(tmp_path):
    paper = write_paper(tmp_path / "paper")
    (paper / "选票.csv").unlink()
    assert "选票.csv" in refuse(paper, tmp_path / "out")
    assert "edition.json" in refuse(tmp_path / "nowhere", tmp_path / "out")

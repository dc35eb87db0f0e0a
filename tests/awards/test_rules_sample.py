"""The rules alone, on the paper of a whole selection, reach what it must come to."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from awards import resultfile
from awards.rules import Rules, departs, notice_ends, notice_proposal
from nominations.rules import (
    central_level,
    credit_code,
    is_private,
    normalise,
    out_of_city,
    parse_key_industry,
    parse_nature,
    parse_recognitions,
    recognised_key_industry,
)
from portal.figures import fraction_text
from portal.workdays import Calendar, read_year
from review.rules import (
    DIMENSIONS,
    ITEM_BY_TITLE,
    QUALIFIED,
    REFUSED,
    RESULT_BY_TITLE,
    Answer,
    Scope,
    check_sheet,
    expert_score,
    nominees,
    positive_findings,
    screen,
    sheet_total,
)
from voting.rules import OUTSIDE, VOID, judge, phone, tally, turn

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLE = FIXTURES / "sample"
CITY = ZoneInfo("Asia/Shanghai")


def rows(name):
    sheet = openpyxl.load_workbook(SAMPLE / name).active
    lines = sheet.iter_rows(min_row=3, values_only=True)
    header = next(lines)
    return [dict(zip(header, line, strict=True)) for line in lines if not str(line[0]).startswith("填报人")]


@pytest.fixture(scope="module")
def edition():
    return json.loads((SAMPLE / "edition.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def expected():
    return json.loads((SAMPLE / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def enterprises():
    held = {}
    for row in rows("推荐汇总表.xlsx"):
        code = credit_code(row["统一社会信用代码"])
        assert code not in held
        held[code] = row
    return held


@pytest.fixture(scope="module")
def screened(enterprises):
    answers, required = defaultdict(list), defaultdict(set)
    for row in rows("部门意见.xlsx"):
        item = ITEM_BY_TITLE[row["核查项"]].code
        code = credit_code(row["统一社会信用代码"])
        answers[code].append(Answer(row["部门"], item, RESULT_BY_TITLE[row["结果"]], row["查询日期"].date()))
        required[code].add((row["部门"], item))
    verdicts = {}
    for code, row in enterprises.items():
        level = central_level(parse_nature(row["企业性质"]))
        facts = Scope(row["工会成立时间"].date(), True, row["独立法人"] == "是", level)
        findings = positive_findings(facts, today=date(2026, 5, 20))
        verdicts[code] = screen(findings, answers[code], required[code])
    return verdicts


@pytest.fixture(scope="module")
def sheets(edition, screened):
    held = defaultdict(list)
    for row in rows("专家评分表.xlsx"):
        code = credit_code(row["统一社会信用代码"])
        if row["回避"] == "回避":
            held[code].append(resultfile.Sheet(row["专家编号"], valid=False))
            continue
        scores = {name: Decimal(str(row[title])) for name, title in DIMENSIONS.items()}
        check_sheet(scores)
        held[code].append(resultfile.Sheet(row["专家编号"], valid=True, scores=scores))
    return held


@pytest.fixture(scope="module")
def chosen(edition, screened, sheets):
    weights = {name: Decimal(weight) for name, weight in edition["dimension_weights"].items()}
    scores = {}
    for code, verdict in screened.items():
        if verdict.verdict != QUALIFIED:
            continue
        totals = [sheet_total(sheet.scores, weights) for sheet in sheets[code] if sheet.valid]
        scores[code] = expert_score(
            totals, min_sheets=edition["min_sheets"], trim_from=edition["trim_from"]
        ).score
    return nominees(scores, edition["nominees"])


@pytest.fixture(scope="module")
def ballots(edition, chosen):
    opens, closes = (datetime.fromisoformat(edition[key]) for key in ("poll_opens", "poll_closes"))
    counts, good, voted = Counter(), [], set()
    with (SAMPLE / "选票.csv").open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            at = datetime.fromisoformat(line["cast_at"]).replace(tzinfo=CITY)
            picks = line["picks"].split(";") if line["picks"] else []
            verdict = judge(
                picks,
                at=at,
                opens=opens,
                closes=closes,
                candidates=set(chosen.chosen),
                min_picks=edition["min_picks"],
                max_picks=edition["max_picks"],
            )
            who = phone(line["phone"]), turn(at, edition["ballots_per"], CITY)
            if verdict is None and who in voted:
                verdict = "again"
            counts[verdict or "cast"] += 1
            if verdict is None:
                voted.add(who)
                good.append(picks)
    return counts, tally(good, chosen.chosen)


@pytest.fixture(scope="module")
def sealed(edition, enterprises, sheets, chosen, ballots):
    settings = resultfile.Settings(
        rules=Rules(edition["seats"], edition["ratio"], edition["expert_weight"], edition["vote_weight"]),
        dimension_weights={k: Decimal(v) for k, v in edition["dimension_weights"].items()},
        min_sheets=edition["min_sheets"],
        trim_from=edition["trim_from"],
    )
    entries = []
    for code in chosen.chosen:
        row = enterprises[code]
        entries.append(
            resultfile.Entry(
                id=code,
                enterprise=row["企业名称"],
                credit_code=code,
                private=is_private(parse_nature(row["企业性质"])),
                recognised_key_industry=recognised_key_industry(
                    parse_key_industry(row["十强产业"]), parse_recognitions(row["省部级以上认定"])
                ),
                sheets=tuple(sheets[code]),
                picks=ballots[1][code],
            )
        )
    about = resultfile.Edition(1, edition["title"], edition["year"])
    return resultfile.build(about, settings, entries), resultfile.outcome(entries, settings)


def test_every_nomination_is_read(enterprises):
    assert len(enterprises) == 64
    assert not [code for code in enterprises if out_of_city(code, ["3702"])]
    assert len({normalise(row["企业名称"]) for row in enterprises.values()}) == 64


def test_screening_refuses_whom_it_must(screened, expected):
    refused = sorted(code for code, screening in screened.items() if screening.verdict == REFUSED)
    assert refused == expected["refused"]
    assert all(s.verdict == QUALIFIED and not s.missing for c, s in screened.items() if c not in refused)


def test_nominees_and_ballots(chosen, ballots, expected):
    assert len(chosen.chosen) == expected["nominees"]
    assert {**ballots[0]} == {
        "cast": expected["ballots"]["cast"],
        VOID: expected["ballots"]["void"],
        OUTSIDE: expected["ballots"]["outside"],
        "again": expected["ballots"]["again"],
    }


def test_shortlist_is_exact(sealed, expected):
    result = sealed[1]
    assert result.size == expected["size"]
    assert sum(row.shortlisted for row in result.rows) == expected["shortlisted"]
    assert [
        (
            row.id,
            row.rank,
            fraction_text(row.expert_score),
            fraction_text(row.vote_score),
            fraction_text(row.composite),
            row.picks,
            row.shortlisted,
        )
        for row in result.rows
    ] == [
        tuple(
            row[key]
            for key in ("code", "rank", "expert_score", "vote_score", "composite", "picks", "shortlisted")
        )
        for row in expected["rows"]
    ]


def test_the_sealed_file_verifies(sealed):
    raw = resultfile.canonical(sealed[0])
    assert resultfile.verify(resultfile.parse(raw)) == []


def test_notice(sealed, edition, expected):
    verdicts = {credit_code(row["统一社会信用代码"]): row["结论"] for row in rows("考察记录.xlsx")}
    shortlisted = [row for row in sealed[1].rows if row.shortlisted]
    passed = {row.id for row in shortlisted if verdicts[row.id] == "合格"}
    proposal = notice_proposal(shortlisted, passed, edition["seats"])
    assert list(proposal.ids) == expected["notice"]
    assert not departs(expected["notice"], proposal)
    calendar = Calendar.of([read_year(json.loads((FIXTURES / "calendar/2026.json").read_text("utf-8")))])
    published = date.fromisoformat(edition["notice_published"])
    ends = notice_ends(published, edition["notice_workdays"], calendar)
    assert ends.isoformat() == expected["notice_ends"]
    assert Fraction(edition["ratio"]) == Fraction(6, 5)

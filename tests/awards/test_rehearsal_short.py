"""A selection on paper that leaves steps out: neither their paper is asked for nor what is decided of it."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from nominations.models import Edition
from tests.awards.papers import write_paper
from tests.awards.test_rehearsal import refuse, run

SHORT = Path(__file__).parents[2] / "fixtures" / "sample-short"


@pytest.mark.django_db(transaction=True)
def test_without_a_vote_and_visits_the_expert_score_decides(tmp_path):
    expected = json.loads((SHORT / "expected.json").read_text(encoding="utf-8"))
    out = tmp_path / "out"
    summary, result = run(SHORT, out)
    assert summary == {
        "refused": expected["refused"],
        "nominees": expected["nominees"],
        "ballots": {},
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
    call_command("verify_result", str(out / "result.json"), stdout=StringIO())
    assert Edition.objects.get().enabled == ("recommendation", "screening", "review", "publicity")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"category": "nothing"}, ("nothing", "qycx", "cxcg")),
        ({"category": "cxcg"}, ("novelty", "spread")),
        ({"off": "voting"}, ("off", "voting", "[")),
        ({"off": ["screening"]}, ("off", "screening")),
        ({"off": ["voting"]}, ("公众投票", "权重")),
        ({"off": ["review", "voting"]}, ("至少启用一项",)),
        ({"grant_amount": "-1"}, ("grant_amount", "-1")),
        ({"grant_amount": "三十万"}, ("grant_amount", "三十万")),
    ],
)
def test_a_wrong_decision_is_named(tmp_path, change, words):
    said = refuse(write_paper(tmp_path / "paper", edition=change), tmp_path / "out")
    assert all(word in said for word in words), said


def test_what_is_left_out_needs_no_paper_and_the_rest_does(tmp_path):
    paper = tmp_path / "paper"
    shutil.copytree(SHORT, paper)
    (paper / "专家评分表.xlsx").unlink()
    said = refuse(paper, tmp_path / "out")
    assert "专家评分表.xlsx" in said and "选票.csv" not in said and "考察记录.xlsx" not in said

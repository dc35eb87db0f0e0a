"""The offices' own paper through screening and review: what it must come to was worked out beforehand."""

import io
import json
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from nominations.models import Category
from nominations.services.conclusion import close_recommendation
from nominations.services.editions import create_edition
from nominations.services.intake import apply_intake
from nominations.states import State
from portal.audit import broken_links
from review import services
from review.models import Opinion, Recusal, ScoreSheet
from tests import factories
from tests.moments import NOW

SAMPLE = Path(settings.BASE_DIR) / "fixtures" / "sample"
EXPECTED = json.loads((SAMPLE / "expected.json").read_text("utf-8"))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def recommended():
    """The sample's edition, its 64 enterprises at screening."""
    paper = json.loads((SAMPLE / "edition.json").read_text("utf-8"))
    office = factories.hat("office")
    wanted = (
        "title",
        "year",
        "seats",
        "ratio",
        "nominees",
        "min_sheets",
        "trim_from",
        "min_picks",
        "max_picks",
    )
    edition = create_edition(
        by=office,
        now=NOW,
        host=office.organisation,
        category=Category.objects.get(code="qycx"),
        **{name: paper[name] for name in wanted},
    )
    now = NOW - timedelta(days=30)
    apply_intake(edition, SAMPLE / "推荐汇总表.xlsx", by=office, now=now, recommended=True)
    close_recommendation(edition, by=office, now=now)
    return edition


def test_the_paper_of_the_departments_and_the_panel(recommended):
    edition, office = recommended, factories.hat("office")
    services.consult(edition, services.default_questions(), by=office, now=NOW)
    replies = services.read_opinions(edition, SAMPLE / "部门意见.xlsx", by=office, now=NOW)
    assert len(replies) == 640
    services.apply_opinions(edition, replies, by=office, now=NOW)
    assert Opinion.objects.filter(answer="problem").count() == 8
    assert Opinion.objects.filter(answered_by=office).count() == 640

    preview = services.preview_screening(edition, now=NOW)
    assert preview.blocked is None
    assert (len(preview.qualified), len(preview.refused)) == (58, 6)
    services.close_screening(edition, by=office, now=NOW)
    refused = edition.nominations.filter(state=State.REJECTED)
    assert sorted(each.enterprise.credit_code for each in refused) == EXPECTED["refused"]
    assert all("经核查存在相关记录" in each.ended_reason for each in refused)

    file = SAMPLE / "专家评分表.xlsx"
    services.seat_panel(edition, services.panel_from_scores(file, edition), by=office, now=NOW)
    assert services.assign_all(edition, by=office, now=NOW) == 7 * 58
    services.apply_scores(
        edition, services.read_scores(edition, file, by=office, now=NOW), by=office, now=NOW
    )
    assert (Recusal.objects.count(), ScoreSheet.objects.count()) == (6, 7 * 58 - 6)

    result = services.close_review(edition, by=office, now=NOW)
    nominees = {row.nomination.enterprise.credit_code: row for row in result.rows.filter(nominee=True)}
    assert len(nominees) == EXPECTED["nominees"]
    assert {code: row.score for code, row in nominees.items()} == {
        row["code"]: Fraction(row["expert_score"]) for row in EXPECTED["rows"]
    }
    assert edition.nominations.filter(state=State.VOTING).count() == 20
    assert edition.nominations.filter(state=State.REJECTED, review_row__isnull=False).count() == 38
    assert list(broken_links()) == []

    out = io.BytesIO()
    services.write_score_table(edition, out, by=office)
    rows = list(openpyxl.load_workbook(out).active.iter_rows(min_row=3, values_only=True))
    assert rows[0][:4] == ("名次", "企业名称", "统一社会信用代码", "E01")
    assert rows[1][0] == 1
    marks = [cell for row in rows[1:59] for cell in row[3:10]]
    assert sum(1 for cell in marks if cell == "回避") == 6
    assert sum(1 for cell in marks if "去最高" in str(cell)) == 58
    assert sum(1 for cell in marks if "去最低" in str(cell)) == 58
    out = io.BytesIO()
    services.write_screening_table(edition, out, by=office, now=NOW)
    rows = list(openpyxl.load_workbook(out).active.iter_rows(min_row=4, max_row=67, values_only=True))
    assert [row[-2] for row in rows].count("不合格") == 6

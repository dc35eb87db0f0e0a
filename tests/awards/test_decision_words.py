"""What a decision and the list of the named say of what came before them."""

import io

import pytest
from openpyxl import load_workbook

from awards.services import honour_tables, naming
from tests import factories
from tests.awards.objections import accepted, act
from tests.awards.stage import AFTER, ids, office_of, published

pytestmark = pytest.mark.django_db


def name(edition, number, **given):
    return naming.name_winners(edition, decision=number, by=office_of(edition), now=AFTER, **given)


def test_a_decision_says_that_there_were_objections():
    quiet, heard = published().edition, published()
    name(quiet, "演示工发2026-1号")
    one, office = accepted(heard)
    act("dismiss", one, office)
    act("answer", one, office)
    name(heard.edition, "演示工发2026-2号")
    first, second = quiet.decisions.get().text, heard.edition.decisions.get().text
    assert "公示无异议" in first and "办结" not in first
    assert "公示期满，收到的异议均已办结" in second and "公示无异议" not in second


def test_the_list_gives_each_its_own_decision():
    edition = published().edition
    name(edition, "演示工发2026-1号", chosen=ids(edition, 1), left_reason="演示")
    assert sheet(edition)[2][-1] == "命名编号" and "文号：演示工发2026-1号" in sheet(edition)[1][0]
    name(edition, "演示工发2026-2号", chosen=ids(edition, 2))
    rows = sheet(edition)
    assert "文号：演示工发2026-1号、演示工发2026-2号" in rows[1][0]
    assert [row[-1] for row in rows[2:5]] == ["文号", "演示工发2026-1号", "演示工发2026-2号"]


def sheet(edition):
    out = io.BytesIO()
    honour_tables.write_honours_table(edition, out, by=factories.hat("auditor"))
    return [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]

"""推荐填报表 and 推荐汇总表, saved by LibreOffice and brought back."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from nominations import summary
from nominations.services import intake, roundtrip
from nominations.services.roundreading import read_round
from portal.workbook import token_of, write
from tests import factories
from tests.libreoffice import needs_libreoffice, saved
from tests.moments import NOW
from tests.nominations.test_services_intake import row
from tests.nominations.test_services_roundtrip import NEW, Paper, back, entered, kinds, out, save, seen

pytestmark = [pytest.mark.django_db, needs_libreoffice]


def test_a_round_saved_by_libreoffice_comes_back(tmp_path):
    edition, union = factories.edition(now=NOW, seats=10, nominees=20), factories.hat("recommender")
    one = entered(
        edition, 1, recognitions=["高新技术企业", "“专精特新”中小企业"], frontline_share=Decimal("66.67")
    )
    answers = {"capital": "1234.5678", "benefit": "9876543210.25", "registered_on": "1999-12-31"}
    save(one, union, deeds="第一段\n第二段，=1+1", answers=answers | {"growth_paths": False})
    entered(edition, 2, state="recommendation")
    paper = Paper(out(edition, union))
    paper.write(5, 职工人数=455, 工会成立时间=date(2016, 3, 2))
    paper.write(6, **NEW)
    data = saved(back(paper.workbook).read(), tmp_path)
    opened = openpyxl.load_workbook(io.BytesIO(data))
    assert [sheet.sheet_state for sheet in opened.worksheets] == ["visible", "visible", "hidden"]
    assert opened.active.protection.sheet
    assert opened.active.column_dimensions["A"].hidden
    assert opened.active.data_validations.dataValidation
    assert token_of(data)
    diff = read_round(edition, data, by=union, now=NOW)
    assert diff.errors == [] and kinds(diff) == ["same", "changed", "new"]
    assert {cell.column: cell.yours for cell in diff.rows[1].cells} == {
        "employees": "455",
        "union_founded_on": "2016-03-02",
    }
    kept = roundtrip.keep_round(edition, io.BytesIO(data), by=union, now=NOW)
    done = roundtrip.apply_round(kept, by=union, now=NOW, choices=seen(kept))
    assert (done.created, done.handed_in, done.changed) == (1, 1, 1)


def test_a_plain_list_saved_by_libreoffice_comes_in(tmp_path):
    edition, office = factories.edition(now=NOW, seats=10, nominees=20), factories.hat("office")
    file = io.BytesIO()
    write(file, "推荐汇总表", summary.COLUMNS, [row(1), row(2, frontline_share=Decimal("66.67"))])
    made = intake.apply_intake(edition, saved(file.getvalue(), tmp_path), by=office, now=NOW)
    assert [each.declaration.frontline_share for each in made] == [72, Decimal("66.67")]
    assert made[0].declaration.union_founded_on == date(2010, 5, 1)

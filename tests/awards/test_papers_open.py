"""Every paper of the last two steps opens in LibreOffice without a word of warning, and is whole.

The pictures of the pages are left where PAPERS_SHOWN names a folder, for somebody to look at.
"""

import os
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from awards.documents.kinds import KINDS
from awards.documents.templates import built_in
from awards.models import Grant
from awards.rehearsal import run
from awards.services import granting, ledger, promotion_tables, visit_tables
from portal import documents
from tests.awards.purse import paper
from tests.libreoffice import needs_libreoffice, opened

pytestmark = needs_libreoffice

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample"
#: What a reader looks for in each, with nothing between the signs.
DOCUMENTS = {
    "notice": ("拟命名名单公示", "演示甲科技有限公司", "2026年10月9日（周五）24:00"),
    "replacement": ("演示乙制造有限公司", "2026年10月9日（周五）24:00"),
    "correction": ("更正", "演示丙集团有限公司自愿退出", "撤下：演示丙集团有限公司"),
    "visit_letter": ("考察",),
    "union_letter": ("考察",),
    "visit_report": ("考察", "结论"),
    "decision": ("关于命名", "演示工发2026-10号", "2026-QYCX-02"),
    "certificate": ("证书", "演示甲科技有限公司", "2026-QYCX-01"),
    "objection_objector": ("YY20260925-7KQ3", "异议不成立", "演示人员"),
    "objection_subject": ("YY20260925-7KQ3", "申报数据属实"),
}


def shown(found):
    """Leave the pictures where somebody asked for them."""
    if folder := os.environ.get("PAPERS_SHOWN"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for each in found.values():
            for picture in each.pictures:
                shutil.copy(picture, folder)


def test_every_kind_of_document_is_looked_at():
    assert set(DOCUMENTS) == set(KINDS)


def test_every_document_opens_without_a_warning(tmp_path):
    papers = []
    for code, kind in KINDS.items():
        papers.append(tmp_path / f"{code}.docx")
        filled = documents.fill(built_in(code), kind.example(), name=f"{code}.docx", strict=True)
        papers[-1].write_bytes(filled)
    found, warnings = opened(papers, tmp_path)
    shown(found)
    assert warnings == []
    for code, words in DOCUMENTS.items():
        one = found[f"{code}.docx"]
        assert one.faults == [], code
        assert [word for word in words if word not in one.text] == [], code
        assert "{{" not in one.text and "{%" not in one.text, code


class Silent:
    """Takes the progress of a rehearsal and says nothing."""

    def add_task(self, *args, **kwargs):
        return 0

    def update(self, *args, **kwargs):
        pass

    advance = update


@pytest.mark.django_db(transaction=True)
def test_every_workbook_of_the_sample_opens_without_a_warning(tmp_path):
    rehearsal = run.Rehearsal(run.read_paper(SAMPLE), Silent())
    rehearsal.run()
    folder = tmp_path / "out"
    rehearsal.write(folder)
    edition, by, now = rehearsal.edition, rehearsal.by, rehearsal.now
    grant = Grant.objects.order_by("honour__number").first()
    day = date(2026, 10, 10)
    paid = {"amount": Decimal("300000"), "paid_on": day, "receipt": "演示1", "receipt_file": paper()}
    granting.disburse(grant, **paid, by=by, now=now)
    spent = {"use": "reward", "matter": "演示奖励", "amount": Decimal("120.50"), "spent_on": day}
    granting.record_expense(grant, **spent, voucher="=演示2", papers=[paper()], by=by, now=now)
    visit_tables.write_inspection_table(edition, folder / "考察汇总表.xlsx", by=by)
    ledger.write_ledger(Grant.objects.all(), folder / "台账.xlsx", subtitle=edition.title)
    for to in ("model_worker", "province"):
        promotion_tables.write_promotions(edition, to, folder / f"推荐-{to}.xlsx", by=by)
    papers = sorted([*folder.glob("*.xlsx"), *folder.glob("*.docx")])
    assert len(papers) == 9
    found, warnings = opened(papers, tmp_path)
    shown(found)
    assert warnings == []
    winner = grant.honour.enterprise.name
    for name, one in found.items():
        assert one.faults == [] and one.text, name
        if not name.startswith("推荐-"):
            assert winner in one.text, name
    for path in folder.glob("*.xlsx"):
        book = load_workbook(path)
        assert not [
            cell.coordinate
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

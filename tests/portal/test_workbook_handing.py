"""Workbooks that go out to be filled in and are known again when they come back."""
# ruff: noqa: RUF001 - full-width letters are what people type

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from portal.workbook import HIDDEN, Column, WorkbookRefused, as_text, read, token_of, write, write_handout

TOKEN = "0123456789abcdef0123456789abcdef"
COLUMNS = [
    Column("企业名称", "name"),
    Column("代码", "code", code=True),
    Column("人数", "people", "integer"),
    Column("经费", "money", "decimal"),
    Column("日期", "day", "date"),
    Column("性质", "nature"),
    Column("法人", "legal", "boolean"),
    Column("事迹", "deeds", multiline=True),
]
ROW = {
    "key": "12",
    "version": 3,
    "name": "=1+1",
    "code": "0071",
    "people": 5,
    "money": Decimal("1234.5678"),
    "day": date(2020, 10, 16),
    "nature": "民营",
    "legal": False,
    "deeds": "一\n二",
}


def handed(rows=(ROW,), **options):
    out = io.BytesIO()
    options = {"token": TOKEN, "guide": [("怎么填", "照着填")]} | options
    write_handout(out, "填报表", COLUMNS, rows, **options)
    return out.getvalue()


def book(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_what_goes_out_reads_back_exactly():
    sheet = read(handed(blank=3), [*HIDDEN, *COLUMNS], partial=True)
    assert [row.values for row in sheet] == [ROW]


def test_cells_are_locked_that_are_not_to_be_filled_in():
    sheet = book(handed(fixed=["code"], blank=1)).active
    assert [cell.protection.locked for cell in sheet[4]][:5] == [True, True, False, True, False]
    assert [cell.protection.locked for cell in sheet[5]][:5] == [True, True, False, False, False]
    assert all(cell.protection.locked for cell in sheet[3])
    allowed = sheet.protection
    assert allowed.sheet and not (allowed.formatColumns or allowed.sort or allowed.insertRows)


def test_long_and_awkward_words_are_offered_from_a_hidden_sheet():
    words = [f"选项，{n}" for n in range(80)]
    opened = book(handed(offers={"nature": words}))
    rule = next(
        each
        for each in opened.active.data_validations.dataValidation
        if each.formula1.startswith("'选项'!$C")
    )
    assert rule.formula1 == "'选项'!$C$2:$C$81" and str(rule.sqref) == "H4"
    back = opened["选项"]
    assert back.sheet_state == "hidden"
    assert [back.cell(n, 3).value for n in range(2, 82)] == words
    assert [back.cell(n, 4).value for n in range(2, 5)] == ["是", "否", None]


def test_a_broad_sheet_keeps_its_title_in_sight_and_prints_on_several_pages():
    broad = [Column(f"栏目{n}", f"c{n}", width=40) for n in range(12)]
    out = io.BytesIO()
    write_handout(out, "填报表", broad, [], token=TOKEN, guide=[], blank=2)
    sheet = book(out.getvalue()).active
    assert sorted(str(each) for each in sheet.merged_cells.ranges) == ["A1:F1", "A2:F2"]
    assert sheet.page_setup.fitToWidth == 3
    assert sheet.print_title_cols == "$C:$C" and sheet.print_title_rows == "$3:$3"


def moved(change):
    opened = book(handed())
    change(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()


def shown(opened):
    opened["选项"].sheet_state = "visible"


def very_hidden(opened):
    opened["选项"].sheet_state = "veryHidden"


def renamed(opened):
    opened["选项"].title = "Sheet3"


def put_first(opened):
    opened.move_sheet("选项", -2)


@pytest.mark.parametrize("change", [shown, very_hidden, renamed, put_first])
def test_the_token_is_found_wherever_its_sheet_went(change):
    data = moved(change)
    assert token_of(data) == TOKEN
    assert [row["key"] for row in read(data, [*HIDDEN, *COLUMNS], partial=True)] == ["12"]


def gone(opened):
    del opened["选项"]


def test_without_its_sheet_it_is_any_other_workbook():
    assert token_of(moved(gone)) == ""
    out = io.BytesIO()
    write(out, "表", COLUMNS, [ROW])
    assert token_of(out.getvalue()) == ""


def test_a_file_is_looked_at_before_it_is_asked_for_its_token():
    with pytest.raises(WorkbookRefused, match="不是 Excel 工作簿"):
        token_of(b"%PDF-1.4 not a workbook")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("name", None, ""),
        ("name", "Ａ１  有限 公司", "A1 有限公司"),
        ("code", " 00ａ-1 ", "00A-1"),
        ("people", 5, "5"),
        ("money", Decimal("72.50"), "72.5"),
        ("money", Decimal("100"), "100"),
        ("day", date(2020, 1, 2), "2020-01-02"),
        ("legal", False, "否"),
        ("deeds", " 一 \r\n\r\n\r\n 二 ", "一\n\n二"),
    ],
)
def test_a_value_as_the_text_it_is_compared_by(key, value, text):
    column = next(each for each in COLUMNS if each.key == key)
    assert as_text(column, value) == text


def test_a_column_may_have_a_limit_and_another_work_itself_out():
    """The places in a formula are the cells of its own row; nothing a person wrote becomes one."""
    sheet = book(
        handed(
            rows=(ROW, ROW | {"name": "{people}", "key": "13"}),
            limits={"people": ("MOD({people},1)=0", "请填整数")},
            formulas={"money": '=IF({people}="","",{people}*2)'},
        )
    ).active
    assert [sheet[place].value for place in ("F4", "F5")] == ['=IF(E4="","",E4*2)', '=IF(E5="","",E5*2)']
    assert sheet["F4"].protection.locked and sheet["C5"].value == "{people}"
    (rule,) = [each for each in sheet.data_validations.dataValidation if each.type == "custom"]
    assert (str(rule.sqref), rule.formula1, rule.error) == ("E4:E5", "MOD(E4,1)=0", "请填整数")

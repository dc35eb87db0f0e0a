"""Writing workbooks: text stays text, figures are exact to two places, the form is the official one."""

import csv
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from openpyxl import load_workbook

from portal.workbook import Column, read, response, write, write_csv

COLUMNS = [
    Column("序号", "serial", "integer"),
    Column("企业名称", "name", required=True),
    Column("统一社会信用代码", "credit_code", code=True),
    Column("综合得分", "composite", "decimal"),
    Column("考察日期", "visited_on", "date"),
    Column("是否入围", "shortlisted", "boolean"),
]
ROW = {
    "serial": 1,
    "name": "砺石精密制造（演示）有限公司",
    "credit_code": "91370202MACWJHFU9L",
    "composite": Fraction(1855, 21),
    "visited_on": date(2026, 8, 4),
    "shortlisted": True,
}
ARMED = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a.invalid","x")',
]


def written(rows, columns=COLUMNS, **options):
    out = io.BytesIO()
    write(out, "综合成绩表", columns, rows, **options)
    return out.getvalue()


def sheet_of(data):
    return load_workbook(io.BytesIO(data)).active


def test_the_form_is_title_unit_line_header_rows_and_signatures():
    sheet = sheet_of(written([ROW], subtitle="填报单位：办公室（演示）"))
    assert sheet.title == "综合成绩表"
    assert [str(each) for each in sorted(sheet.merged_cells.ranges, key=str)] == ["A1:F1", "A2:F2"]
    assert sheet["A1"].value == "综合成绩表"
    assert sheet["A1"].alignment.horizontal == "center"
    assert sheet["A2"].value == "填报单位：办公室（演示）"
    assert [cell.value for cell in sheet[3]] == [column.name for column in COLUMNS]
    assert [cell.value for cell in sheet[5] if cell.value] == ["填报人：", "联系电话：", "审核人："]
    assert sheet.max_row == 5
    assert sheet_of(written([ROW], footer=False)).max_row == 4


def test_the_paper_is_set_up():
    sheet = sheet_of(written([ROW]))
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.freeze_panes == "A4"
    assert sheet["B4"].border.left.style == sheet["B3"].border.bottom.style == "thin"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width
    assert sheet.column_dimensions["B"].width >= 28


def test_every_value_has_the_type_of_its_column():
    sheet = sheet_of(written([ROW]))
    found = [(cell.data_type, cell.number_format, cell.value) for cell in sheet[4]]
    assert found == [
        ("n", "General", 1),
        ("s", "@", "砺石精密制造（演示）有限公司"),
        ("s", "@", "91370202MACWJHFU9L"),
        ("n", "0.00", 88.33),
        ("d", "yyyy-mm-dd", datetime(2026, 8, 4)),  # noqa: DTZ001 - a workbook has no zone
        ("s", "@", "是"),
    ]


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (Fraction(1, 200), 0.01),
        (Fraction(-1, 200), -0.01),
        (Fraction(2, 3), 0.67),
        (Decimal("90.125"), 90.13),
        (Decimal("90.1249999999999999999"), 90.12),
        (Decimal(100), 100),
    ],
)
def test_figures_are_rounded_half_up_to_two_places(figure, shown):
    assert sheet_of(written([[1, "甲", "A", figure]]))["D4"].value == shown


def test_a_float_is_not_a_figure():
    with pytest.raises(TypeError, match="综合得分"):
        written([[1, "甲", "A", 88.33]])


@pytest.mark.parametrize("text", ARMED)
def test_no_text_becomes_a_formula(text):
    data = written([[1, text, text]], columns=COLUMNS[:3])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
    cell = sheet_of(data)["B4"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert cell.value.replace("_x000D_", "\r").replace("\n", "\r") == text


@pytest.mark.parametrize("text", ARMED)
def test_no_title_or_heading_becomes_a_formula(text):
    out = io.BytesIO()
    write(out, text, [Column(text, "x")], [], subtitle=text, sheet_name="表")
    with zipfile.ZipFile(out) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_a_number_in_a_text_column_is_written_as_text():
    cell = sheet_of(written([[1, "甲", 913702021234567890]]))["C4"]
    assert (cell.data_type, cell.value) == ("s", "913702021234567890")


def test_characters_no_workbook_may_hold_are_left_out():
    assert sheet_of(written([[1, "甲\x00\x0b乙\ud800", "A"]]))["B4"].value == "甲乙"


def test_a_sheet_name_is_made_lawful():
    assert (
        sheet_of(written([], sheet_name="2026/市南:[推荐]?*" + "长" * 40)).title
        == "2026 市南 推荐 " + "长" * 20
    )


def test_what_is_written_is_read_again():
    sheet = read(written([ROW]), COLUMNS)
    sheet.finish()
    assert [row.values for row in sheet] == [ROW | {"composite": Decimal("88.33")}]


def test_an_empty_form_has_text_columns_and_offers_the_choices():
    columns = [*COLUMNS, Column("企业性质", "ownership", "choice", choices=["民营", "国有"])]
    data = written([], columns, blank=50)
    sheet = sheet_of(data)
    assert sheet.max_row == 54
    assert sheet["C4"].number_format == sheet["C53"].number_format == "@"
    assert sheet.column_dimensions["C"].number_format == "@"
    assert [(str(rule.sqref), rule.formula1) for rule in sheet.data_validations.dataValidation] == [
        ("F4:F53", '"是,否"'),
        ("G4:G53", '"民营,国有"'),
    ]
    assert len(read(data, columns, allow_empty=True)) == 0


def test_many_rows_may_come_from_a_generator():
    data = written(([n, f"企业{n}", f"A{n}"] for n in range(1000)), columns=COLUMNS[:3])
    assert [row["serial"] for row in read(data, COLUMNS[:3])] == list(range(1000))


def test_a_csv_has_a_mark_and_guards_its_text():
    out = io.BytesIO()
    write_csv(out, COLUMNS, [ROW, [-2, *ARMED[:2], Fraction(-1, 3), None, False]])
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")))) == [
        ["序号", "企业名称", "统一社会信用代码", "综合得分", "考察日期", "是否入围"],
        ["1", "砺石精密制造（演示）有限公司", "91370202MACWJHFU9L", "88.33", "2026-08-04", "是"],
        ["-2", "'=1+1", "'+1", "-0.33", "", "否"],
    ]


@pytest.mark.parametrize("text", ARMED)
def test_no_csv_field_begins_a_formula(text):
    out = io.BytesIO()
    write_csv(out, [Column(text, "x")], [[text]])
    for field in csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")):
        assert field == ["'" + text]


def test_a_download_has_its_name_in_any_script_and_no_sniffing():
    answer = response("公示名单.xlsx", "公示名单", COLUMNS, [ROW])
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%85%AC%E7%A4%BA%E5%90%8D%E5%8D%95.xlsx"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert read(answer.content, COLUMNS).rows[0]["name"] == ROW["name"]
    assert response("名单.csv", "名单", COLUMNS, [ROW])["Content-Type"] == "text/csv; charset=utf-8"


def test_a_file_name_cannot_break_the_header_or_leave_the_folder():
    answer = response('../a"\r\nX: 1.xlsx', "表", COLUMNS, [])
    assert answer["Content-Disposition"] == 'attachment; filename="aX 1.xlsx"'


def test_a_row_is_as_high_as_its_words_need(tmp_path):
    columns = [Column("五一劳动奖章人选及职务", "medal", width=12), Column("名称", "name", width=20)]
    out = tmp_path / "表.xlsx"
    write(out, "表", columns, [{"medal": "一", "name": "短"}, {"medal": "一", "name": "长" * 30}])
    heights = {number: row.height for number, row in load_workbook(out).active.row_dimensions.items()}
    # The heading is 22 wide in 11: two lines. The first row needs one, the second 60 in 19: four.
    assert (heights[3], heights.get(4), heights[5]) == (32, None, 64)

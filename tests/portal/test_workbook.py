"""Reading the offices' workbooks: what is right comes through exactly, what is wrong is a row, a column."""
# ruff: noqa: RUF001 - full-width look-alikes are the subject

import io
import time
import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from portal.errors import Refused
from portal.workbook import Column, WorkbookRefused, name_key, read, said, same_name

SAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "sample"
NAME = Column("企业名称", "name", required=True)
CODE = Column("统一社会信用代码", "credit_code", code=True, required=True)
STAFF = Column("职工人数", "staff", "integer")
COLUMNS = [NAME, CODE, STAFF]
HEADINGS = ["序号", "企业名称", "统一社会信用代码", "职工人数"]
GOOD = [1, "砺石精密制造（演示）有限公司", "91370202MACWJHFU9L", 289]


def book(*rows, title="汇总表", prepare=None) -> bytes:
    """A workbook as an office makes one; `prepare` gets the sheet before it is saved."""
    made = Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if prepare:
        prepare(sheet)
    return saved(made)


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def form(*rows, footer=True, prepare=None) -> bytes:
    """The official form: title, unit line, header in row 3, data from row 4, footer."""
    last = [["填报人：", None, "联系电话：", "审核人："]] if footer else []
    return book(["推荐汇总表"], ["填报单位（盖章）："], HEADINGS, *rows, *last, prepare=prepare)


def errors_of(data: bytes, columns=COLUMNS, **options) -> list:
    with pytest.raises(WorkbookRefused) as caught:
        read(data, columns, **options).finish()
    return caught.value.errors


def only_error(data: bytes, columns=COLUMNS, **options):
    errors = errors_of(data, columns, **options)
    assert len(errors) == 1, [str(error) for error in errors]
    return errors[0]


def cell(column: Column, value, number_format=None):
    """The value of one typed cell under a column, or the error about it."""

    def prepare(sheet):
        if number_format:
            sheet["B2"].number_format = number_format

    data = book(["名称", column.name], ["甲", value], prepare=prepare)
    sheet = read(data, [Column("名称", "is_there"), column])
    if sheet.errors:
        assert len(sheet.errors) == 1
        assert (sheet.errors[0].row, sheet.errors[0].column_letter) == (2, "B")
        return sheet.errors[0]
    return sheet.rows[0][column.key]


# The form


def test_the_official_form_is_read_from_below_its_header_to_its_footer():
    sheet = read(form(GOOD, [2, "启帆文化创意（演示）有限公司", "91370203MAQ4T1YN37", 1404]), COLUMNS)
    sheet.finish()
    assert sheet.header_row == 3
    assert [(row.number, row["name"], row["credit_code"], row["staff"]) for row in sheet] == [
        (4, "砺石精密制造（演示）有限公司", "91370202MACWJHFU9L", 289),
        (5, "启帆文化创意（演示）有限公司", "91370203MAQ4T1YN37", 1404),
    ]
    assert sheet.notices == []


@pytest.mark.parametrize("above", [0, 1, 7, 19])
def test_the_header_is_found_on_any_of_the_first_twenty_rows(above):
    sheet = read(book(*[["说明文字"]] * above, HEADINGS, GOOD), COLUMNS)
    assert sheet.header_row == above + 1
    assert sheet.rows[0].number == above + 2


def test_a_header_below_the_twentieth_row_is_not_looked_for():
    error = only_error(book(*[["说明文字"]] * 20, HEADINGS, GOOD))
    assert error.row is None
    assert str(error) == "没有找到表头；前 20 行中应有一行写明各栏名称：企业名称、统一社会信用代码。"


@pytest.mark.parametrize(
    "heading",
    [
        "统一社会 信用代码",
        "统一社会\n信用代码",
        "*统一社会信用代码",
        "统一社会信用代码（必填）",
        "统一社会信用代码：",
        "信用代码",
    ],
)
def test_a_heading_may_be_spaced_broken_starred_or_an_alias(heading):
    columns = [
        NAME,
        Column("统一社会信用代码", "credit_code", code=True, required=True, aliases=["信用代码"]),
    ]
    sheet = read(book(["企业名称", heading], ["甲", "91370202MACWJHFU9L"]), columns)
    assert sheet.rows[0]["credit_code"] == "91370202MACWJHFU9L"


def test_a_missing_column_is_named_with_the_header_row():
    error = only_error(book(["表"], ["企业名称", "职工人数"], ["甲", 3]))
    assert (error.row, error.column_name) == (2, "统一社会信用代码")
    assert (
        str(error) == "第 2 行“统一社会信用代码”：缺少“统一社会信用代码”一栏；请在第 2 行的表头中加上这一栏。"
    )


def test_a_missing_column_points_at_a_heading_like_it():
    error = only_error(book(["企业名称", "社会信用代码", "职工人数"], ["甲", "91370202MACWJHFU9L", 3]))
    assert "B 列的“社会信用代码”如果就是这一栏，请改成“统一社会信用代码”" in str(error)


def test_all_missing_columns_and_all_wrong_cells_are_said_at_once():
    columns = [
        *COLUMNS,
        Column("所属区市", "district", required=True),
        Column("联系人", "contact", required=True),
    ]
    errors = errors_of(book(HEADINGS, [1, None, "91370202MACWJHFU9L", "很多"]), columns)
    assert [(error.row, error.column_name) for error in errors] == [
        (1, "所属区市"),
        (1, "联系人"),
        (2, "企业名称"),
        (2, "职工人数"),
    ]


def test_a_doubled_column_is_named_with_its_letters():
    error = only_error(book([*HEADINGS, "企业名称"], [*GOOD, "乙"]))
    assert str(error) == "第 1 行“企业名称”：“企业名称”一栏有 2 列：B、E；请只保留一列。"


def test_what_is_not_asked_is_left_aside_and_said():
    sheet = read(book([*HEADINGS, "传真", "网址"], [*GOOD, "0532", "x"]), COLUMNS)
    sheet.finish()
    assert [said(notice) for notice in sheet.notices] == ["以下各栏用不到，没有读入：传真、网址"]


def test_an_optional_column_may_be_absent_and_is_said():
    sheet = read(book(["企业名称", "统一社会信用代码"], ["甲", "91370202MACWJHFU9L"]), COLUMNS)
    sheet.finish()
    assert sheet.rows[0]["staff"] is None
    assert [said(notice) for notice in sheet.notices] == ["没有“职工人数”一栏，按没有填写处理"]


def test_rows_with_nothing_but_a_serial_number_and_empty_rows_are_passed_over():
    sheet = read(form(GOOD, [None] * 4, [2, None, None, None], [3, " ", "\u200b", None], GOOD), COLUMNS)
    sheet.finish()
    assert [row.number for row in sheet] == [4, 8]


def test_a_total_is_passed_over():
    sheet = read(form(GOOD, ["小计", None, None, 289], GOOD, ["合 计", None, None, 578]), COLUMNS)
    sheet.finish()
    assert [row.number for row in sheet] == [4, 6]


def test_remarks_below_the_footer_are_not_data_but_rows_of_data_there_are_refused():
    sheet = read(book(HEADINGS, GOOD, ["填报人：张"], [None, "本表一式两份"]), COLUMNS)
    sheet.finish()
    assert len(sheet) == 1
    error = only_error(book(HEADINGS, GOOD, ["填报人：张"], GOOD))
    assert (error.row, str(error)) == (
        4,
        "第 4 行：表尾（填报人等）下面还有内容；请把这一行移到表尾之前，或删除。",
    )


def test_a_header_without_data_is_refused_unless_that_is_meant():
    assert str(only_error(form())) == "表头下面没有数据；请从第 4 行起逐行填写后再上传。"
    assert len(read(form(), COLUMNS, allow_empty=True)) == 0


def test_too_many_rows_are_refused():
    assert "数据超过 2 行" in str(only_error(form(GOOD, GOOD, GOOD), max_rows=2))
    assert len(read(form(GOOD, GOOD), COLUMNS, max_rows=2)) == 2


def test_a_merged_title_is_fine_but_merged_cells_among_the_data_are_named():
    def prepare(sheet):
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("A2:B2")
        sheet.merge_cells("A7:B7")

    assert len(read(form(GOOD, GOOD, GOOD, prepare=prepare), COLUMNS)) == 3
    error = only_error(form(GOOD, GOOD, prepare=lambda sheet: sheet.merge_cells("B4:B5")))
    assert (error.row, error.column_letter) == (4, "B")
    assert str(error) == "第 4 行 B 列“企业名称”：B4:B5 是合并单元格；请取消合并，逐格填写。"


def test_a_merge_that_only_touches_what_is_not_read_does_no_harm():
    read(form(GOOD, GOOD, prepare=lambda sheet: sheet.merge_cells("A4:A5")), COLUMNS).finish()


def test_a_sheet_merged_all_over_is_refused_without_a_flood():
    def prepare(sheet):
        for row in range(4, 404):
            sheet.merge_cells(f"B{row}:C{row}")

    errors = errors_of(form(*[GOOD] * 400, prepare=prepare))
    named = [error for error in errors if "合并单元格" in str(error)]
    assert len(named) == 100
    assert all(error.row and error.column_letter == "B" for error in named)


def test_hidden_rows_are_read_and_said():
    def prepare(sheet):
        sheet.row_dimensions[5].hidden = True

    sheet = read(form(GOOD, GOOD, prepare=prepare), COLUMNS)
    assert len(sheet) == 2
    assert [said(notice) for notice in sheet.notices] == [
        "有 1 行被隐藏或筛选掉（第一处在第 5 行），也已读入"
    ]


def test_the_sheet_whose_header_fits_is_taken_and_hidden_sheets_are_not_looked_at():
    made = Workbook()
    made.active.title = "说明"
    made.active.append(["请填写企业名称"])
    right = made.create_sheet("推荐汇总表")
    right.append(HEADINGS)
    right.append(GOOD)
    old = made.create_sheet("去年")
    old.sheet_state = "hidden"
    old.append(HEADINGS)
    old.append([1, "旧", "91370203MAQ4T1YN37", 5])
    sheet = read(saved(made), COLUMNS)
    assert (sheet.title, len(sheet)) == ("推荐汇总表", 1)


def test_two_sheets_that_fit_are_refused_unless_one_is_asked_for_or_empty():
    made = Workbook()
    made.active.title = "市南"
    other = made.create_sheet("市北")
    for sheet in (made.active, other):
        sheet.append(HEADINGS)
        sheet.append(GOOD)
    assert str(only_error(saved(made))) == "有 2 个工作表都有这样的表头：市南、市北；请只保留要导入的一个。"
    assert read(saved(made), COLUMNS, title="市北").title == "市北"
    made.active.delete_rows(2)
    assert read(saved(made), COLUMNS).title == "市北"


def test_a_workbook_with_no_visible_sheet_of_cells_is_refused():
    made = Workbook()
    made.create_chartsheet("图")
    made.worksheets[0].sheet_state = "hidden"
    made.active = 1
    assert str(only_error(saved(made))).startswith("工作簿里没有可见的工作表；")


# Cells


TEXT = Column("内容", "x", max_length=20)
A_CODE = Column("内容", "x", code=True)
DEEDS = Column("内容", "x", multiline=True)
INTEGER = Column("内容", "x", "integer", minimum=0, maximum=1_000_000)
DECIMAL = Column("内容", "x", "decimal", places=2)
PERCENT = Column("内容", "x", "decimal", percent=True, maximum=100)
DATE = Column("内容", "x", "date")
CHOICE = Column("内容", "x", "choice", choices={"民营": "private", "国有（含国有控股）": "state"})
BOOLEAN = Column("内容", "x", "boolean", choices={"回避": True})


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        (TEXT, "  青岛　（演示） 公司 ", "青岛（演示）公司"),
        (TEXT, "ＡＢＣ１２３（演示）", "ABC123（演示）"),
        (TEXT, "\ufeff海\u200b风\u00ad公司", "海风公司"),
        (TEXT, "海风\n公司", "海风公司"),
        (TEXT, "Sea\r\nWind  Co.", "Sea Wind Co."),
        (TEXT, "_x000D_海风_x000D_\n", "海风"),
        (TEXT, "“五小”活动，师带徒：有", "“五小”活动，师带徒：有"),
        (TEXT, 12, "12"),
        (TEXT, 12.5, "12.5"),
        (TEXT, 13800000000, "13800000000"),
        (A_CODE, 13800000000, "13800000000"),
        (A_CODE, 13800000000.0, "13800000000"),
        (A_CODE, "１３８　００００ ００００", "13800000000"),
        (A_CODE, "91370202macwjhfu9l\n", "91370202MACWJHFU9L"),
        (A_CODE, "'91370202MACWJHFU9L", "91370202MACWJHFU9L"),
        (A_CODE, "０５３２－８８８８", "0532-8888"),
        (A_CODE, "0532–8888", "0532-8888"),
        (DEEDS, "第一段\r\n\r\n\r\n  第二段　完 ", "第一段\n\n第二段 完"),
        (INTEGER, 289, 289),
        (INTEGER, 289.0, 289),
        (INTEGER, "２８９", 289),
        (INTEGER, " 1,404 ", 1404),
        (INTEGER, "１，４０４", 1404),
        (INTEGER, "/", None),
        (INTEGER, "—", None),
        (DECIMAL, 61.5, Decimal("61.5")),
        (DECIMAL, 61.300000000000004, Decimal("61.3")),
        (DECIMAL, "90．50", Decimal("90.5")),
        (DECIMAL, 100, Decimal(100)),
        (PERCENT, "72%", Decimal(72)),
        (PERCENT, "72％", Decimal(72)),
        (PERCENT, 72, Decimal(72)),
        (DATE, datetime(2020, 10, 16), date(2020, 10, 16)),  # noqa: DTZ001 - a workbook has no zone
        (DATE, date(2020, 10, 16), date(2020, 10, 16)),
        (DATE, "2020-10-16", date(2020, 10, 16)),
        (DATE, "2020/10/16", date(2020, 10, 16)),
        (DATE, "2020.10.16", date(2020, 10, 16)),
        (DATE, "2020年10月16日", date(2020, 10, 16)),
        (DATE, "2020 年 1 月 6 日", date(2020, 1, 6)),
        (DATE, "２０２０－１０－１６", date(2020, 10, 16)),
        (DATE, "20201016", date(2020, 10, 16)),
        (DATE, 20201016, date(2020, 10, 16)),
        (DATE, "2020-10-16 00:00:00", date(2020, 10, 16)),
        (CHOICE, " 民 营", "private"),
        (CHOICE, "国有(含国有控股)", "state"),
        (BOOLEAN, "是", True),
        (BOOLEAN, "√", True),
        (BOOLEAN, "回避", True),
        (BOOLEAN, "否 ", False),
        (BOOLEAN, "×", False),
        (BOOLEAN, True, True),
        (BOOLEAN, 0, False),
    ],
)
def test_what_can_be_put_right_is_put_right_silently(column, typed, value):
    found = cell(column, typed)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("column", [TEXT, A_CODE, DEEDS, INTEGER, DECIMAL, DATE, CHOICE, BOOLEAN])
@pytest.mark.parametrize("nothing", [None, "", "  ", "\u200b", "\n"])
def test_nothing_is_none_where_nothing_is_asked(column, nothing):
    assert cell(column, nothing) is None


@pytest.mark.parametrize(
    ("column", "typed", "sentence"),
    [
        (
            A_CODE,
            123456789012345678,
            "这一格是数字 1.23e+17，后几位数字已丢失；请把这一列设为文本格式后重新填写",
        ),
        (A_CODE, 1.23e17, "这一格是数字 1.23e+17，后几位数字已丢失；请把这一列设为文本格式后重新填写"),
        (A_CODE, "1.23E+17", "“1.23E+17”已变成科学计数，后几位数字已丢失；请把这一列设为文本格式后重新填写"),
        (A_CODE, 12.5, "这一格是小数 12.5；请把这一列设为文本格式后重新填写"),
        (TEXT, datetime(2020, 3, 5), "Excel 把这一格变成了日期；请把这一格设为文本格式后重新填写"),  # noqa: DTZ001
        (TEXT, True, "Excel 把这一格变成了逻辑值；请把这一格设为文本格式后重新填写"),
        (TEXT, "字" * 21, "内容有 21 个字，太长；应不超过 20 个字"),
        (INTEGER, "289人", "“289人”不是整数；应为整数，只写数字，不带单位"),
        (INTEGER, "二百", "“二百”不是整数；应为整数，只写数字，不带单位"),
        (INTEGER, 2.5, "2.5 不是整数；应为整数，只写数字，不带单位"),
        (INTEGER, "1,40", "“1,40”不是整数；应为整数，只写数字，不带单位"),
        (INTEGER, -1, "-1 太小；应不小于 0"),
        (INTEGER, 1_000_001, "1000001 太大；应不大于 1000000"),
        (INTEGER, True, "这一格是逻辑值；应为整数，只写数字，不带单位"),
        (INTEGER, date(2020, 1, 1), "这一格是日期；应为整数，只写数字，不带单位"),
        (DECIMAL, "九十", "“九十”不是数字；应为数字，不带单位和文字"),
        (DECIMAL, 61.255, "61.255 的小数位太多；小数应不超过 2 位"),
        (DECIMAL, "NaN", "“NaN”不是数字；应为数字，不带单位和文字"),
        (PERCENT, "172%", "172 太大；应不大于 100"),
        (DATE, "16/10/2020", "“16/10/2020”读不准是哪一天；应为日期，写成 2020-10-16 的样子"),
        (DATE, "20-10-16", "“20-10-16”读不准是哪一天；应为日期，写成 2020-10-16 的样子"),
        (DATE, "2020年10月", "“2020年10月”读不准是哪一天；应为日期，写成 2020-10-16 的样子"),
        (DATE, "2020-02-30", "没有“2020-02-30”这一天；应为日期，写成 2020-10-16 的样子"),
        (DATE, 44120, "这一格是数字 44120；请把这一格设为日期格式，或写成 2020-10-16 的样子"),
        (CHOICE, "个体", "“个体”不在可选内容中；应为：民营、国有（含国有控股）"),
        (BOOLEAN, "也许", "“也许”不是“是”或“否”；应填“是”或“否”"),
        (INTEGER, "=1+1", "这一格是公式；请复制后用“选择性粘贴—数值”贴回，再上传"),
        (TEXT, "=B1", "这一格是公式；请复制后用“选择性粘贴—数值”贴回，再上传"),
        (TEXT, "#N/A", "这一格是错误值 #N/A；请改成实际内容"),
        (DATE, "#REF!", "这一格是错误值 #REF!；请改成实际内容"),
    ],
)
def test_what_cannot_be_put_right_is_refused_with_what_would_be_right(column, typed, sentence):
    assert str(cell(column, typed)) == f"第 2 行 B 列“内容”：{sentence}。"


def test_a_cell_shown_as_percent_is_read_as_it_is_shown():
    assert cell(PERCENT, 0.725, "0.0%") == Decimal("72.5")
    assert cell(PERCENT, 0.72, "0%") == Decimal(72)
    assert "这一格是百分比格式" in str(cell(DECIMAL, 0.72, "0%"))


@pytest.mark.parametrize("nothing", [None, "  ", "\u200b"])
@pytest.mark.parametrize("kind", ["text", "integer", "date", "choice", "boolean"])
def test_a_required_cell_left_empty_is_an_error(kind, nothing):
    found = cell(Column("内容", "x", kind, required=True), nothing)
    assert "没有填写" in str(found)


def test_the_check_of_a_column_says_what_is_wrong():
    def check(code):
        if code != "91370202MACWJHFU9L":
            raise Refused("“{code}”的校验码不对。", code=code)

    found = cell(Column("内容", "x", code=True, check=check), "91370202MACWJHFU9X")
    assert str(found) == "第 2 行 B 列“内容”：“91370202MACWJHFU9X”的校验码不对。"
    assert cell(Column("内容", "x", code=True, check=check), "91370202MACWJHFU9L") == "91370202MACWJHFU9L"


def test_a_value_that_stands_twice_names_both_rows():
    error = only_error(
        form(GOOD, [2, "乙", "91370203MAQ4T1YN37", 1], [3, "丙", "９1370202macwjhfu9l", 1]),
        unique=["credit_code"],
    )
    assert str(error) == "第 6 行 C 列“统一社会信用代码”：“91370202MACWJHFU9L”与第 4 行重复；请只保留一行。"


def test_a_pair_that_stands_twice_is_found_and_half_a_pair_is_not():
    rows = [[1, "甲", "A1", 1], [2, "乙", "A1", 1], [3, "甲", "A1", 1]]
    error = only_error(form(*rows), unique=[("name", "credit_code")])
    assert (error.row, str(error.problem)) == (6, "“甲 A1”与第 4 行重复")


def test_the_callers_errors_stand_among_the_others_in_order():
    sheet = read(form([1, "甲", "A1", "多"], [2, "乙", "A2", 1], [3, "丙", "A3", "少"]), COLUMNS)
    assert [row.number for row in sheet.sound] == [5]
    sheet.error(sheet.rows[1], "credit_code", "{code} 已经推荐过", "请删除这一行", code="A2")
    sheet.error(sheet.rows[0], None, "推荐单位没有名额")
    with pytest.raises(WorkbookRefused) as caught:
        sheet.finish()
    assert [(error.row, error.column_letter) for error in caught.value.errors] == [
        (4, ""),
        (4, "D"),
        (5, "C"),
        (6, "D"),
    ]
    assert str(caught.value) == "文件没有导入：共有 4 处需要修改，请逐处改正后重新上传。"
    assert caught.value.errors[2].as_dict() == {
        "row": 5,
        "column_letter": "C",
        "column_name": "统一社会信用代码",
        "problem": "A2 已经推荐过",
        "expected": "请删除这一行",
        "sentence": "第 5 行 C 列“统一社会信用代码”：A2 已经推荐过；请删除这一行。",
    }


def test_the_rows_become_a_dataset_under_their_keys():
    dataset = read(form(GOOD), COLUMNS).dataset()
    assert dataset.headers == ["name", "credit_code", "staff"]
    assert dataset.dict == [{"name": GOOD[1], "credit_code": GOOD[2], "staff": 289}]


# Names


@pytest.mark.parametrize(
    "other",
    [
        "青岛(演示)公司",
        "青岛（演示） 公司",
        "青岛（演示）公司\u200b",
        "青岛〔演示〕公司",
        " 青岛（演示）公司",
    ],
)
def test_one_name_in_two_spellings_is_the_same(other):
    assert same_name("青岛（演示）公司", other)
    assert name_key(other) == name_key("青岛（演示）公司")


@pytest.mark.parametrize("other", ["青岛演示公司", "青岛（演示）有限公司", "青島（演示）公司", ""])
def test_other_names_are_not(other):
    assert not same_name("青岛（演示）公司", other)


# Size


def test_ten_thousand_empty_formatted_rows_cost_little():
    fill = PatternFill("solid", fgColor="FFFF00")

    def prepare(sheet):
        for row in range(5, 10_005):
            for column in range(1, 5):
                sheet.cell(row, column).fill = fill

    data = form(GOOD, footer=False, prepare=prepare)
    before = time.perf_counter()
    assert len(read(data, COLUMNS)) == 1
    assert time.perf_counter() - before < 5


def test_reading_many_rows_keeps_within_memory():
    data = form(*[[n, f"企业{n}", f"A{n}", n] for n in range(5000)])
    tracemalloc.start()
    assert len(read(data, COLUMNS)) == 5000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


# The sample


PAPER = {
    "推荐汇总表.xlsx": (
        64,
        ["credit_code"],
        [
            NAME,
            CODE,
            STAFF,
            Column("推荐单位", "union", required=True),
            Column("工会成立时间", "founded", "date", required=True),
            Column("独立法人", "legal_person", "boolean", required=True),
            Column("一线职工教育经费占比(%)", "training", "decimal", percent=True, required=True),
            Column("联系电话", "phone", code=True, required=True),
            Column("主要事迹", "deeds", multiline=True, required=True),
        ],
    ),
    "部门意见.xlsx": (
        640,
        [("department", "credit_code", "item")],
        [
            CODE,
            Column("部门", "department", required=True),
            Column("核查项", "item", required=True),
            Column("结果", "answer", "choice", choices=["无异议", "有问题"], required=True),
            Column("查询日期", "asked_on", "date", required=True),
        ],
    ),
    "专家评分表.xlsx": (
        406,
        [("expert", "credit_code")],
        [
            CODE,
            Column("专家编号", "expert", code=True, required=True),
            Column("全员创新机制建设", "mechanism", "decimal", minimum=0, maximum=100, places=2),
            Column("回避", "recused", "boolean", choices={"回避": True}),
        ],
    ),
    "考察记录.xlsx": (
        20,
        ["credit_code"],
        [
            CODE,
            Column("考察日期", "visited_on", "date", required=True),
            Column("结论", "verdict", "choice", choices=["合格", "不合格"], required=True),
        ],
    ),
}


@pytest.mark.parametrize("name", PAPER)
def test_the_sample_paper_reads_without_an_error(name):
    count, unique, columns = PAPER[name]
    sheet = read(SAMPLE / name, columns, unique=unique)
    sheet.finish()
    assert (len(sheet), sheet.header_row, sheet.rows[0].number) == (count, 3, 4)


def test_the_first_row_of_the_sample_is_read_exactly():
    row = read(SAMPLE / "推荐汇总表.xlsx", PAPER["推荐汇总表.xlsx"][2]).rows[0]
    assert row["credit_code"] == "91370202MACWJHFU9L"
    assert (row["staff"], row["founded"], row["legal_person"], row["training"], row["phone"]) == (
        289,
        date(2020, 10, 16),
        True,
        Decimal(72),
        "19900000001",
    )

"""推荐汇总表 in the habits of other offices: each comes in as it was meant, or is told exactly why not."""
# ruff: noqa: RUF001 - full-width letters are what people type

import io
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from nominations import summary
from nominations.services import intake
from portal.workbook import WorkbookRefused
from tests import factories
from tests.moments import NOW
from tests.nominations.test_services_intake import row

pytestmark = pytest.mark.django_db
HEADINGS = [column.name for column in summary.COLUMNS]
TITLE = "关于报送全员创新企业推荐名单的汇总表（演示）"


class Sheet:
    """A sheet typed by hand: a title, a line of who fills it in, the header, two enterprises."""

    def __init__(self):
        self.book = openpyxl.Workbook()
        self.sheet = self.book.active
        self.headings = list(HEADINGS)
        self.above = [[TITLE], ["填报单位：市南区总工会（演示）"]]
        self.rows = [self.values(1), self.values(2)]
        self.below = [["填报人：演示", None, "联系电话：0532-00000000"]]
        self.gap_left = 0
        self.merged = []

    @staticmethod
    def values(n):
        said = row(n)
        return ["是" if said.get(c.key) is True else said.get(c.key) for c in summary.COLUMNS]

    def put(self, heading, *values):
        for line, value in zip(self.rows, values, strict=False):
            line[HEADINGS.index(heading)] = value

    def bytes(self):
        for line in (*self.above, self.headings, *self.rows, *self.below):
            self.sheet.append([*[None] * self.gap_left, *line])
        for each in self.merged:
            self.sheet.merge_cells(each)
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def merged_title(s):
    s.merged += ["A1:S1", "A2:S2"]


def no_title_at_all(s):
    s.above = []


def five_lines_above(s):
    s.above = [
        ["附件2"],
        [TITLE],
        [],
        ["填报单位：市南区总工会（演示）", None, None, "填报日期：2026.5.20"],
        [],
    ]


def widths_and_heights(s):
    for n in range(1, 20):
        s.sheet.column_dimensions[get_column_letter(n)].width = 3 + n
    s.sheet.row_dimensions[4].height = 200


def spaces_everywhere(s):
    s.headings = [f" {name[:2]} {name[2:]}\n" for name in HEADINGS]
    s.put("推荐单位", " 市南区 总工会 ", "市南区总工会\u3000")
    s.put("统一社会信用代码", *(f"{code[:2]} {code[2:8]} {code[8:]} " for code in codes()))


def full_width(s):
    wide = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHJKLMNPQRTUWXY()%"})
    s.headings = [name.translate(wide) for name in HEADINGS]
    s.put("统一社会信用代码", *(code.translate(wide) for code in codes()))
    s.put("职工人数", "３００", "３００人"[:3])
    s.put("联系电话", "１９９００００００１１", "１９９００００００１２")


def dates_as_text(s):
    s.put("工会成立时间", "2010.5.1", "2010年5月1日")


def dates_as_compact_text(s):
    s.put("工会成立时间", "20100501", "2010/05/01")


def dates_with_a_clock(s):
    s.put("工会成立时间", datetime(2010, 5, 1), "2010-05-01 00:00:00")  # noqa: DTZ001 - a cell has no zone


def figures_as_text(s):
    s.put("职工人数", "300", "1,300")
    s.put("一线职工教育经费占比(%)", "72%", "72")


def shares_as_percent_cells(s):
    s.put("一线职工教育经费占比(%)", 0.72, 0.72)
    place = HEADINGS.index("一线职工教育经费占比(%)") + 1
    for n in (4, 5):
        s.sheet.cell(n, place).number_format = "0%"
    # The cells must be there before their format: written whole, then formatted.
    for line in (*s.above, s.headings, *s.rows, *s.below):
        s.sheet.append(line)
    for n in (s.sheet.max_row - 2, s.sheet.max_row - 1):
        s.sheet.cell(n, place).number_format = "0%"
    s.above, s.rows, s.below, s.headings = [], [], [], []


def marks_for_yes(s):
    s.put("独立法人", "√", True)


def strokes_for_nothing(s):
    s.put("一线职工教育经费占比(%)", "/", "——"[:1])
    s.put("十强产业", "无", "—")
    s.put("省部级以上认定", "无", "/")


def starred_headings(s):
    s.headings = [f"*{name}（必填）" if n % 2 else f"{name}：" for n, name in enumerate(HEADINGS)]


def extra_columns(s):
    s.headings = [*HEADINGS, None, None, "本单位内部编号", "经办意见"]
    s.rows = [[*line, None, None, "南-1", "同意"] for line in s.rows]


def shifted_right(s):
    s.gap_left = 3


def other_order(s):
    s.headings = HEADINGS[::-1]
    s.rows = [line[::-1] for line in s.rows]


def hidden_columns(s):
    for letter in "FGH":
        s.sheet.column_dimensions[letter].hidden = True


def filtered(s):
    s.sheet.auto_filter.ref = "A3:S5"
    s.sheet.row_dimensions[5].hidden = True


def blank_rows_between(s):
    s.rows = [s.rows[0], [], [None] * 19, s.rows[1], [3, *[None] * 18]]


def totals_and_remarks(s):
    s.below = [["合计", None, None, 2], ["备注：以上均已公示。"], ["填报人：演示", None, "审核人：演示"]]


def a_second_sheet(s):
    other = s.book.create_sheet("填表说明")
    other.append(["企业名称", "与营业执照一致"])


def codes():
    return [factories.credit_code(n) for n in (1, 2)]


COMES_IN = [
    merged_title,
    no_title_at_all,
    five_lines_above,
    widths_and_heights,
    spaces_everywhere,
    full_width,
    dates_as_text,
    dates_as_compact_text,
    dates_with_a_clock,
    figures_as_text,
    shares_as_percent_cells,
    marks_for_yes,
    strokes_for_nothing,
    starred_headings,
    extra_columns,
    shifted_right,
    other_order,
    hidden_columns,
    filtered,
    blank_rows_between,
    totals_and_remarks,
    a_second_sheet,
]


def read(habit):
    edition, office = factories.edition(now=NOW, seats=10, nominees=20), factories.hat("office")
    sheet = Sheet()
    habit(sheet)
    return edition, office, sheet.bytes()


@pytest.mark.parametrize("habit", COMES_IN, ids=lambda each: each.__name__)
def test_it_comes_in_as_it_was_meant(habit):
    edition, office, data = read(habit)
    made = intake.apply_intake(edition, data, by=office, now=NOW)
    assert [each.subject_key for each in made] == codes()
    for n, each in enumerate(made, start=1):
        facts = each.declaration
        assert each.recommender.name == "市南区总工会" and each.subject_name == f"云帆精密机械{n}（演示）"
        assert (facts.union_founded_on, facts.independent) == (date(2010, 5, 1), True)
        assert facts.employees in (300, 1300) and facts.frontline_share in (72, None)
        assert facts.contact_phone.startswith("199000000")


def codes_as_numbers(s):
    s.put("统一社会信用代码", 913702020000000000, codes()[1])


def merged_units(s):
    s.merged.append("B4:B5")
    s.rows[1][1] = None


def formula(s):
    s.put("职工人数", "=100+200", 300)


def dates_of_a_year(s):
    s.put("工会成立时间", "2010年", date(2010, 5, 1))


def figures_with_words(s):
    s.put("职工人数", "300余人", 300)


def two_columns_of_one_name(s):
    s.headings = [*HEADINGS, "企业名称"]
    s.rows = [[*line, "另一个名称"] for line in s.rows]


def a_required_column_missing(s):
    s.headings[HEADINGS.index("联系电话")] = "电话"


def rows_below_the_footer(s):
    s.below = [*s.below, Sheet.values(3)]


def no_rows(s):
    s.rows = []


@pytest.mark.parametrize(
    ("habit", "row", "column", "words"),
    [
        (codes_as_numbers, 4, "统一社会信用代码", "后几位数字已丢失"),
        (merged_units, 4, "推荐单位", "B4:B5 是合并单元格"),
        (formula, 4, "职工人数", "这一格是公式"),
        (dates_of_a_year, 4, "工会成立时间", "“2010年”读不准是哪一天"),
        (figures_with_words, 4, "职工人数", "“300余人”不是整数"),
        (two_columns_of_one_name, 3, "企业名称", "有 2 列：D、T"),
        (a_required_column_missing, 3, "联系电话", "缺少“联系电话”一栏"),
        (rows_below_the_footer, 7, "", "表尾（填报人等）下面还有内容"),
        (no_rows, None, "", "表头下面没有数据"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_or_it_says_exactly_why_not(habit, row, column, words):
    edition, office, data = read(habit)
    with pytest.raises(WorkbookRefused) as refusal:
        intake.apply_intake(edition, data, by=office, now=NOW)
    first = refusal.value.errors[0]
    assert (first.row, first.column_name) == (row, column)
    assert words in str(first)
    assert not edition.nominations.exists()

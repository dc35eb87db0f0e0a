"""Workbooks of indicators: the form a unit fills in, and the board as it stands."""

from decimal import Decimal

from django.utils.translation import gettext as _

from indicators.models import Indicator, Reporter, Round
from indicators.rules import Course
from indicators.services.board import Board
from indicators.services.levels import Levels, step_words
from indicators.services.reporting import Entry, asked_of, current_of
from portal.errors import N_, Refused
from portal.figures import exact_text
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, read, write
from portal.workbook.writing import Leaf, write_leaves

TITLE = N_("指标填报表")
FORM = (
    Column("序号", "number", "integer", required=True, minimum=1),
    Column("指标", "name", max_length=120, width=44),
    Column("单位", "unit", width=8),
    Column("数值", "value", "decimal", places=2, aliases=["本年数值"]),
    Column("说明", "note", max_length=300, width=36),
)
COURSES = {
    Course.REACHED: N_("已达到"),
    Course.ON: N_("进度正常"),
    Course.BEHIND: N_("落后"),
    Course.PARTIAL: N_("未报全"),
    Course.SILENT: N_("未填报"),
    Course.OPEN: N_("没有目标"),
}
BOARD = (
    Column("一级指标", "group", width=14),
    Column("序号", "number", "integer"),
    Column("指标", "name", width=44),
    Column("单位", "unit", width=8),
    Column("基数", "base"),
    Column("实际", "actual"),
    Column("按计划应达到", "planned"),
    Column("目标", "target"),
    Column("目标年度", "target_year"),
    Column("完成进度(%)", "percent"),
    Column("情况", "course"),
    Column("未报单位数", "missing", "integer"),
)

#: S1 二 for the sums, 五.1 for the districts.
SOURCE = N_("《关于培育选树青岛市全员创新企业的意见》第二部分、第五部分第1项")
DISTRICTS = (
    Column("区市", "unit", width=24),
    Column("本级命名", "named"),
    Column("应达到", "aim"),
    Column("还差", "lacking"),
    Column("企业级", "enterprises"),
    Column("其中获市级命名", "went_on"),
)
INSIDE = (
    Column("本级届次", "editions", width=40),
    Column("指导次数", "visits"),
    Column("最近一次", "last"),
    Column("未完成的商定事项", "open"),
)


def write_form(opened: Round, reporter: Reporter, out, *, by: Membership) -> None:
    """The indicators of a unit, with what it reported already."""
    require(by, "indicators.report", reporter)
    known = current_of(opened, reporter)
    rows = [
        (each.number, each.name, each.unit, *((row.value, row.note) if row else (None, "")))
        for each in asked_of(opened, reporter)
        for row in [known.get(each.pk)]
    ]
    heading = f"{opened.system.name}{opened.year}年{TITLE}"
    write(out, heading, FORM, rows, sheet_name=TITLE, subtitle=f"填报单位：{reporter}")


def read_form(opened: Round, reporter: Reporter, file, *, by: Membership) -> dict[int, Entry]:
    """The figures of a workbook by indicator, beside the versions of now. Raises `WorkbookRefused`."""
    require(by, "indicators.report", reporter)
    asked = {each.number: each for each in asked_of(opened, reporter)}
    known = current_of(opened, reporter)
    sheet = read(file, FORM, title=TITLE, unique=["number"])
    entries = {}
    for row in sheet:
        indicator = asked.get(row["number"])
        if indicator is None:
            sheet.error(row, "number", N_("序号 {n} 不由本单位填报"), N_("请删除这一行"), n=row["number"])
            continue
        if row["value"] is None:
            continue
        problem = _problem(indicator, row["value"])
        if problem:
            sheet.error(row, "value", *problem)
            continue
        last = known.get(indicator.pk)
        entries[indicator.pk] = Entry(row["value"], row["note"] or "", last.version if last else 0)
    sheet.finish()
    if not entries:
        raise Refused("文件中没有填写数值，请填好“数值”一列后再上传。")
    return entries


def _problem(indicator: Indicator, value: Decimal):
    if value != round(value, indicator.places):
        return N_("“数值”须为整数"), N_("例如 12")
    if value < 0 and not indicator.running:
        return N_("“数值”不能小于 0"), N_("0 或更大的数")
    if indicator.kind == Indicator.Kind.PERCENT and value > 100:
        return N_("百分比不能大于 100"), N_("0 到 100，例如 65")
    return None


def write_board(board: Board, out, *, by: Membership) -> None:
    require(by, "indicators.see", board.system)
    write(
        out,
        f"{board.system.name}{board.year}年进度",
        BOARD,
        [_row(line) for line in board.lines],
        sheet_name=N_("指标进度"),
        subtitle=f"依据：{board.system.document}",
    )


def _row(line):
    stands, indicator = line.standing, line.indicator
    return (
        indicator.group,
        indicator.number,
        indicator.name,
        indicator.unit,
        _text(line.base),
        _text(stands.actual.value),
        _text(stands.planned),
        _text(stands.target),
        str(stands.target_year or ""),
        "" if line.percent is None else str(line.percent),
        COURSES[stands.course],
        line.missing_units,
    )


def _text(value):
    return "" if value is None else exact_text(value)


def write_levels(board: Levels, out, *, by: Membership) -> None:
    """Two sheets: the years beside one another, and the districts in the year looked at."""
    require(by, "indicators.see")
    what = board.category.name if board.category else _("全部类别")
    years = [Column(str(year), f"y{year}") for year in board.years]
    write_leaves(
        out,
        [
            Leaf(
                N_("各年命名"),
                f"{what}各年命名数",
                [Column("区市和级别", "name", width=24), Column("每年应达到", "aim"), *years],
                _year_rows(board),
                subtitle=f"依据：{SOURCE}。已撤销的不计。",
            ),
            Leaf(
                N_("各区市情况"),
                f"{board.year}年各区市{what}命名情况",
                [*DISTRICTS, *(INSIDE if board.inside else ())],
                [_district_row(each, board.inside) for each in board.districts],
            ),
        ],
    )


def _year_rows(board):
    for row in [*board.rows, *board.sums]:
        yield (row.name, _text(row.in_year(board.year).aim), *(str(cell.named) for cell in row.cells))


def _district_row(each, inside):
    cell = each.cell
    public = (
        each.unit.name,
        str(cell.named),
        _text(cell.aim),
        "" if cell.lacking is None else str(cell.lacking),
        str(each.of_enterprises),
        str(each.went_on),
    )
    if not inside:
        return public
    if each.inside is None:
        return (*public, "", "", "", "")
    editions = "；".join(f"{one.title}：{step_words(one)}" for one in each.inside.editions)
    last = each.inside.last_visit
    return (
        *public,
        editions,
        str(each.inside.visits),
        last.isoformat() if last else "",
        str(each.inside.open_agreements),
    )

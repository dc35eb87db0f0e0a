"""Workbooks of indicators: the form a unit fills in, and the board as it stands."""

from decimal import Decimal

from indicators.models import Indicator, Reporter, Round
from indicators.rules import Course
from indicators.services.board import Board
from indicators.services.reporting import Entry, asked_of, current_of
from portal.errors import N_, Refused
from portal.figures import exact_text
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, read, write

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

"""The official form of a workbook: title, unit line, header, bordered cells, signatures, paper.

Text is typed as text, whatever it begins with, so nothing a person wrote becomes a formula in
another person's Excel; codes and phone numbers stay whole.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

from django.utils import timezone
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.figures import two_places
from portal.sound import sound
from portal.workbook.columns import Column

# The official form is Chinese whoever writes it out, so that it can be read back.
DEFAULT_SUBTITLE = "填报单位（盖章）：                    填报日期："
FOOTER = ("填报人：", "联系电话：", "审核人：")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\s]+")
_LINE_HEIGHT, _HIGHEST = 16, 400  # points; a row can be no higher than 409
_WIDEST, _NARROWEST = 48, 6
_MOST_TEXT = 32767
LONG = 16  # a text wider than that stands at the left

_THIN = Side(style="thin", color="000000")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TITLE = Font(name="方正小标宋简体", size=20)
HEADING = Font(name="黑体", size=11)
BODY = Font(name="仿宋_GB2312", size=11)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_LINE = Alignment(horizontal="left", vertical="center")


def values_of(row, columns: list[Column]) -> list:
    if isinstance(row, Mapping):
        return [row.get(column.key) for column in columns]
    values = list(row)
    return values + [None] * (len(columns) - len(values))


def shown(column: Column, value):
    """The value as it is written: figures rounded half up to two places, words as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return str(value) if column.kind == "text" else value
    if isinstance(value, (Fraction, Decimal)):
        return two_places(value)
    if isinstance(value, float):
        raise TypeError(f"{column.name}: a figure is a Decimal or a Fraction, never a float")
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    return sound(str(value))[:_MOST_TEXT]


def cell_of(sheet, column: Column, value) -> WriteOnlyCell:
    value = shown(column, value)
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell._value = value  # past openpyxl's guess, which makes a formula of a leading =
        cell.data_type = "s"
        cell.number_format = "@"
    else:
        cell.value = value
        if isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
        elif isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, Decimal):
            cell.number_format = "0.00"
    cell.font, cell.border = BODY, _BORDER
    long = isinstance(value, str) and width_of(value) > LONG and not column.code
    cell.alignment = LEFT if long or column.multiline else _CENTRE
    return cell


def plain_cell(
    sheet, text: str, font: Font, alignment: Alignment, border: Border | None = None
) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell._value, cell.data_type = sound(text), "s"
    cell.font, cell.alignment = font, alignment
    if border:
        cell.border = border
    return cell


def write_heading(
    sheet, title: str, subtitle: str | None, columns: list[Column], widths: list[float]
) -> None:
    sheet.row_dimensions[1].height = 2 * _LINE_HEIGHT
    sheet.append([plain_cell(sheet, title, _TITLE, _CENTRE)])
    line = DEFAULT_SUBTITLE if subtitle is None else subtitle
    sheet.append([plain_cell(sheet, line, BODY, _LINE)])
    make_room(sheet, 3, [[column.name] for column in columns], widths)
    sheet.append([plain_cell(sheet, column.name, HEADING, _CENTRE, _BORDER) for column in columns])


def write_footer(sheet, width: int) -> None:
    cells = [None] * max(width, len(FOOTER))
    step = max(1, width // len(FOOTER))
    for index, label in enumerate(FOOTER):
        cells[index * step] = plain_cell(sheet, label, BODY, _LINE)
    sheet.append(cells)


def write_lines(sheet, lines: Iterable[str]) -> None:
    """Plain lines under the table, to sign or to read."""
    for line in lines:
        sheet.append([plain_cell(sheet, line, BODY, _LINE)])


def make_room(sheet, number: int, texts: list[list[str]], widths: list[float]) -> None:
    """A row whose words break is as high as they need: not every program finds that out by itself."""
    lines = max(
        (
            sum(max(1, ceil(width_of(line) / (width - 1))) for line in text)
            for text, width in zip(texts, widths, strict=True)
        ),
        default=1,
    )
    if lines > 1:
        sheet.row_dimensions[number].height = min(lines * _LINE_HEIGHT, _HIGHEST)


def lay_out(
    sheet,
    columns: list[Column],
    sample: list[list],
    *,
    page_width: float | None = None,
    beside: str | None = None,
) -> list[float]:
    """What must be known before the first row is written: widths, panes, paper. Returns the widths.

    Everything is printed on the width of one page, or, where `page_width` (in characters) says how much
    that may be, on as many side by side as that takes, each with the columns `beside` ("C:C").
    """
    widths = [
        column.width or _fit(column, [row[index] for row in sample]) for index, column in enumerate(columns)
    ]
    for index, column in enumerate(columns):
        dimension = sheet.column_dimensions[get_column_letter(index + 1)]
        dimension.width = widths[index]
        if column.kind == "text":
            dimension.number_format = "@"
    across, within = len(columns), sum(widths)
    if page_width and within > page_width:
        across = next(n for n in range(1, len(widths) + 1) if sum(widths[: n + 1]) > page_width)
    last = get_column_letter(max(across, 1))
    if across > 1:
        sheet.merged_cells.add(f"A1:{last}1")
        sheet.merged_cells.add(f"A2:{last}2")
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    pages = ceil(within / page_width) if page_width else 1
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    if pages > 1:
        sheet.print_title_cols = beside
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    return widths


def _fit(column: Column, values: list) -> int:
    longest = max((width_of(line) for value in values for line in lines_of(column, value)), default=0)
    # A heading may break in two lines; the content decides.
    return int(min(_WIDEST, max(_NARROWEST, (width_of(column.name) + 1) // 2 + 2, longest + 3)))


def lines_of(column: Column, value) -> list[str]:
    value = shown(column, value)
    return ["2020-10-16"] if isinstance(value, date) else str(value).split("\n")


def width_of(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def tab_name(name: str) -> str:
    return _NOT_IN_SHEET_NAME.sub(" ", sound(name)).strip().strip("'")[:31] or "Sheet1"

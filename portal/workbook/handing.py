"""A workbook handed out to be filled in offline and brought back: what the form needs beyond being a form.

The first columns are hidden: the row's key and the version it went out in. A hidden sheet carries the token
of the hand-out and the words of the drop-downs. The sheet is protected without a password, so that nobody
breaks it by accident and whoever must can lift it; coming back, nothing is believed for being locked.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from portal.workbook.cells import RawSheet, all_sheets
from portal.workbook.columns import Column
from portal.workbook.form import (
    BODY,
    HEADING,
    LEFT,
    LONG,
    cell_of,
    lay_out,
    lines_of,
    make_room,
    plain_cell,
    shown,
    tab_name,
    values_of,
    width_of,
    write_heading,
)
from portal.workbook.opening import MAX_BYTES, open_workbook
from portal.workbook.text import clean_code, clean_line, clean_paragraphs

KEY = Column("行标识", "key", code=True, max_length=40, width=12)
VERSION = Column("版本", "version", "integer", minimum=0, width=6)
HIDDEN = (KEY, VERSION)

_MARK = "下载编号"
_BACK = "选项"  # the hidden sheet
_GUIDE = "填写说明"
_OPEN, _CLOSED = Protection(locked=False), Protection(locked=True)
_FIXED = PatternFill("solid", fgColor="FFF0F1F3")  # cells that are not to be filled in
_MEASURED = 200
_PAGE = 200  # characters on the width of a landscape page that can still be read
_FIRST = 4  # the first row of data
_TOP = Alignment(horizontal="left", vertical="top", wrap_text=True)


def write_handout(
    out,
    title: str,
    columns: Iterable[Column],
    rows: Iterable[Mapping],
    *,
    token: str,
    guide: Sequence[tuple[str, str]],
    fixed: Iterable[str] = (),
    offers: Mapping[str, Sequence[str]] | None = None,
    blank: int = 0,
    subtitle: str | None = None,
    limits: Mapping[str, tuple[str, str]] | None = None,
    formulas: Mapping[str, str] | None = None,
) -> None:
    """Write the workbook to `out`. Each row is a mapping by key, with `key` and `version` besides.

    `fixed`     keys of the columns locked in the rows that go out (open in the `blank` rows below them)
    `offers`    words for the drop-down of a column; the cell takes nothing else
    `guide`     the sheet 填写说明: pairs of heading and text
    `limits`    of a column: the formula a cell must fulfil, and the sentence where it does not
    `formulas`  of a locked column: what its cells work out

    In a formula `{key}` is the cell of that column in the same row. Formulas are the programmer's, never
    text a person wrote.
    """
    columns, fixed, offers = [*HIDDEN, *columns], set(fixed), dict(offers or {})
    formulas = formulas or {}
    for column in columns:
        if column.kind in ("choice", "boolean") and column.key not in offers:
            offers[column.key] = list(column.options) or ["是", "否"]
    book = Workbook(write_only=True)
    book.security = WorkbookProtection(lockStructure=True)
    sheet = book.create_sheet(tab_name(title))
    rows = iter(rows)
    sample = [values_of(row, columns) for row in itertools.islice(rows, _MEASURED)]
    widths = lay_out(sheet, columns, sample, page_width=_PAGE, beside="C:C")
    for index in range(len(HIDDEN)):
        sheet.column_dimensions[get_column_letter(index + 1)].hidden = True
    _protect(sheet)
    write_heading(sheet, title, subtitle, columns, widths)
    cells, last = _Cells(sheet), _FIRST - 1
    for values in itertools.chain(sample, (values_of(row, columns) for row in rows)):
        last += 1
        make_room(sheet, last, [lines_of(c, v) for c, v in zip(columns, values, strict=True)], widths)
        sheet.append(
            [
                cells.formula(c, _in_row(formulas[c.key], columns, last))
                if c.key in formulas
                else cells.cell(c, v, c.key in fixed)
                for c, v in zip(columns, values, strict=True)
            ]
        )
    for _ in range(blank):
        last += 1
        sheet.append([cells.cell(column, None, closed=False) for column in columns])
    if last >= _FIRST:
        # No filter: under protection it could not be used, and a hidden row is read all the same.
        _offer(sheet, columns, offers, last)
        _limit(sheet, columns, limits or {}, last)
    _write_guide(book, guide)
    _write_back(book, token, offers)
    book.save(out)


def token_of(file, max_bytes: int = MAX_BYTES) -> str:
    """The token of the hand-out this file goes back to; empty for any other workbook. Checks the file."""
    for sheet in all_sheets(open_workbook(file, max_bytes)):
        if token := _token_in(sheet):
            return token
    return ""


def as_text(column: Column, value) -> str:
    """What a cell says, cleaned as reading would clean it: to set what went out beside what came back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, int):
        return str(value)
    if column.code:
        return clean_code(str(value))
    return clean_paragraphs(str(value)) if column.multiline else clean_line(str(value))


def _token_in(sheet: RawSheet) -> str:
    for row in itertools.islice(sheet.rows(), 3):
        cells = [clean_code(str(row.cells[index].value)) for index in sorted(row.cells)]
        if len(cells) > 1 and cells[0] == _MARK:
            return cells[1].lower()[:32]
    return ""


class _Cells:
    """Makes cells; a style is worked out once for all cells that look alike, which is most of the time."""

    def __init__(self, sheet):
        self.sheet = sheet
        self.styles: dict[tuple, object] = {}

    def cell(self, column: Column, value, closed: bool):
        blank = value in (None, "")
        text = isinstance(value, str)
        alike = (column.key, closed, type(value), blank, text and width_of(value) > LONG)
        if alike not in self.styles:
            made = self._dressed(column, value, closed, blank)
            self.styles[alike] = made._style
            return made
        cell = WriteOnlyCell(self.sheet)
        cell._style = self.styles[alike]
        if blank:
            return cell
        value = value if isinstance(value, Decimal) else shown(column, value)
        if isinstance(value, str):
            cell._value, cell.data_type = value, "s"  # past openpyxl's guess, as in `cell_of`
        else:
            cell.value = value
        return cell

    def formula(self, column: Column, formula: str):
        cell = self._dressed(column, Decimal(0), closed=True, blank=False)
        cell.value, cell.number_format = formula, "0.00"
        return cell

    def _dressed(self, column, value, closed, blank):
        cell = cell_of(self.sheet, column, value)
        if isinstance(value, Decimal):
            cell.value, cell.number_format = value, "General"  # exact: it comes back to be compared
        if blank:
            cell.value = None
            if column.kind == "date":
                cell.number_format = "yyyy-mm-dd"
            elif column.kind in ("integer", "decimal"):
                cell.number_format = "General"
        cell.protection = _CLOSED if closed or column in HIDDEN else _OPEN
        if closed:
            cell.fill = _FIXED
        return cell


def _protect(sheet) -> None:
    """Locked without a password; a False here is a thing that stays allowed."""
    guard = sheet.protection
    guard.sheet = True
    guard.formatCells = guard.formatColumns = guard.formatRows = False
    guard.insertRows = guard.deleteRows = guard.sort = False


def _offer(sheet, columns: list[Column], offers: Mapping[str, Sequence[str]], last: int) -> None:
    place = {key: get_column_letter(number + 3) for number, key in enumerate(offers)}
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        if column.key in offers:
            words = offers[column.key]
            back = place[column.key]
            rule = DataValidation(
                type="list", formula1=f"'{_BACK}'!${back}$2:${back}${len(words) + 1}", allow_blank=True
            )
            rule.error = "请从下拉列表中选择"
        elif column.kind == "date":
            rule = DataValidation(type="date", operator="greaterThan", formula1="1", allow_blank=True)
            rule.error = "请填写日期，写成 2020-10-16 的样子"
            rule.errorStyle = "warning"
        else:
            continue
        rule.errorTitle, rule.showErrorMessage = column.name[:32], True
        rule.add(f"{letter}{_FIRST}:{letter}{last}")
        sheet.data_validations.append(rule)


def _limit(sheet, columns: list[Column], limits: Mapping[str, tuple[str, str]], last: int) -> None:
    for index, column in enumerate(columns, start=1):
        if column.key not in limits:
            continue
        formula, said = limits[column.key]
        rule = DataValidation(
            type="custom", formula1=_in_row(formula, columns, _FIRST).removeprefix("="), allow_blank=True
        )
        rule.errorTitle, rule.error, rule.showErrorMessage = column.name[:32], said, True
        rule.promptTitle, rule.prompt, rule.showInputMessage = column.name[:32], said, True
        letter = get_column_letter(index)
        rule.add(f"{letter}{_FIRST}:{letter}{last}")
        sheet.data_validations.append(rule)


def _in_row(formula: str, columns: list[Column], row: int) -> str:
    """The formula with the cells of one row in its places."""
    places = {column.key: f"{get_column_letter(n)}{row}" for n, column in enumerate(columns, start=1)}
    return formula.format_map(places)


def _write_guide(book, guide: Sequence[tuple[str, str]]) -> None:
    sheet = book.create_sheet(_GUIDE)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 90
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.protection.sheet = True
    lines = [Column("", "heading"), Column("", "text", multiline=True)]
    for number, pair in enumerate(guide, start=1):
        make_room(sheet, number, [lines_of(c, v) for c, v in zip(lines, pair, strict=True)], [22, 90])
        heading, text = pair
        sheet.append([plain_cell(sheet, heading, HEADING, _TOP), plain_cell(sheet, text, BODY, _TOP)])


def _write_back(book, token: str, offers: Mapping[str, Sequence[str]]) -> None:
    sheet = book.create_sheet(_BACK)
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True
    sheet.append([plain_cell(sheet, text, BODY, LEFT) for text in (_MARK, token)])
    for words in itertools.zip_longest(*offers.values(), fillvalue=""):
        sheet.append([None, None, *(plain_cell(sheet, word, BODY, LEFT) if word else None for word in words)])

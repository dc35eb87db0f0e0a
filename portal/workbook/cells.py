"""The cells of a workbook, row by row, as they stand in the file: the one page that touches the parser."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from openpyxl.reader.excel import ExcelReader, apply_stylesheet
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import ROW_TAG, SHEET_MAIN_NS, WorkSheetParser
from openpyxl.xml.functions import iterparse

from portal.errors import N_
from portal.workbook.opening import SAVE_AS
from portal.workbook.problems import WorkbookRefused, refuse_file

_MERGE_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
MAX_COLUMNS = 256
MAX_SHEETS = 50
MAX_MERGED = 20_000
LONGEST_TEXT = 32_767  # Excel's own limit of a cell


@dataclass(frozen=True, slots=True)
class RawCell:
    """`kind` is openpyxl's letter: s text, n number, d date, b boolean, f formula, e error."""

    kind: str
    value: object
    percent: bool = False


@dataclass(frozen=True, slots=True)
class RawRow:
    number: int
    cells: dict[int, RawCell]
    hidden: bool = False


class _Parser(WorkSheetParser):
    """Rows and merged ranges only: what else a sheet carries (drawings, conditions) cannot break it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.merged: list[str] = []

    def parse(self):
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                row = self.parse_row(element)
                element.clear()
                yield row
            elif element.tag == _MERGE_TAG:
                self.merged.append(element.get("ref"))
                if len(self.merged) > MAX_MERGED:
                    raise ValueError("more merged ranges than a form can have")

    def parse_formula(self, element):
        return "="  # it is refused, so it need not be translated


class RawSheet:
    """One worksheet. `rows()` may be asked again; `merged` is complete once it has run to its end."""

    def __init__(self, worksheet):
        self.title = worksheet.title
        self.visible = worksheet.sheet_state == "visible"
        self._sheet = worksheet
        self._percent = _percent_styles(worksheet.parent)
        self.merged: list[tuple[int, int, int, int]] = []

    def rows(self) -> Iterator[RawRow]:
        """Rows that have a cell with a value, in order."""
        book = self._sheet.parent
        with _as_refusal(), self._sheet._get_source() as source:
            parser = _Parser(
                source,
                self._sheet._shared_strings,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, found in parser.parse():
                cells = {
                    cell["column"]: RawCell(
                        cell["data_type"], cell["value"], cell["style_id"] in self._percent
                    )
                    for cell in found
                    if cell["value"] is not None and cell["column"] <= MAX_COLUMNS
                }
                if any(len(cell.value) > LONGEST_TEXT for cell in cells.values() if cell.kind == "s"):
                    raise ValueError("longer than a cell can be")
                if cells:
                    hidden = parser.row_dimensions.get(str(number), {}).get("hidden") in ("1", "true")
                    yield RawRow(number, cells, hidden)
                parser.row_dimensions.clear()
            self.merged = [range_boundaries(reference) for reference in parser.merged]


def _percent_styles(book) -> set[int]:
    formats = book._number_formats
    return {
        index
        for index, style in enumerate(book._cell_styles)
        if style.numFmtId in (9, 10) or (style.numFmtId >= 164 and "%" in str(formats[style.numFmtId - 164]))
    }


@contextmanager
def _as_refusal():
    """Whatever a parser says about a file becomes one sentence for the person."""
    try:
        yield
    except WorkbookRefused:
        raise
    except Exception as error:
        raise refuse_file(N_("文件内部有错误，无法读出"), SAVE_AS) from error


class _Reader(ExcelReader):
    def read_chartsheet(self, sheet, rel):
        pass


def _open(data: bytes):
    """Strings, styles and sheets, without what tends to be broken: properties, names, charts, links."""
    reader = _Reader(io.BytesIO(data), read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    reader.read_worksheets()
    return reader.wb


def all_sheets(data: bytes) -> list[RawSheet]:
    """Every worksheet of the workbook, those a person does not see as well."""
    with _as_refusal():
        book = _open(data)
        return [
            RawSheet(sheet) for sheet in book.worksheets[:MAX_SHEETS] if hasattr(sheet, "_worksheet_path")
        ]


def visible_sheets(data: bytes) -> list[RawSheet]:
    """The worksheets a person sees when the workbook is opened."""
    sheets = [sheet for sheet in all_sheets(data) if sheet.visible]
    if not sheets:
        raise refuse_file(N_("工作簿里没有可见的工作表"), N_("请把填报内容放在一个未隐藏的工作表里再上传"))
    return sheets

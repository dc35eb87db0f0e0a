"""Reading a sheet: find its header, type its cells, gather every error."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from portal.errors import N_
from portal.sentences import Sentence
from portal.workbook.cells import RawCell, visible_sheets
from portal.workbook.columns import Column
from portal.workbook.header import SERIAL, Header, find_header, is_footer, is_total
from portal.workbook.opening import MAX_BYTES, open_workbook
from portal.workbook.problems import CellError, WorkbookRefused, refuse_file
from portal.workbook.values import Wrong, is_blank, typed

MAX_ROWS = 5000
_LATE_ROWS = 3  # errors said about rows below the footer
_MERGES = 100  # merged ranges named


@dataclass(slots=True)
class Row:
    """A row of data: Excel's row number, and its values by key."""

    number: int
    values: dict

    def __getitem__(self, key):
        return self.values[key]


@dataclass
class Sheet:
    """What was read, and what is wrong with it."""

    title: str
    columns: list[Column]
    header_row: int
    letters: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    notices: list[Sentence] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sound(self) -> list[Row]:
        """The rows nothing is wrong with so far."""
        wrong = {error.row for error in self.errors}
        return [row for row in self.rows if row.number not in wrong]

    def error(
        self, row: Row | int | None, key: str | None, problem: str, expected: str = "", /, **params
    ) -> None:
        """One more error: in a cell, in a row (`key` None), or in the file (`row` None)."""
        number = row.number if isinstance(row, Row) else row
        name = next((column.name for column in self.columns if column.key == key), "")
        self.errors.append(
            CellError(
                number, self.letters.get(key, ""), name, Sentence(problem, params), Sentence(expected, params)
            )
        )

    def finish(self) -> None:
        """Raise `WorkbookRefused` when anything is wrong."""
        if self.errors:
            raise WorkbookRefused(self.errors)

    def dataset(self):
        """The rows as a `tablib.Dataset`, its headers the keys."""
        from tablib import Dataset  # only who builds on import-export needs it

        keys = [column.key for column in self.columns]
        return Dataset(
            *([row.values[key] for key in keys] for row in self.rows), headers=keys, title=self.title[:31]
        )


def read(
    file,
    columns: Iterable[Column],
    *,
    title: str | None = None,
    unique: Iterable[str | tuple[str, ...]] = (),
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    allow_empty: bool = False,
    partial: bool = False,
) -> Sheet:
    """The rows of a workbook, typed. Raises `WorkbookRefused` when the file cannot be read as these columns.

    Errors of cells are in `.errors`; `finish()` raises them together with the caller's own. `partial`: a
    column the file lacks is left as it is, not emptied (`letters` has those it does not lack).
    """
    columns = list(columns)
    header = find_header(visible_sheets(open_workbook(file, max_bytes)), columns, title, partial=partial)
    sheet = Sheet(
        title=header.sheet.title,
        columns=columns,
        header_row=header.row,
        letters={key: get_column_letter(index) for key, index in header.places.items()},
        notices=list(header.notices),
        errors=list(header.errors),
    )
    _read_rows(sheet, header, max_rows)
    if header.errors:
        sheet.finish()
    if not sheet.rows and not sheet.errors and not allow_empty:
        raise refuse_file(N_("表头下面没有数据"), N_("请从第 {row} 行起逐行填写后再上传"), row=header.row + 1)
    for keys in unique:
        _refuse_repeats(sheet, (keys,) if isinstance(keys, str) else tuple(keys))
    return sheet


def _read_rows(sheet: Sheet, header: Header, max_rows: int) -> None:
    last = header.row
    ended = False
    late: list[int] = []
    hidden: list[int] = []
    cells: dict[tuple[int, int], CellError] = {}
    serial = {column.key for column in sheet.columns if SERIAL in column.headings}
    for raw in header.sheet.rows():
        if raw.number <= header.row:
            continue
        if is_footer(raw):
            ended = True
            continue
        if is_total(raw):
            continue
        known = {key: raw.cells.get(index) for key, index in header.places.items()}
        if not _carries_data(known, serial):
            continue
        if ended:
            if _is_whole(known, sheet.columns):
                late.append(raw.number)
            continue
        if len(sheet.rows) >= max_rows:
            raise refuse_file(
                N_("数据超过 {limit} 行"), N_("请分成几个文件，每个不超过 {limit} 行"), limit=max_rows
            )
        if raw.hidden:
            hidden.append(raw.number)
        last = raw.number
        sheet.rows.append(Row(raw.number, _typed_row(sheet, header, raw.number, known, cells)))
    merged = _refuse_merged(sheet, header, last)
    sheet.errors.extend(error for place, error in cells.items() if not _inside(place, merged))
    for number in late[:_LATE_ROWS]:
        sheet.error(number, None, N_("表尾（填报人等）下面还有内容"), N_("请把这一行移到表尾之前，或删除"))
    if hidden:
        sheet.notices.append(
            Sentence(
                N_("有 {count} 行被隐藏或筛选掉（第一处在第 {row} 行），也已读入"),
                {"count": len(hidden), "row": hidden[0]},
            )
        )


def _carries_data(known: dict[str, RawCell | None], serial: set[str]) -> bool:
    """A row with nothing but its serial number is a row nobody filled in."""
    return any(key not in serial and not is_blank(cell) for key, cell in known.items())


def _is_whole(known: dict[str, RawCell | None], columns: list[Column]) -> bool:
    """Below the footer a note may stand in any cell; a row with most required cells is a row of data."""
    asked = [column.key for column in columns if column.required] or [column.key for column in columns]
    filled = sum(not is_blank(known.get(key)) for key in asked)
    return filled >= 2 and 2 * filled > len(asked)


def _typed_row(sheet: Sheet, header: Header, number: int, known: dict, cells: dict) -> dict:
    values = {column.key: None for column in sheet.columns}
    for column in sheet.columns:
        if column.key not in known:
            continue
        try:
            values[column.key] = typed(column, known[column.key])
        except Wrong as wrong:
            letter = sheet.letters[column.key]
            cells[number, header.places[column.key]] = CellError(
                number, letter, column.name, wrong.problem, wrong.expected
            )
    return values


def _refuse_merged(sheet: Sheet, header: Header, last: int) -> list[tuple[int, int, int, int]]:
    """Merged cells leave all but the first empty, so what was meant for the others is not known."""
    wanted = {index: key for key, index in header.places.items()}
    found = []
    for left, top, right, bottom in header.sheet.merged:
        touched = [wanted[index] for index in sorted(wanted) if left <= index <= right]
        if top > last or bottom <= header.row or not touched:
            continue
        if len(found) == _MERGES:
            break
        found.append((left, top, right, bottom))
        sheet.error(
            max(top, header.row + 1),
            touched[0],
            N_("{range} 是合并单元格"),
            N_("请取消合并，逐格填写"),
            range=f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}",
        )
    return found


def _inside(place: tuple[int, int], merged: list[tuple[int, int, int, int]]) -> bool:
    row, column = place
    return any(left <= column <= right and top <= row <= bottom for left, top, right, bottom in merged)


def _refuse_repeats(sheet: Sheet, keys: tuple[str, ...]) -> None:
    first: dict[tuple, int] = {}
    for row in sheet.rows:
        value = tuple(row.values[key] for key in keys)
        if any(part in (None, "") for part in value):
            continue
        if value in first:
            sheet.error(
                row,
                keys[-1],
                N_("“{value}”与第 {row} 行重复"),
                N_("请只保留一行"),
                value=" ".join(str(part) for part in value),
                row=first[value],
            )
        else:
            first[value] = row.number

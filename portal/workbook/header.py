"""Where the table begins in a sheet laid out for printing: title, unit line, header, data, footer."""

import difflib
import itertools
import re
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from portal.errors import N_
from portal.sentences import Sentence
from portal.workbook.cells import RawRow, RawSheet
from portal.workbook.columns import Column
from portal.workbook.problems import NOTHING, CellError, refuse_file
from portal.workbook.text import clean_line, header_key, name_key

SEARCHED_ROWS = 20
SERIAL = "序号"
_FOOTER = re.compile(
    r"(填报人|填表人|制表人|经办人|审核人|复核人|(单位)?负责人|填报单位|联系电话|备注|(填表|填报)?说明|注)"
    r"([(（].{0,8}[)）])?[:：].*",
)
_TOTAL = {"合计", "总计", "小计"}


@dataclass
class Header:
    sheet: RawSheet
    row: int
    places: dict[str, int]
    notices: list[Sentence] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)


@dataclass
class _Candidate:
    sheet: RawSheet
    row: RawRow
    headings: dict[int, str]
    matched: int
    more: bool


def is_footer(row: RawRow) -> bool:
    """The first filled cell says who filled the form in, or begins the remarks below the table."""
    return bool(_FOOTER.fullmatch(_first_text(row)))


def is_total(row: RawRow) -> bool:
    """The first filled cell says that the row adds others up."""
    return _first_text(row) in _TOTAL


def _first_text(row: RawRow) -> str:
    first = row.cells[min(row.cells)]
    return clean_line(str(first.value)) if first.kind == "s" else ""


def find_header(
    sheets: list[RawSheet], columns: list[Column], title: str | None = None, *, partial: bool = False
) -> Header:
    """The header of the sheet that fits the columns best; refused when there is none or there are two."""
    wanted = set().union(*(column.headings for column in columns))
    candidates = [found for sheet in sheets if (found := _best_row(sheet, wanted))]
    least = min(2, len(columns))
    if not candidates or max(found.matched for found in candidates) < least:
        raise refuse_file(
            N_("没有找到表头"),
            N_("前 {rows} 行中应有一行写明各栏名称：{names}"),
            rows=SEARCHED_ROWS,
            names="、".join(column.name for column in columns if column.required) or columns[0].name,
        )
    return _settle(_choose(candidates, title), columns, partial)


def _best_row(sheet: RawSheet, wanted: set[str]) -> _Candidate | None:
    best = None
    rows = sheet.rows()
    for row in itertools.takewhile(lambda row: row.number <= SEARCHED_ROWS, rows):
        headings = {
            index: header_key(str(cell.value))
            for index, cell in sorted(row.cells.items())
            if cell.kind == "s"
        }
        matched = len(wanted & set(headings.values()))
        if best:
            best.more = True
        if matched and (best is None or matched > best.matched):
            best = _Candidate(sheet, row, headings, matched, more=False)
    if best and not best.more:
        best.more = next(rows, None) is not None
    return best


def _choose(candidates: list[_Candidate], title: str | None) -> _Candidate:
    most = max(found.matched for found in candidates)
    best = [found for found in candidates if found.matched == most]
    if len(best) > 1 and title:
        best = [found for found in best if name_key(found.sheet.title) == name_key(title)] or best
    if len(best) > 1:
        best = [found for found in best if found.more] or best[:1]
    if len(best) > 1:
        raise refuse_file(
            N_("有 {count} 个工作表都有这样的表头：{names}"),
            N_("请只保留要导入的一个"),
            count=len(best),
            names="、".join(found.sheet.title for found in best),
        )
    return best[0]


def _settle(found: _Candidate, columns: list[Column], partial: bool) -> Header:
    header = Header(found.sheet, found.row.number, {})
    taken: set[int] = set()
    for column in columns:
        places = [index for index, heading in found.headings.items() if heading in column.headings]
        taken.update(places)
        if len(places) == 1:
            header.places[column.key] = places[0]
        elif places:
            letters = "、".join(get_column_letter(index) for index in places)
            header.errors.append(
                _about(
                    header,
                    column,
                    N_("“{name}”一栏有 {count} 列：{letters}"),
                    N_("请只保留一列"),
                    count=len(places),
                    letters=letters,
                )
            )
    spare = {
        index: clean_line(str(found.row.cells[index].value))
        for index, heading in found.headings.items()
        if index not in taken and heading and heading != SERIAL
    }
    for column in columns:
        if column.key in header.places or any(error.column_name == column.name for error in header.errors):
            continue
        _absent(header, column, spare, partial)
    if spare:
        header.notices.append(
            Sentence(N_("以下各栏用不到，没有读入：{names}"), {"names": "、".join(spare.values())})
        )
    return header


def _absent(header: Header, column: Column, spare: dict[int, str], partial: bool) -> None:
    keys = {header_key(text): index for index, text in spare.items()}
    like = difflib.get_close_matches(header_key(column.name), keys, n=1, cutoff=0.6)
    if not column.required and not like:
        said = N_("没有“{name}”一栏，这一栏保持原样") if partial else N_("没有“{name}”一栏，按没有填写处理")
        header.notices.append(Sentence(said, {"name": column.name}))
        return
    hint = N_("请在第 {row} 行的表头中加上这一栏")
    params = {}
    if like:
        index = keys[like[0]]
        hint = N_("{letter} 列的“{like}”如果就是这一栏，请改成“{name}”")
        params = {"letter": get_column_letter(index), "like": spare[index]}
    if column.required:
        header.errors.append(_about(header, column, N_("缺少“{name}”一栏"), hint, **params))
    else:
        said = (
            N_("没有“{name}”一栏，这一栏保持原样；{letter} 列的“{like}”没有读入")
            if partial
            else N_("没有“{name}”一栏，按没有填写处理；{letter} 列的“{like}”没有读入")
        )
        header.notices.append(Sentence(said, {"name": column.name, **params}))


def _about(header: Header, column: Column, problem: str, expected: str, **params) -> CellError:
    params |= {"name": column.name, "row": header.row}
    return CellError(
        header.row,
        "",
        column.name,
        Sentence(problem, params),
        Sentence(expected, params) if expected else NOTHING,
    )

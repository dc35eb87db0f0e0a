"""Workbooks the portal hands out, in the form offices know. A CSV has no types: there a leading apostrophe
keeps what a person wrote from becoming a formula."""

import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portal.workbook.columns import Column
from portal.workbook.form import (
    cell_of,
    lay_out,
    lines_of,
    make_room,
    shown,
    tab_name,
    values_of,
    write_footer,
    write_heading,
    write_lines,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MEASURED = 200  # rows looked at for the widths


@dataclass(frozen=True)
class Leaf:
    """One sheet of several: `rows` are mappings by key or sequences; `signed` are lines to sign under it."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable
    subtitle: str | None = None
    footer: bool = False
    signed: Sequence[str] = ()


def write_leaves(out, leaves: Iterable[Leaf]) -> None:
    """Write several sheets, in this order, to `out` (a path or a binary file)."""
    book = Workbook(write_only=True)
    for leaf in leaves:
        columns = list(leaf.columns)
        sheet = _append(book, leaf.name, leaf.title, columns, iter(leaf.rows), leaf.subtitle, 0)
        write_lines(sheet, leaf.signed)
        if leaf.footer:
            write_footer(sheet, len(columns))
    book.save(out)


def write(
    out,
    title: str,
    columns: Iterable[Column],
    rows: Iterable,
    *,
    subtitle: str | None = None,
    footer: bool = True,
    sheet_name: str | None = None,
    blank: int = 0,
) -> None:
    """Write one sheet to `out` (a path or a binary file). `rows` are mappings by key or sequences.

    `blank` adds that many empty bordered rows: a form to fill in, with the choices as drop-downs.
    """
    columns = list(columns)
    book = Workbook(write_only=True)
    sheet = _append(book, sheet_name or title, title, columns, iter(rows), subtitle, blank)
    for _ in range(blank):
        sheet.append([cell_of(sheet, column, "") for column in columns])
    if footer:
        write_footer(sheet, len(columns))
    book.save(out)


def _append(book, name, title, columns, rows, subtitle, blank):
    sample = [values_of(row, columns) for row in itertools.islice(rows, _MEASURED)]
    sheet = book.create_sheet(tab_name(name))
    widths = lay_out(sheet, columns, sample)
    if blank:
        _offer_choices(sheet, columns, blank)
    write_heading(sheet, title, subtitle, columns, widths)
    for number, row in enumerate(itertools.chain(sample, (values_of(row, columns) for row in rows)), start=4):
        texts = [lines_of(column, value) for column, value in zip(columns, row, strict=True)]
        make_room(sheet, number, texts, widths)
        sheet.append([cell_of(sheet, column, value) for column, value in zip(columns, row, strict=True)])
    return sheet


def write_csv(out, columns: Iterable[Column], rows: Iterable) -> None:
    """Write a CSV with a byte-order mark, which Excel needs, to a binary file."""
    columns = list(columns)
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_unarmed(column.name) for column in columns])
    for row in rows:
        writer.writerow(
            [
                _csv_value(column, value)
                for column, value in zip(columns, values_of(row, columns), strict=True)
            ]
        )
    text.detach()


def response(filename: str, title: str, columns: Iterable[Column], rows: Iterable, **options) -> HttpResponse:
    """The workbook as a download, or the CSV when the file name ends so; `options` are those of `write`."""
    out = io.BytesIO()
    if filename.endswith(".csv"):
        write_csv(out, columns, rows)
    else:
        write(out, title, columns, rows, **options)
    return attachment(filename, out.getvalue())


def attachment(filename: str, content: bytes) -> HttpResponse:
    """Bytes as a download under a name in any script."""
    kind = "text/csv; charset=utf-8" if filename.endswith(".csv") else XLSX
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = disposition(filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def disposition(filename: str) -> str:
    """The Content-Disposition of a download; nothing in the name can end the header or leave the folder."""
    safe = "".join(c for c in filename if unicodedata.category(c)[0] != "C" and c not in '/\\:*?"<>|')
    return content_disposition_header(as_attachment=True, filename=safe.strip(". ") or "download")


def _offer_choices(sheet, columns: list[Column], blank: int) -> None:
    for index, column in enumerate(columns):
        words = (
            list(column.options)
            if column.kind == "choice"
            else ["是", "否"]
            if column.kind == "boolean"
            else []
        )
        listed = ",".join(words)
        if not words or len(listed) > 255 or any("," in word or '"' in word for word in words):
            continue
        letter = get_column_letter(index + 1)
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=not column.required)
        rule.add(f"{letter}4:{letter}{3 + blank}")
        sheet.data_validations.append(rule)


def _csv_value(column: Column, value) -> str:
    value = shown(column, value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return _unarmed(value) if isinstance(value, str) else str(value)


def _unarmed(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text

"""Workbooks as offices hand them in, and as the portal hands them out.

Reading, one pass, every error collected::

    from portal.workbook import Column, read

    COLUMNS = [
        Column("企业名称", "name", required=True, max_length=120),
        Column("统一社会信用代码", "credit_code", code=True, required=True, check=refuse_wrong_code),
        Column("推荐排序", "rank", "integer", minimum=1),
        Column("职工人数", "employees", "integer", aliases=["职工总数"]),
        Column("一线职工教育经费占比(%)", "training", "decimal", percent=True, maximum=100),
        Column("工会成立时间", "founded", "date"),
        Column("企业性质", "ownership", "choice", choices=["民营", "国有", "合资"]),
        Column("独立法人", "legal_person", "boolean"),
        Column("主要事迹", "deeds", multiline=True),
    ]
    sheet = read(upload, COLUMNS, unique=["credit_code"])   # raises WorkbookRefused when no row can be read
    for row in sheet:
        if row["credit_code"] in known:
            code = row["credit_code"]
            sheet.error(row, "credit_code", N_("{code} 已经推荐过"), N_("请删除这一行"), code=code)
    sheet.finish()                                          # raises WorkbookRefused with all errors, in order

* `read(file, columns, *, title=None, unique=(), max_rows=5000, max_bytes=10 MB, allow_empty=False,
  partial=False)`; `file` is bytes, a path or anything with `read()`; `title` names the sheet to prefer when
  several fit.
* `sheet.rows` are `Row(number, values)`: `number` is Excel's row, `values` a dict with every key of the
  columns (None where the cell is empty, wrong, or its column absent); `row["key"]` is short for it.
  `sheet.sound` leaves out the rows with an error. Values are str, int, Decimal, date, bool or the choice.
* `sheet.notices` are sentences about what was put right or ignored; show them beside the preview.
* `WorkbookRefused.errors` are `CellError(row, column_letter, column_name, problem, expected)`, sorted; `row`
  is None when the whole file is meant. `str()` of an error is one sentence; `problem` and `expected` are
  `portal.sentences.Sentence`s; `said(sentence)` translates and fills one. `as_dict()` for JSON.
* A `check=` of a column is called with the typed value and raises `Refused`; its sentence becomes the error.
* `same_name(a, b)` compares names whatever their width, spaces and brackets; `name_key(a)` is what it
  compares.
* `sheet.dataset()` is the rows as a `tablib.Dataset`, for an import-export Resource.

Writing takes the same columns::

    from portal.workbook import response, write, write_csv

    write(out, "公示名单", COLUMNS, rows, subtitle="填报单位：…")   # rows: dicts by key, or sequences
    write_csv(out, COLUMNS, rows)
    return response("公示名单.xlsx", "公示名单", COLUMNS, rows)    # or "….csv"; a Django HttpResponse
    write(out, "推荐汇总表", COLUMNS, [], blank=200)              # an empty form: text columns, drop-downs

Both ways, for `portal.roundtrip`: a protected form with hidden row keys, versions and the hand-out's token::

    write_handout(out, "推荐填报表", COLUMNS, rows, token=token, guide=[("怎么填", "…")], fixed=["name"])
    token_of(file)                                                # "" for any other workbook
    read(file, [*HIDDEN, *COLUMNS], partial=True)                 # rows have "key" and "version" besides
    as_text(column, value)                                        # what to set beside what was handed out
"""

from portal.workbook.columns import Column
from portal.workbook.handing import HIDDEN, KEY, VERSION, as_text, token_of, write_handout
from portal.workbook.problems import CellError, WorkbookRefused, said
from portal.workbook.sheet import Row, Sheet, read
from portal.workbook.text import name_key, same_name
from portal.workbook.writing import Leaf, response, write, write_csv, write_leaves

__all__ = [
    "HIDDEN",
    "KEY",
    "VERSION",
    "CellError",
    "Column",
    "Leaf",
    "Row",
    "Sheet",
    "WorkbookRefused",
    "as_text",
    "name_key",
    "read",
    "response",
    "said",
    "same_name",
    "token_of",
    "write",
    "write_csv",
    "write_handout",
    "write_leaves",
]

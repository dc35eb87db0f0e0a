"""推荐填报表: the round's workbook, a column for each question of the edition's form that fits in a cell."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from nominations import subjects, summary
from nominations.cells import column_of
from nominations.declaration import Shape, clean, shape_of
from nominations.declaration.cleaning import MOST_TEXT, is_blank
from nominations.declaration.facts import facts_of
from nominations.declaration.shape import CORE, Field
from nominations.models import Edition, Nomination
from portal.workbook import Column, as_text

TITLE = "推荐填报表"
#: Locked in the rows that go out; what a row is about cannot become another enterprise.
FIXED = ("serial", "recommender", "credit_code", summary.ENTERPRISE_NAME)
#: Not of the declaration: the sheet's own, the nomination's, and what says which it is.
HEAD = ("serial", "recommender", "rank", "name", summary.ENTERPRISE_NAME, "credit_code")
_IN_CELLS = ("text", "long", "integer", "decimal", "money", "percent", "date", "boolean", "choice", "choices")

GUIDE = (
    ("怎么填", "灰色各格（序号、推荐单位、信用代码）是原有的行，不能改；其余各格可以改。只改要改的格。"),
    ("新增一家", "在下面的空行里填。企业名称和统一社会信用代码必填；办公室填报的，还要填推荐单位全称。"),
    ("不报的", "把整行删除也不会撤回：文件里没有的行保持原样。要撤回，请在企业页面办理并写明理由。"),
    ("清空一格", "原有的行里把一格清空，上传后就清空这一项；预览会列出来。"),
    ("怎么交", "存为 .xlsx 后在原页面上传。先看预览：新增、改动、冲突逐格列出，确认后才写入，整份一起写入。"),
    ("冲突", "下载后别人在网上也改过同一格的，预览会列出两份，由您逐格选择。"),
    ("可以放心的", "调整列宽、移动列、排序、增删行都不影响上传。请勿取消隐藏、改动隐藏的列。"),
    ("不在表里的", "佐证、认定证书的明细、工作室和竞赛等表格式内容，请在网上填报。"),
)


def columns_of(edition: Edition) -> list[Column]:
    """The columns in their order: those of the 推荐汇总表 first, then what else the form asks.

    A table is left out: in one cell it would lose all but its first column.
    """
    shape = shape_of(edition)
    tables = {field.key for field in shape if field.kind == "rows"}
    head = [
        replace(column, required=False) for column in summary.columns_of(edition) if column.key not in tables
    ]
    known = {column.key for column in head}
    return head + [column_of(field) for field in shape if field.key not in known and field.kind in _IN_CELLS]


def offers_of(edition: Edition) -> dict[str, list[str]]:
    """The words of the drop-downs: where exactly one of several is meant."""
    keys, shape = {column.key for column in columns_of(edition)}, shape_of(edition)
    return {field.key: list(field.choices) for field in shape if field.kind == "choice" and field.key in keys}


def guide_of(edition: Edition) -> list[tuple[str, str]]:
    fields = shape_of(edition).by_key
    told = [(column.name, _how(fields[column.key])) for column in columns_of(edition) if column.key in fields]
    guide = GUIDE
    if not subjects.is_enterprise(edition):
        own = f"{subjects.title_of(edition)}、企业名称和统一社会信用代码必填"
        guide = [(what, how.replace("企业名称和统一社会信用代码必填", own)) for what, how in GUIDE]
    return [*guide, *((name, how) for name, how in told if how)]


def row_of(nomination: Nomination, columns: list[Column]) -> dict:
    """What goes out for a nomination: typed values by key."""
    facts = facts_of(nomination.subject_name, nomination.declaration)
    return {column.key: _typed(column, facts.get(column.key)) for column in columns} | {
        "recommender": nomination.recommender.name,
        "rank": nomination.rank,
        "name": nomination.subject_name,
        summary.ENTERPRISE_NAME: nomination.enterprise.name,
        "credit_code": nomination.enterprise.credit_code,
    }


def texts_of(nomination: Nomination, columns: list[Column]) -> dict[str, str]:
    """What the record says in the columns one may change, as text to be compared."""
    row = row_of(nomination, columns)
    return {column.key: text_of(column, row.get(column.key)) for column in columns if column.key not in FIXED}


def text_of(column: Column, value) -> str:
    """One value as text, whether it comes from the record or from a cell that was cleaned."""
    return as_text(column, _typed(column, value))


def cleaned(shape: Shape, key: str, value):
    """A cell as the declaration keeps it. Raises `Unfit`."""
    field = shape.by_key.get(key)
    return clean(field, value) if field is not None and key not in HEAD else value


def declared(values: dict) -> dict:
    """Cells by key, cleaned, as `save_declaration` takes them."""
    core = {key: value for key, value in values.items() if key in CORE and key != "name"}
    answers = {key: value for key, value in values.items() if key not in CORE and key not in HEAD}
    return core | ({"answers": answers} if answers else {})


def _typed(column: Column, value):
    """A kept value as a cell holds it."""
    if is_blank(value):
        return None
    if isinstance(value, (list, tuple)):
        return "、".join(str(each) for each in value)
    if isinstance(value, str) and column.kind == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and column.kind == "decimal":
        return Decimal(value)
    return value


def _how(field: Field) -> str:
    about = {
        "integer": "整数，只写数字。",
        "decimal": "数字，不带单位。",
        "money": "数字，不带单位。",
        "percent": "0 至 100 的数字。",
        "date": "日期，写成 2020-10-16 的样子。",
        "boolean": "是或否。",
        "choice": f"从下拉列表中选一项：{'、'.join(field.choices)}。",
        "choices": f"可填多项，用顿号隔开：{'、'.join(field.choices)}。",
    }.get(field.kind, "")
    if field.most > MOST_TEXT and "字以内" not in field.help:
        about = f"{field.most} 字以内。"
    return f"{about}{field.help}"

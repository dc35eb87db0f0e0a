"""推荐汇总表: the sheet the unions sign, read and written in the same columns: nineteen for enterprises."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from nominations import rules, subjects
from nominations.cells import answer_of, column_of, shown
from nominations.declaration import ENTERPRISE, Field, Shape, shape_of
from nominations.models import Edition, Nomination
from nominations.states import State
from portal.workbook import Column

TITLE = "推荐汇总表"
#: The enterprise's name, where the column `name` has that of what is selected.
ENTERPRISE_NAME = "enterprise_name"

COLUMNS = [
    Column("序号", "serial", "integer", minimum=1),
    Column("推荐单位", "recommender", required=True, max_length=120),
    Column("推荐排序", "rank", "integer", minimum=1, maximum=9999),
    Column("企业名称", "name", required=True, max_length=120),
    Column("统一社会信用代码", "credit_code", required=True, code=True, check=rules.credit_code),
    Column("所属区市", "division_name", required=True, max_length=30),
    Column("企业性质", "nature", required=True, max_length=20, check=rules.parse_nature),
    Column("所属行业", "industry", required=True, max_length=40),
    Column("十强产业", "key_industry", max_length=20, check=rules.parse_key_industry),
    Column("职工人数", "employees", "integer", required=True, minimum=1, maximum=9_999_999),
    Column("工会成立时间", "union_founded_on", "date", required=True),
    Column("工会会员数", "union_members", "integer", required=True, minimum=0, maximum=9_999_999),
    Column("省部级以上认定", "recognitions", multiline=True, check=rules.parse_recognitions),
    Column("独立法人", "independent", "boolean", required=True),
    Column(
        "一线职工教育经费占比(%)",
        "frontline_share",
        "decimal",
        percent=True,
        places=2,
        minimum=0,
        maximum=100,
    ),
    Column("联系人", "contact_name", required=True, max_length=40),
    Column("联系电话", "contact_phone", required=True, code=True, max_length=40),
    Column("主要事迹", "deeds", required=True, multiline=True, max_length=2000),
    Column("备注", "note", max_length=500),
]


_HOUSE = COLUMNS[5:]


def columns_of(edition: Edition) -> list[Column]:
    """The columns of an edition: who it is, what its form needs, and what of the house's columns it asks.

    By the form of the house these are COLUMNS. Where the subject is not the enterprise its own name stands
    before that of the enterprise.
    """
    shape = shape_of(edition)
    head = COLUMNS[:5]
    if not subjects.is_enterprise(edition):
        name = replace(COLUMNS[3], name=subjects.title_of(edition))
        head = [*COLUMNS[:3], name, replace(COLUMNS[3], key=ENTERPRISE_NAME), COLUMNS[4]]
    needed = [column_of(each, required=True) for each in shape.answers if each.need == "submit"]
    return [*head, *needed, *(_house(each, shape) for each in _HOUSE if each.key in shape.by_key)]


def _house(column: Column, shape: Shape) -> Column:
    """A column of the house as the form of the edition calls it, and needed where that needs it."""
    field, title = shape.by_key[column.key], ENTERPRISE.by_key[column.key].title
    named = {} if field.title == title else {"name": field.title, "aliases": (column.name,)}
    return replace(column, required=field.need == "submit", **named)


def declared(values: dict, shape: Shape = ENTERPRISE) -> dict:
    """The cells of a row as the fields of a declaration."""
    core = {column.key: values[column.key] for column in _HOUSE if column.key in values}
    for key, read in _READ.items():
        if key in core:
            core[key] = read(core[key])
    answers = {each.key: answer_of(each, values[each.key]) for each in shape.answers if each.key in values}
    return core | ({"answers": answers} if answers else {})


_READ = {
    "nature": rules.parse_nature,
    "key_industry": rules.parse_key_industry,
    "recognitions": lambda text: list(rules.parse_recognitions(text)),
    "note": lambda text: text or "",
}


def rows_of(edition: Edition, nominations: Iterable[Nomination]) -> Iterator[dict]:
    """Nominations, with declaration, enterprise and recommender at hand, as rows of the sheet."""
    shape, columns = shape_of(edition), columns_of(edition)
    house = {column.key for column in _HOUSE}
    asked = [each for each in shape.answers if each.need == "submit"]
    for serial, nomination in enumerate(nominations, start=1):
        facts, answers = nomination.declaration, nomination.declaration.answers
        yield {
            **{each.key: getattr(facts, each.key) for each in columns if each.key in house},
            **{each.key: _typed(each, answers.get(each.key)) for each in asked},
            "recognitions": "、".join(facts.recognitions),
            "serial": serial,
            "recommender": nomination.recommender.name,
            "rank": nomination.rank,
            "name": nomination.subject_name,
            ENTERPRISE_NAME: nomination.enterprise.name,
            "credit_code": nomination.enterprise.credit_code,
        }


def _typed(field: Field, value):
    """An answer as a cell holds it."""
    value = shown(field, value)
    if isinstance(value, list):
        return "、".join(value)
    if value is None or field.kind not in ("date", "decimal", "money", "percent"):
        return value
    return date.fromisoformat(value) if field.kind == "date" else Decimal(value)


def handed_in(edition: Edition):
    """What stands on the sheet: everything handed in and not withdrawn, in the unions' order."""
    return (
        edition.nominations.exclude(state__in=(State.DRAFT, State.WITHDRAWN))
        .select_related("enterprise", "recommender", "declaration")
        .order_by("recommender__position", "recommender__code", "rank", "pk")
    )

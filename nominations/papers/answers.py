"""What was declared, laid out for paper after the shape of the form: each kind of answer in its own way."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from nominations.declaration import Field
from nominations.papers.layout import Facts, Grid, Text, facts_of
from portal.documents import paragraphs, plain_day

LONG = 300  # a text that may be longer has a box of its own


def blocks_of(fields: Iterable[Field], facts: Mapping, documents: Mapping[int, str], extra=()) -> list:
    """`facts` are canonical values by key, `documents` the titles of evidence by number.

    `extra` are further facts (label, value), set after the first field.
    """
    blocks, waiting = [], []
    for field in fields:
        value = facts.get(field.key)
        block = _block(field, value, facts, documents)
        if block is None:
            waiting.append((field.title, words(field, value, documents)))
            waiting += extra
            extra = ()
            continue
        blocks += [facts_of(waiting)] if waiting else []
        blocks.append(block)
        waiting = []
    return blocks + ([facts_of(waiting)] if waiting else [])


def _block(field: Field, value, facts: Mapping, documents: Mapping[int, str]) -> Facts | Grid | Text | None:
    """Lists and long texts stand by themselves; anything else is a line of a table of facts."""
    if field.kind == "long" and field.most > LONG:
        return Text(f"{field.title}（{field.most} 字以内）", paragraphs(value or ""), field.most)
    columns = [column.title for column in field.columns]
    if field.kind == "rows":
        return Grid(field.title, columns, [_cells(field, row, documents) for row in value or ()])
    if field.kind == "details":
        given = value or {}
        chosen = facts.get(field.of) or ()
        rows = [[each, *_cells(field, given.get(each, {}), documents)] for each in chosen]
        return Grid(field.title, ["名称", *columns], rows)
    return None


def _cells(field: Field, row: Mapping, documents: Mapping[int, str]) -> list[str]:
    return [words(column, row.get(column.key), documents) for column in field.columns]


def words(field: Field, value, documents: Mapping[int, str]) -> str:
    """A canonical value as the form writes it; what was not answered is left empty for the hand."""
    if value is None or value == "" or value == []:
        return ""
    match field.kind:
        case "boolean":
            text = "是" if value else "否"
        case "date":
            text = plain_day(date.fromisoformat(value))
        case "integer" | "decimal" | "money" | "percent":
            text = f"{Decimal(str(value)):,f}"
        case "choices":
            text = "、".join(value)
        case "evidence":
            text = documents.get(value, "")
        case _:
            text = "\n".join(paragraphs(str(value)))
    if not text or not field.unit:
        return text
    return f"{text}{field.unit}" if field.unit == "%" else f"{text} {field.unit}"

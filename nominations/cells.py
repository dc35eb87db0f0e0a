"""An answer in one cell of a workbook: the column of a question, and a cell as the answer that is kept."""

import re
from collections.abc import Mapping

from nominations.declaration import clean
from nominations.declaration.category import fits_a_cell
from nominations.declaration.cleaning import MOST_INTEGER, MOST_LONG, MOST_TEXT, is_blank
from nominations.declaration.shape import Field
from portal.workbook import Column

_WIDE, _WIDER = 30, 56
_BETWEEN = re.compile(r"[、，,;；\n\r]+")


def column_of(field: Field, *, required: bool = False) -> Column:
    """The column of a question that `fits_a_cell`; of a table its first column, one name after the other."""
    name = f"{field.title}（{field.unit}）" if field.unit else field.title
    more = {"required": required}
    match field.kind:
        case "text":
            return Column(name, field.key, max_length=field.most or MOST_TEXT, **more)
        case "long":
            most = field.most or MOST_LONG
            return Column(name, field.key, max_length=most, multiline=True, width=_WIDER, **more)
        case "integer":
            return Column(name, field.key, "integer", minimum=0, maximum=MOST_INTEGER, **more)
        case "decimal" | "money":
            places = 2 if field.kind == "money" else 4
            return Column(name, field.key, "decimal", minimum=0, places=places, **more)
        case "percent":
            return Column(name, field.key, "decimal", percent=True, minimum=0, maximum=100, places=2, **more)
        case "date" | "boolean":
            return Column(name, field.key, field.kind, **more)
    # Read as words, so that the form says itself what is wrong with them.
    return Column(
        name, field.key, multiline=True, check=lambda words: answer_of(field, words), width=_WIDE, **more
    )


def answer_of(field: Field, value):
    """A cell as the declaration keeps it. Raises `Unfit`."""
    if field.kind == "rows" and isinstance(value, str):
        first = field.columns[0].key
        value = [{first: part} for part in _BETWEEN.split(value) if part.strip()]
    return clean(field, value)


def shown(field: Field, value):
    """An answer as its cell shows it: of a table the first column, one name after the other."""
    if field.kind == "rows" and not is_blank(value):
        first = field.columns[0].key
        return "、".join(str(row[first]) for row in value if isinstance(row, Mapping) and first in row)
    return value


__all__ = ["answer_of", "column_of", "fits_a_cell", "shown"]

"""A workbook that went out and came back, set against the record as it is now: three sides to every cell.

Pure: texts in, decisions out. `base` is what a row said when it was handed out, `now` what the record says,
`yours` what the file says; each a mapping of column to text, where empty text is an empty cell.

Cell by cell: a cell the person left as it went out asks for nothing, whatever the record says now; a cell
that says what the record says is agreed; anything else is asked for, and *clashes* when the record has moved
as well. Which side wins a clash is chosen by a person, never by this page.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

YOURS, NOW = "yours", "now"
SIDES = (YOURS, NOW)
WHOLE = "*"  # the choice for a row that stands or falls as one


@dataclass(frozen=True)
class Cell:
    """One cell in which the file asks for something else than the record says."""

    column: str
    base: str
    now: str
    yours: str
    clash: bool


def compare(
    base: Mapping[str, str], now: Mapping[str, str], yours: Mapping[str, str], *, together: bool = False
) -> tuple[Cell, ...]:
    """The cells the file asks to change, in the order of `base`; a column the file lacks asks for nothing.

    `together`: the row is one statement, so that where both sides moved all its differing cells clash.
    """
    columns = [column for column in base if column in yours]
    asked = [column for column in columns if yours[column] not in (base[column], now.get(column, ""))]
    if together and asked and any(now.get(column, "") != base[column] for column in columns):
        return tuple(
            Cell(column, base[column], now.get(column, ""), yours[column], clash=True)
            for column in columns
            if yours[column] != now.get(column, "")
        )
    return tuple(
        Cell(
            column,
            base[column],
            now.get(column, ""),
            yours[column],
            clash=now.get(column, "") != base[column],
        )
        for column in asked
    )


def unsettled(cells: Iterable[Cell], choices: Mapping[str, str]) -> list[str]:
    """The clashing columns nobody has chosen a side for."""
    return [cell.column for cell in cells if cell.clash and _side(cell, choices) not in SIDES]


def settle(cells: Iterable[Cell], choices: Mapping[str, str]) -> list[str]:
    """The columns to be written as the file says. Raises `LookupError` while a clash is unsettled."""
    cells = list(cells)
    if still := unsettled(cells, choices):
        raise LookupError(f"No side was chosen for {still}")
    return [cell.column for cell in cells if not cell.clash or _side(cell, choices) == YOURS]


def digest(seen: object) -> str:
    """SHA-256 of what a preview showed, as canonical JSON: equal only when nothing has moved since."""
    text = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def excerpts(one: str, other: str, most: int = 160) -> tuple[str, str]:
    """Two long texts from a little before they begin to differ, each cut to `most` characters."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    start = min(len(one), len(other)) if same is None else same
    start = max(0, start - most // 4) if max(len(one), len(other)) > most else 0
    return tuple(
        ("…" if start and text else "")
        + text[start : start + most]
        + ("…" if len(text) > start + most else "")
        for text in (one, other)
    )


def _side(cell: Cell, choices: Mapping[str, str]) -> str | None:
    return choices.get(cell.column, choices.get(WHOLE))

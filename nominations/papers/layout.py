"""What a form on paper is made of: numbered sections of facts, lists and long texts."""

from collections.abc import Iterable
from dataclasses import dataclass

TO_WRITE_IN = 3  # empty rows of a list without rows
NUMERALS = "一二三四五六七八九十"
_SHORT_LABEL, _SHORT_VALUE = 12, 22  # characters that leave room for a second fact beside this one


@dataclass(frozen=True)
class Row:
    """One line of a table of facts: two facts beside each other, or one that takes the whole width."""

    label: str
    value: str
    second: tuple[str, str] | None = None

    @property
    def lines(self) -> list[str]:
        return self.value.split("\n")


@dataclass(frozen=True)
class Facts:
    rows: list[Row]
    kind: str = "facts"


@dataclass(frozen=True)
class Grid:
    """A list: its columns, and its rows as text; where there are none, empty ones to write in."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    kind: str = "grid"

    @property
    def lines(self) -> list[list[str]]:
        return self.rows or [[""] * len(self.columns)] * TO_WRITE_IN

    @property
    def narrow(self) -> bool:
        """Whether the first column only counts."""
        return self.columns[0] == "序号"


@dataclass(frozen=True)
class Text:
    """A long text in a box of its own; `most` is the characters it may have."""

    title: str
    paragraphs: list[str]
    most: int = 0
    kind: str = "text"

    @property
    def lines(self) -> list[str]:
        """The paragraphs; where nothing was written, room for half of what may be."""
        return self.paragraphs or [""] * max(3, self.most // 80)


@dataclass(frozen=True)
class Section:
    title: str
    blocks: list[Facts | Grid | Text]


def facts_of(facts: Iterable[tuple[str, str]]) -> Facts:
    """Short facts two by two, in their order; a long one alone."""
    rows, waiting = [], None
    for label, value in facts:
        if not _is_short(label, value):
            rows += [Row(*waiting)] if waiting else []
            rows.append(Row(label, value))
            waiting = None
        elif waiting:
            rows.append(Row(*waiting, second=(label, value)))
            waiting = None
        else:
            waiting = label, value
    return Facts([*rows, Row(*waiting)] if waiting else rows)


def numbered(sections: Iterable[Section]) -> list[Section]:
    """一、二、三… before each title."""
    return [Section(f"{_numeral(n)}、{each.title}", each.blocks) for n, each in enumerate(sections, start=1)]


def _is_short(label: str, value: str) -> bool:
    return len(label) <= _SHORT_LABEL and len(value) <= _SHORT_VALUE and "\n" not in value


def _numeral(n: int) -> str:
    return NUMERALS[n - 1] if n <= 10 else f"十{NUMERALS[n - 11]}"

"""What a column of a workbook holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.workbook.text import header_key

KINDS = ("text", "integer", "decimal", "date", "choice", "boolean")


@dataclass(frozen=True)
class Column:
    """A column: its heading, the key its values are found under, and what may stand in it.

    `required`    the column must be there and none of its cells may be empty
    `code`        a code or phone number: text, half-width, upper case, no spaces; never a long number
    `choices`     the words allowed, or a mapping of word to value; for a boolean, words beside 是 and 否
    `aliases`     other headings it may have
    `multiline`   line breaks are kept (text only)
    `percent`     the figure is a percentage: a cell shown as 72% is read as 72 (decimal and integer only)
    `places`      most decimal places allowed (decimal only)
    `check`       called with the typed value; raises `Refused`
    `width`       when written, in characters; otherwise taken from the content
    """

    name: str
    key: str
    kind: str = "text"
    required: bool = False
    choices: Iterable[str] | Mapping[str, object] = ()
    aliases: Iterable[str] = ()
    max_length: int | None = None
    code: bool = False
    multiline: bool = False
    percent: bool = False
    places: int | None = None
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    check: Callable[[object], None] | None = None
    width: int | None = None

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: no kind of column is called {self.kind!r}")

    @property
    def headings(self) -> set[str]:
        return {header_key(name) for name in (self.name, *self.aliases)}

    @property
    def options(self) -> dict[str, object]:
        if isinstance(self.choices, Mapping):
            return dict(self.choices)
        return {word: word for word in self.choices}

"""A field of a declaration as the page writes it, tables cell by cell."""

from dataclasses import dataclass, field

from django.forms import BoundField
from django.utils.translation import gettext as _

from nominations.declaration import Field
from nominations.folder import standing_for
from nominations.forms.answers import SPARE_ROWS


@dataclass(frozen=True)
class Cell:
    """One control of a table: what it is called, what it says, what it may say."""

    name: str
    title: str
    kind: str
    value: str
    most: int = 0
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class CellRow:
    title: str
    cells: list[Cell]
    blank: bool = False
    # For details: the choice they belong to.
    of: str = ""


@dataclass(frozen=True)
class DeclaredLine:
    """One field with its unit, clause, note of a return, and what deserves a look."""

    field: BoundField
    asked: Field
    unit: str = ""
    most: int | str = ""
    note: str = ""
    worries: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[CellRow] = field(default_factory=list)
    spare: CellRow | None = None


@dataclass(frozen=True)
class DeclaredPart:
    key: str
    title: str
    lines: list[DeclaredLine]

    @property
    def errors(self) -> int:
        return sum(len(line.field.errors) for line in self.lines)

    @property
    def notes(self) -> int:
        return sum(1 for line in self.lines if line.note)


def line_of(bound: BoundField, asked: Field, *, note="", worries=(), documents=()) -> DeclaredLine:
    heads, rows, spare = [], [], None
    if asked.kind in ("rows", "details"):
        heads = [_(each.title) for each in asked.columns]
        value = bound.value() or ({} if asked.kind == "details" else [])
        rows = (
            _details(bound, asked, value, documents)
            if asked.kind == "details"
            else _rows(bound, asked, value)
        )
        if asked.kind == "rows":
            spare = CellRow(_("新的一行"), _cells(f"{bound.html_name}-__n__", asked, {}, ()), blank=True)
    return DeclaredLine(
        field=bound,
        asked=asked,
        unit=_(asked.unit) if asked.unit else "",
        most=asked.most if asked.kind == "long" else "",
        note=note,
        worries=list(worries),
        heads=heads,
        rows=rows,
        spare=spare,
    )


def _rows(bound, asked, value) -> list[CellRow]:
    shown = [row for row in value if any(row.values())]
    blank = [{} for _each in range(min(SPARE_ROWS, max((asked.most or 30) - len(shown), 0)))]
    return [
        CellRow(
            _("第 {n} 行").format(n=n + 1), _cells(f"{bound.html_name}-{n}", asked, row, ()), blank=not row
        )
        for n, row in enumerate([*shown, *blank])
    ]


def _details(bound, asked, value, documents) -> list[CellRow]:
    field = bound.form.shape.by_key[asked.of]
    return [
        CellRow(
            _(choice), _cells(f"{bound.html_name}-{n}", asked, value.get(choice, {}), documents), of=choice
        )
        for n, choice in enumerate(field.choices)
    ]


def _cells(prefix, asked, row, documents) -> list[Cell]:
    return [
        Cell(
            name=f"{prefix}-{each.key}",
            title=_(each.title),
            kind=each.kind,
            value=_shown(row.get(each.key)),
            most=each.most,
            choices=_options(each, row.get(each.key), documents),
        )
        for each in asked.columns
    ]


def _shown(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _options(column, value, documents) -> list[tuple[str, str]]:
    if column.kind == "choice":
        return [("", "—"), *((word, _(word)) for word in column.choices)]
    if column.kind == "boolean":
        return [("", "—"), ("yes", _("是")), ("no", _("否"))]
    if column.kind == "evidence":
        found = [
            (str(each.pk), each.title)
            for each in documents
            if each.replaced_by_id is None and each.voided_at is None
        ]
        if value and str(value) not in dict(found):
            found.append((str(value), _since(value, documents)))
        return [("", "—"), *found]
    return []


def _since(value, documents) -> str:
    """What became of the document that is named: another in its place, or set aside."""
    document = standing_for(documents).get(int(value)) if str(value).isdecimal() else None
    if document is None or document.voided_at:
        return _("已作废的一份")
    return _("{title}（已替换为新的一份）").format(title=document.title)

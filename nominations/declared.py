"""What was declared, section by section, in the words of the form: for whoever looks it through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from nominations.declaration import Field, shape_of
from nominations.declaration.facts import facts_of
from nominations.folder import Shelf, folder_of
from nominations.models import Evidence, Nomination
from portal.templatetags.portal import cndate, yuan

EVIDENCE = "evidence:"


@dataclass(frozen=True)
class DeclaredLine:
    """One field: its key, its title in the form, what was filled in ("" for nothing), its clause."""

    key: str
    title: str
    words: str
    clause: str = ""
    is_long: bool = False


@dataclass(frozen=True)
class DeclaredSection:
    key: str
    title: str
    lines: list[DeclaredLine]


def declared_sections(nomination: Nomination) -> list[DeclaredSection]:
    facts = facts_of(nomination.subject_name, nomination.declaration)
    return [
        DeclaredSection(
            section.key,
            _(section.title),
            [
                DeclaredLine(
                    each.key,
                    _(each.title),
                    value_words(each, facts.get(each.key)),
                    each.clause,
                    each.kind in ("long", "rows", "details"),
                )
                for each in section.fields
            ],
        )
        for section in shape_of(nomination.edition).sections
    ]


def evidence_shelves(nomination: Nomination) -> list[Shelf]:
    """Every kind there is something of or that the edition requires, and after them the empty rest."""
    shelves = folder_of(nomination).shelves
    shown = {shelf.kind for shelf in shelves}
    rest = [Shelf(kind, str(kind.label), required=False) for kind in Evidence.Kind if kind not in shown]
    return [*shelves, *rest]


def note_titles(nomination: Nomination) -> dict[str, str]:
    """Where a note may stand: every field in the order of the form, then every kind of evidence."""
    fields = {each.key: _(each.title) for each in shape_of(nomination.edition)}
    return fields | {f"{EVIDENCE}{kind}": str(label) for kind, label in Evidence.Kind.choices}


def value_words(field: Field | None, value) -> str:
    """A canonical value as a person reads it; "" for nothing. Without a field: one no longer asked."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    kind = field.kind if field else ""
    if kind == "date":
        return cndate(date.fromisoformat(value))
    if kind == "money":
        return yuan(value)
    if kind == "evidence":
        return _("见佐证")
    if isinstance(value, list) and kind == "rows":
        lines = (_cells_words(field, row) for row in value)
        return "\n".join(f"{n}. {words}" for n, words in enumerate(lines, start=1))
    if isinstance(value, Mapping) and kind == "details":
        return "\n".join(f"{_(chosen)}：{_cells_words(field, row)}" for chosen, row in value.items())
    if isinstance(value, (list, tuple)):
        return "、".join(_(each) if isinstance(each, str) else str(each) for each in value)
    unit = field.unit if field else ""
    words = _(value) if isinstance(value, str) and kind == "choice" else str(value)
    return f"{words} {_(unit)}" if unit and unit != "%" else f"{words}{unit}"


def _cells_words(field: Field, row: Mapping) -> str:
    words = {each.key: (_(each.title), value_words(each, row.get(each.key))) for each in field.columns}
    return "；".join(f"{title} {said}" for title, said in words.values() if said)

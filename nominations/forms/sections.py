"""A form shown in sections, each field with its unit and what stands behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Line:
    """One field as `components/field.html` takes it."""

    field: object
    unit: str = ""
    clause: str = ""
    most: int | str = ""


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    lines: list[Line]

    @property
    def errors(self) -> int:
        return sum(len(line.field.errors) for line in self.lines)


class InSections:
    """Mixin: SECTIONS is (key, title, field names); UNITS, CLAUSES and MOST are looked up by field name."""

    SECTIONS: tuple = ()
    UNITS: dict = {}
    CLAUSES: dict = {}
    MOST: dict = {}

    @property
    def sections(self) -> list[Section]:
        return [
            Section(key, _(title), [self._line(name) for name in names if name in self.fields])
            for key, title, names in self.SECTIONS
            if any(name in self.fields for name in names)
        ]

    @property
    def hidden(self) -> list:
        return [field for field in self if field.is_hidden]

    def _line(self, name: str) -> Line:
        unit = self.UNITS.get(name, "")
        return Line(self[name], _(unit) if unit else "", self.CLAUSES.get(name, ""), self.MOST.get(name, ""))

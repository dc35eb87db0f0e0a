"""The form of a category as data: sections of fields, each of a kind, needed or advised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

from portal.errors import Refused

#: What a field may hold; `nominations.declaration.cleaning` says what each looks like when it is kept.
KINDS = (
    "text",
    "long",
    "integer",
    "decimal",
    "money",
    "percent",
    "date",
    "boolean",
    "choice",
    "choices",
    "rows",
    "details",
    "evidence",
)
#: `submit` stands in the way of handing in, `advised` only counts in the meter.
NEEDS = ("submit", "advised", "optional")
#: Fields with a column of their own; `name` is the nomination's, the rest the declaration's.
CORE = (
    "name",
    "nature",
    "industry",
    "key_industry",
    "division_name",
    "independent",
    "employees",
    "union_founded_on",
    "union_members",
    "recognitions",
    "frontline_share",
    "contact_name",
    "contact_phone",
    "deeds",
    "note",
)
#: What a field may be shown as in the exhibition, and the kinds of field that can be.
EXHIBITS = {
    "introduction": ("long",),
    "studio": ("rows", "long"),
    "team": ("rows", "long"),
    "result": ("rows", "long"),
    "figure": ("integer", "decimal", "money", "percent"),
}
#: Names the page itself uses.
RESERVED = ("version", "answers", "shown", "mine", "choose", "more", "credit_code", "recommender")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One question. `most` is characters (text, long) or rows; `of` names the choices that details are of."""

    key: str
    title: str
    kind: str = "text"
    need: str = "advised"
    core: bool = False
    private: bool = False
    unit: str = ""
    clause: str = ""
    most: int = 0
    help: str = ""
    of: str = ""
    # What it may be shown as in the exhibition, where it may be shown at all: one of EXHIBITS.
    exhibit: str = ""
    choices: tuple[str, ...] = ()
    columns: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading with its questions; `dimension` is the code of what experts score by it, or nothing."""

    key: str
    title: str
    dimension: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Shape:
    sections: tuple[Section, ...]
    by_key: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self):
        for each in self:
            _check(each, top=True)
            if each.key in self.by_key:
                raise Refused("申报表里“{key}”出现了两次，每一项的代号只能用一次。", key=each.key)
            self.by_key[each.key] = each
        for each in self:
            if each.kind == "details" and getattr(self.by_key.get(each.of), "kind", "") != "choices":
                raise Refused("申报表的“{title}”没有指明是哪一组多选项的明细。", title=each.title)

    def __iter__(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields

    @property
    def answers(self) -> list[Field]:
        """The fields without a column of their own, kept together in `Declaration.answers`."""
        return [each for each in self if not each.core]

    def needed(self) -> dict[str, str]:
        """Key → title of what must be there before it is handed in, in the order of the form."""
        return {each.key: each.title for each in self if each.need == "submit"}


def to_json(shape: Shape) -> dict:
    """As `Category.form` holds it; what is left at its default is left out."""
    return {
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                **({"dimension": section.dimension} if section.dimension else {}),
                "fields": [_field_json(each) for each in section.fields],
            }
            for section in shape.sections
        ]
    }


def from_json(data: dict) -> Shape:
    """Raises Refused, naming the field, where the data is no shape."""
    try:
        sections = tuple(
            Section(
                key=_key(each["key"]),
                title=str(each["title"]),
                dimension=str(each.get("dimension", "")),
                fields=tuple(_field_from(one) for one in each["fields"]),
            )
            for each in data["sections"]
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise Refused("申报表的格式不对（{problem}），请对照说明核对。", problem=repr(problem)) from None
    return Shape(sections)


def _field_json(one: Field) -> dict:
    kept = {
        each.name: getattr(one, each.name)
        for each in fields(one)
        if each.name in ("key", "title") or getattr(one, each.name) != each.default
    }
    if one.choices:
        kept["choices"] = list(one.choices)
    if one.columns:
        kept["columns"] = [_field_json(each) for each in one.columns]
    return kept


def _field_from(data: dict) -> Field:
    known = {each.name for each in fields(Field)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise Refused(
            "申报表的“{title}”有不认识的设置：{names}。",
            title=str(data.get("title", "")),
            names="、".join(unknown),
        )
    made = Field(**{**data, "key": _key(data["key"]), "title": str(data["title"])})
    return replace(
        made,
        choices=tuple(data.get("choices", ())),
        columns=tuple(_field_from(each) for each in data.get("columns", ())),
    )


def _key(text) -> str:
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise Refused("“{key}”不能作代号：用小写字母开头，只用小写字母、数字和下划线。", key=str(text))
    return text


def _check(one: Field, *, top: bool) -> None:
    problem = ""
    if one.kind not in KINDS:
        problem = "kind"
    elif one.need not in NEEDS:
        problem = "need"
    elif top and (one.core != (one.key in CORE) or one.key in RESERVED):
        problem = "core"
    elif one.kind in ("choice", "choices") and not one.choices:
        problem = "choices"
    elif (one.kind in ("rows", "details")) != bool(one.columns):
        problem = "columns"
    elif not top and one.kind in ("rows", "details", "choices", "long"):
        problem = "kind"
    elif one.exhibit and (not top or one.private or one.kind not in EXHIBITS.get(one.exhibit, ())):
        problem = "exhibit"
    if problem:
        raise Refused("申报表的“{title}”设置有误：{problem}。", title=one.title, problem=problem)
    for each in one.columns:
        _check(each, top=False)

"""The form of a category as data: sections of fields, each of a kind, needed or advised."""

import re
from collections.abc import Iterator, Mapping
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
#: Names the page and the workbooks of the round use themselves.
RESERVED = (
    *("version", "answers", "shown", "mine", "choose", "more", "credit_code", "recommender"),
    *("key", "serial", "rank", "enterprise_name", "subject_name"),
)
#: Headings the workbooks of the round have beside the questions; the last four are names of subjects.
HEADINGS = (
    *("行标识", "版本", "序号", "推荐单位", "推荐排序", "企业名称", "统一社会信用代码"),
    *("姓名", "工作室名称", "班组名称", "成果名称"),
)
#: Keys and headings of the workbooks of scores beside the dimensions, each of which has its 评语.
SCORE_KEYS = ("expert", "credit_code", "name", "subject_name", "recused", "comment")
SCORE_HEADINGS = (*HEADINGS, "专家编号", "回避", "评语", "加权总分", "总评语")
MOST_TITLE = 60  # characters of a title or a choice
MOST_MOST = 5000
#: What each setting of a field is in JSON.
_TYPES = dict.fromkeys(("key", "title", "kind", "need", "unit", "clause", "help", "of", "exhibit"), str)
_TYPES |= {"core": bool, "private": bool, "most": int, "choices": list, "columns": list}
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
        keys = [section.key for section in self.sections]
        for section in self.sections:
            if keys.count(section.key) > 1:
                raise Refused(
                    "申报表里“{key}”这一节的代号出现了两次，每一节的代号只能用一次。", key=section.key
                )
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
    parts = data.get("sections") if isinstance(data, Mapping) else None
    if not isinstance(parts, list) or not parts:
        raise Refused("申报表应有“sections”，至少一节，请对照下载的文件核对。")
    return Shape(tuple(_section_from(n, each) for n, each in enumerate(parts, start=1)))


def _section_from(n: int, data: object) -> Section:
    if not isinstance(data, Mapping) or not _is_words(data.get("title"), MOST_TITLE):
        raise Refused("申报表第 {n} 节没有标题，或写法不对，请对照下载的文件核对。", n=n)
    title = data["title"]
    asked, dimension = data.get("fields"), data.get("dimension", "")
    unknown = sorted(map(str, set(data) - {"key", "title", "dimension", "fields"}))
    if unknown:
        raise Refused("申报表的“{title}”有不认识的设置：{names}。", title=title, names="、".join(unknown))
    if not isinstance(asked, list) or not asked or not isinstance(dimension, str):
        raise Refused("申报表的“{title}”一节没有内容，或写法不对，请对照下载的文件核对。", title=title)
    return Section(_key(data.get("key")), title, dimension, tuple(_field_from(one) for one in asked))


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


def _field_from(data: object) -> Field:
    if not isinstance(data, Mapping) or not _is_words(data.get("title"), MOST_TITLE):
        key = str(data.get("key", "")) if isinstance(data, Mapping) else str(data)[:40]
        raise Refused("申报表的“{key}”没有标题，或写法不对，请对照下载的文件核对。", key=key)
    title = data["title"]
    unknown = sorted(map(str, set(data) - set(_TYPES)))
    if unknown:
        raise Refused("申报表的“{title}”有不认识的设置：{names}。", title=title, names="、".join(unknown))
    for name, value in data.items():
        if name != "key" and type(value) is not _TYPES[name]:
            raise Refused("申报表的“{title}”设置有误：{problem}。", title=title, problem=name)
    choices = data.get("choices", [])
    if any(not _is_words(each, MOST_TITLE) for each in choices) or len(set(choices)) < len(choices):
        raise Refused("申报表的“{title}”的选项有空的、重复的或太长的。", title=title)
    if not 0 <= data.get("most", 0) <= MOST_MOST:
        raise Refused("申报表的“{title}”的字数或行数应在 0 至 {most} 之间。", title=title, most=MOST_MOST)
    made = Field(**{**data, "key": _key(data.get("key"))})
    return replace(
        made,
        choices=tuple(choices),
        columns=tuple(_field_from(each) for each in data.get("columns", ())),
    )


def _is_words(text: object, most: int) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= most


def _key(text) -> str:
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise Refused("“{key}”不能作代号：用小写字母开头，只用小写字母、数字和下划线。", key=str(text))
    return text


def _check(one: Field, *, top: bool) -> None:
    if top and one.key in RESERVED:
        raise Refused(
            "“{key}”是系统自用的代号，请给申报表的“{title}”另取一个。", key=one.key, title=one.title
        )
    problem = ""
    if one.kind not in KINDS:
        problem = "kind"
    elif one.need not in NEEDS:
        problem = "need"
    elif top and one.core != (one.key in CORE):
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
    keys = [each.key for each in one.columns]
    for each in one.columns:
        if keys.count(each.key) > 1:
            raise Refused(
                "申报表的“{title}”里“{key}”出现了两次，每一栏的代号只能用一次。",
                title=one.title,
                key=each.key,
            )
        _check(each, top=False)

"""委员会决定: what the form and the rubric of a category must be, so that an edition is held by them. Pure.

A rubric is a list of {"code", "name", "weight", "guidance", "subpoints"}: what experts score, a weight each
(decimal text or a whole number), the weights 100 together; guidance is a text, subpoints a list of lines.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from nominations.declaration.enterprise import ENTERPRISE
from nominations.declaration.shape import HEADINGS, SCORE_HEADINGS, SCORE_KEYS, Shape, from_json
from nominations.rules import normalise
from portal.errors import N_, Listing, Refused
from portal.figures import decimal_text
from portal.sentences import Sentence, sentence

#: What later steps read of every declaration: who it is, whether it may (S1 四.1), whom to call, its deeds.
NEEDED = (
    "name",
    "division_name",
    "nature",
    "independent",
    "union_founded_on",
    "contact_name",
    "contact_phone",
    "deeds",
)
MOST_FIELDS = 150
MOST_DIMENSIONS = 10
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_KEYS = {"code", "name", "weight", "guidance", "subpoints"}
_BRACKETS = str.maketrans("\u3014\u3015\u3010\u3011[]", "()()()")
_REMARK = re.compile(r"\((必填|选填|必选|文本格式|单选)\)$")
_MOST_NAME, _MOST_TEXT, _MOST_POINTS = 60, 1000, 12


def check_form(data: object) -> Shape:
    """The shape of a form as data; an empty one is that of the house. Raises Refused, naming the place."""
    if data == {}:
        return ENTERPRISE
    if not isinstance(data, Mapping):
        raise Refused(N_("申报表应是带有“sections”的一组设置，请对照下载的文件核对。"))
    if unknown := sorted(set(data) - {"sections"}):
        raise Refused("申报表有不认识的设置：{names}。", names="、".join(unknown))
    shape = from_json(data)
    fields = list(shape)
    if len(fields) > MOST_FIELDS:
        raise Refused("申报表有 {n} 项，最多 {most} 项。", n=len(fields), most=MOST_FIELDS)
    for key in NEEDED:
        if key not in shape.by_key:
            raise Refused(
                "申报表缺少“{title}”（{key}），资格审查、评审和联系企业要用，请加上。",
                title=ENTERPRISE.by_key[key].title,
                key=key,
            )
    for each in fields:
        if each.core:
            _check_core(each)
        elif each.need == "submit" and not fits_a_cell(each):
            raise Refused(
                "申报表的“{title}”不能设为必填（submit）：这一类内容填不进推荐汇总表，请改为建议填写（advised）。",
                title=each.title,
            )
    if shape.by_key["name"].need != "submit":
        raise Refused("申报表的“{title}”应设为必填（submit）。", title=shape.by_key["name"].title)
    _check_headings(fields)
    return shape


def _check_headings(fields) -> None:
    """What goes out as a workbook is found again by its headings: no two of them are alike."""
    taken = {_heading(name): "" for name in HEADINGS}
    for each in fields:
        if each.key == "name":
            continue
        names = [f"{each.title}（{each.unit}）" if each.unit else each.title]
        if each.core:
            # The workbooks know it by the name of the house as well.
            names = [each.title, ENTERPRISE.by_key[each.key].title]
        for name in dict.fromkeys(map(_heading, names)):
            other = taken.setdefault(name, each.title)
            if other == "":
                raise Refused(
                    "申报表的“{title}”与推荐填报表原有的一栏同名，上传时分不清，请改一个名称。",
                    title=each.title,
                )
            if other is not each.title:
                raise Refused(
                    "申报表里“{title}”与“{other}”在推荐填报表里是同一个栏名，请改一个名称。",
                    title=each.title,
                    other=other,
                )


def _heading(text: str) -> str:
    """As workbooks compare headings: width, spaces, case, a star, a colon or a remark make no other."""
    text = normalise(text).translate(_BRACKETS).casefold().strip("*:")
    return _REMARK.sub("", text).strip("*:")


def fits_a_cell(field) -> bool:
    """Whether an answer can be written in one cell: of a table, when its first column alone must be there."""
    if field.kind == "rows":
        return [each.need == "submit" for each in field.columns] == [
            at == 0 for at in range(len(field.columns))
        ]
    return field.kind not in ("details", "evidence")


def _check_core(field) -> None:
    house = ENTERPRISE.by_key[field.key]
    if field.kind != house.kind:
        raise Refused(
            "申报表的“{title}”（{key}）应是“{kind}”，各环节都按这一种读取。",
            title=field.title,
            key=field.key,
            kind=house.kind,
        )
    if house.kind == "text" and not 0 < field.most <= house.most:
        raise Refused(
            "申报表的“{title}”（{key}）应写明字数上限（most），最多 {most} 个字。",
            title=field.title,
            key=field.key,
            most=house.most,
        )
    if house.private and not field.private:
        raise Refused(
            "申报表的“{title}”（{key}）是联系方式，应设为不公开（private）。",
            title=field.title,
            key=field.key,
        )
    if house.choices and tuple(field.choices) != tuple(house.choices):
        raise Refused(
            "申报表的“{title}”（{key}）的选项是固定的：{choices}。",
            title=field.title,
            key=field.key,
            choices="、".join(house.choices),
        )


def check_rubric(data: object) -> list[dict]:
    """The rubric with its weights as decimal text; raises Refused, naming the dimension."""
    if not isinstance(data, list):
        raise Refused(N_("评审维度应是一个列表，请对照下载的文件核对。"))
    if not 1 <= len(data) <= MOST_DIMENSIONS:
        raise Refused("评审维度应有 1 至 {most} 个，现有 {n} 个。", most=MOST_DIMENSIONS, n=len(data))
    rows = [_dimension(n, row) for n, row in enumerate(data, start=1)]
    for field, word in (("code", N_("编码")), ("name", N_("名称"))):
        seen = set()
        for row in rows:
            if row[field] in seen:
                raise Refused("评审维度的{word}“{value}”出现了两次。", word=word, value=row[field])
            seen.add(row[field])
    _check_scores(rows)
    total = sum(Decimal(row["weight"]) for row in rows)
    if total != 100:
        raise Refused("各评审维度的权重之和应为 100，现为 {total}。", total=decimal_text(total))
    return rows


def _check_scores(rows: list[dict]) -> None:
    """A workbook of scores has a column for each dimension and one for its 评语: each is found again."""
    taken = set(map(_heading, SCORE_HEADINGS))
    for row in rows:
        if row["code"] in SCORE_KEYS:
            raise Refused(
                "评审维度“{name}”的编码“{code}”是专家评分表自用的，请另取一个。",
                name=row["name"],
                code=row["code"],
            )
        names = {_heading(row["name"]), _heading(f"{row['name']}评语")}
        if names & taken:
            raise Refused("评审维度“{name}”与专家评分表的另一栏同名，请改一个名称。", name=row["name"])
        taken |= names


def _dimension(n: int, row: object) -> dict:
    if not isinstance(row, Mapping):
        raise Refused("第 {n} 个评审维度应是一组设置，请对照下载的文件核对。", n=n)
    name = str(row.get("name") or "").strip()
    if not name or len(name) > _MOST_NAME:
        raise Refused("第 {n} 个评审维度的名称应有 1 至 {most} 个字。", n=n, most=_MOST_NAME)
    if unknown := sorted(map(str, set(row) - _KEYS)):
        raise Refused("评审维度“{name}”有不认识的设置：{names}。", name=name, names="、".join(unknown))
    code = row.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise Refused(
            "评审维度“{name}”的编码“{code}”不对：用小写字母开头，只用小写字母、数字和下划线。",
            name=name,
            code=str(code),
        )
    guidance, points = row.get("guidance", ""), row.get("subpoints", [])
    if not isinstance(guidance, str) or len(guidance) > _MOST_TEXT:
        raise Refused("评审维度“{name}”的评分要点应是 {most} 字以内的文字。", name=name, most=_MOST_TEXT)
    if (
        not isinstance(points, list)
        or len(points) > _MOST_POINTS
        or any(not isinstance(each, str) or not each.strip() or len(each) > _MOST_NAME for each in points)
    ):
        raise Refused(
            "评审维度“{name}”的分项应是最多 {most} 行文字，每行 {long} 字以内。",
            name=name,
            most=_MOST_POINTS,
            long=_MOST_NAME,
        )
    return {
        "code": code,
        "name": name,
        "weight": _weight(name, row.get("weight")),
        "guidance": guidance.strip(),
        "subpoints": [each.strip() for each in points],
    }


def _weight(name: str, raw: object) -> str:
    try:
        weight = None if isinstance(raw, (bool, float)) else Decimal(str(raw))
    except InvalidOperation:
        weight = None
    if weight is None or not weight.is_finite() or not 0 < weight <= 100 or weight != round(weight, 2):
        raise Refused(
            '评审维度“{name}”的权重应大于 0、不大于 100，最多两位小数，写成 35 或 "12.5"。', name=name
        )
    return decimal_text(weight)


def check_together(form: dict, rubric: Iterable[Mapping]) -> None:
    """Every section that names a dimension names one of the rubric."""
    codes = {row["code"] for row in rubric}
    for section in check_form(form).sections:
        if section.dimension and section.dimension not in codes:
            raise Refused(
                "申报表的“{title}”一节对应的评审维度“{code}”不在评审维度里。",
                title=section.title,
                code=section.dimension,
            )


def differences(old: Shape, new: Shape, *, before: list, after: list) -> list[Sentence]:
    """What changes from one form and rubric to the other, in the order of the form, then of the rubric."""
    lines = []
    for each in new:
        was = old.by_key.get(each.key)
        if was is None:
            lines.append(sentence(N_("申报表新增“{title}”"), title=each.title))
        elif was != each:
            names = [word for name, word in _SETTINGS.items() if getattr(was, name) != getattr(each, name)]
            lines.append(
                sentence(N_("申报表的“{title}”修改了：{names}"), title=each.title, names=Listing(names))
            )
    lines += [
        sentence(N_("申报表删去“{title}”"), title=each.title) for each in old if each.key not in new.by_key
    ]
    if not lines and old != new:
        lines.append(sentence(N_("申报表的分节或次序有变化")))
    known, wanted = {row["code"]: row for row in before}, {row["code"]: row for row in after}
    for code, row in wanted.items():
        was = known.get(code)
        if was is None:
            lines.append(
                sentence(N_("评审维度新增“{name}”，权重 {weight}"), name=row["name"], weight=row["weight"])
            )
        elif was["weight"] != row["weight"]:
            lines.append(
                sentence(
                    N_("评审维度“{name}”的权重由 {before} 改为 {after}"),
                    name=row["name"],
                    before=was["weight"],
                    after=row["weight"],
                )
            )
        if was is not None and any(was.get(key) != row[key] for key in ("name", "guidance", "subpoints")):
            lines.append(sentence(N_("评审维度“{name}”的名称、评分要点或分项有修改"), name=row["name"]))
    lines += [
        sentence(N_("评审维度删去“{name}”"), name=row["name"])
        for code, row in known.items()
        if code not in wanted
    ]
    if [*known] != [*wanted] and {*known} == {*wanted}:
        lines.append(sentence(N_("评审维度的次序有变化")))
    return lines


_SETTINGS = {
    "title": N_("名称"),
    "kind": N_("填法"),
    "need": N_("必填与否"),
    "core": N_("读取方式"),
    "private": N_("是否公开"),
    "unit": N_("单位"),
    "clause": N_("依据"),
    "most": N_("字数或行数"),
    "help": N_("说明"),
    "of": N_("明细所属"),
    "exhibit": N_("展示"),
    "choices": N_("选项"),
    "columns": N_("各栏"),
}

"""专家评分表 as a workbook to fill in offline: its columns, its guide, and what a sheet says in its cells."""

from decimal import Decimal

from nominations import subjects
from nominations.models import Dimension, Edition
from portal.errors import Refused
from portal.figures import decimal_text
from portal.workbook import Column, as_text
from review.models import Assignment
from review.services.sheets import COMMENT_MOST, REMARK_MOST

TITLE = "专家评分表"
FIXED = ("serial", "credit_code", "name", subjects.KEY, "recommender")
#: The workbook works it out to be looked at; coming back it is not believed, the portal adds up itself.
TOTAL = Column("加权总分", "total", width=9)
_POINTS, _REMARK, COMMENT = "points_", "remark_", "comment"
_STEP = Decimal("0.5")
_SAID = "请填 0 到 100 之间的分数，可以有半分；还没有评的留空"


def columns_of(edition: Edition, dimensions: list[Dimension]) -> list[Column]:
    return [
        Column("序号", "serial", "integer", width=6),
        Column("统一社会信用代码", "credit_code", code=True, width=20),
        Column("企业名称", "name", max_length=120, width=24),
        *subjects.subject_columns(edition),
        Column("推荐单位", "recommender", max_length=120, width=12),
        *_answers(dimensions),
        TOTAL,
    ]


def _answers(dimensions: list[Dimension]) -> list[Column]:
    """What the expert fills in."""
    answers = []
    for each in dimensions:
        answers += [
            Column(
                each.name, points_key(each.code), "decimal", minimum=0, maximum=100, check=_half, width=11
            ),
            Column(
                f"{each.name}评语",
                remark_key(each.code),
                max_length=REMARK_MOST,
                multiline=True,
                width=19,
            ),
        ]
    return [*answers, Column("总评语", COMMENT, max_length=COMMENT_MOST, multiline=True, width=20)]


def points_key(code: str) -> str:
    return _POINTS + code


def remark_key(code: str) -> str:
    return _REMARK + code


def answer_keys(dimensions: list[Dimension]) -> list[str]:
    """The columns the expert fills in, in their order."""
    keys = [key for each in dimensions for key in (points_key(each.code), remark_key(each.code))]
    return [*keys, COMMENT]


def limits_of(dimensions: list[Dimension]) -> dict[str, tuple[str, str]]:
    """What a cell of points takes: a half point from 0 to 100."""
    rule = "AND(ISNUMBER({{{key}}}),{{{key}}}>=0,{{{key}}}<=100,MOD({{{key}}}*2,1)=0)"
    return {points_key(each.code): (rule.format(key=points_key(each.code)), _SAID) for each in dimensions}


def formulas_of(dimensions: list[Dimension]) -> dict[str, str]:
    """The running total of what is scored so far; nothing where nothing is."""
    cells = ",".join(f"{{{points_key(each.code)}}}" for each in dimensions)
    parts = "+".join(f"N({{{points_key(each.code)}}})*{decimal_text(each.weight)}" for each in dimensions)
    return {TOTAL.key: f'=IF(COUNT({cells})=0,"",ROUND(({parts})/100,2))'}


def texts_of(assignment: Assignment, dimensions: list[Dimension]) -> dict[str, str]:
    """What the sheet says by column, as text; nothing where nothing was written."""
    sheet = getattr(assignment, "sheet", None)
    points = {score.dimension_id: score.points for score in sheet.scores.all()} if sheet else {}
    return {
        column.key: as_text(column, _value(column.key, sheet, points, dimensions))
        for column in _answers(dimensions)
    }


def row_of(assignment: Assignment, dimensions: list[Dimension]) -> dict:
    """What goes into the cells: points as numbers, the rest as text."""
    texts = texts_of(assignment, dimensions)
    return {
        key: (Decimal(text) if key.startswith(_POINTS) else text) if text else None
        for key, text in texts.items()
    }


def given_of(values: dict[str, str], dimensions: list[Dimension]) -> dict:
    """The keywords of `save_sheet` for these columns; what is not among them is not touched."""
    scores = {each.code: values[key] for each in dimensions if (key := points_key(each.code)) in values}
    remarks = {each.code: values[key] for each in dimensions if (key := remark_key(each.code)) in values}
    return {"scores": scores, "remarks": remarks, "comment": values.get(COMMENT)}


def guide_of(edition: Edition, dimensions: list[Dimension]) -> list[tuple[str, str]]:
    asked = _explained(edition)
    weights = "、".join(f"{each.name} {decimal_text(each.weight)}" for each in dimensions)
    return [
        ("怎么填", "灰色各格不必改。每家按各维度打分，从 0 到 100，可以有半分；评语写在分数右边。"),
        ("没有评的", "留空，上传后算作还没有评分；原来填过、现在清空的，上传后也清空。"),
        *([("须写明理由", asked)] if asked else []),
        ("加权总分", f"各维度得分乘以权重后相加，再除以 100。权重：{weights}。表里自动算出，只供参考。"),
        *((f"{each.name}（权重 {decimal_text(each.weight)}）", _points_of(each)) for each in dimensions),
        ("需要回避的", "请在网页上办理回避，不要在表里写。已回避的、已提交的评分表，上传时不会改动。"),
        (
            "怎么交",
            "存为 .xlsx 后由您本人在原页面上传。先看改动，确认后存为草稿；有一处填错，整份都不写入。",
        ),
        ("提交", "上传不等于提交。请在网页上逐家核对后提交；提交后不能再改。"),
        (
            "可以放心的",
            "调整列宽、排序都不影响上传。请勿取消隐藏、改动隐藏的列。表里只有您自己的评分，请妥善保管。",
        ),
    ]


def _points_of(each: Dimension) -> str:
    lines = [f"{n}. {line}" for n, line in enumerate(each.subpoints, start=1)]
    return "\n".join([*lines, each.guidance]).strip() or "本届没有另写评分要点。"


def _explained(edition: Edition) -> str:
    below, above = edition.comment_below, edition.comment_above
    parts = []
    if below is not None:
        parts.append(f"低于 {decimal_text(below)} 分")
    if above is not None:
        parts.append(f"高于 {decimal_text(above)} 分")
    return f"某一维度{'或'.join(parts)}的，提交前须在该项评语中写明理由。" if parts else ""


def _half(points: Decimal) -> None:
    if points % _STEP:
        raise Refused("{points} 不是 0.5 的整数倍，请改为整数分或半分。", points=points)


def _value(key: str, sheet, points: dict, dimensions: list[Dimension]):
    if sheet is None:
        return None
    if key == COMMENT:
        return sheet.comment
    for each in dimensions:
        if key == points_key(each.code):
            return points.get(each.pk)
        if key == remark_key(each.code):
            return sheet.remarks.get(each.code)
    return None

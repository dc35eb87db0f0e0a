"""What the office takes away of the review: 专家评分汇总表.xlsx, with all that justifies a selection."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from nominations import subjects
from nominations.models import Edition, Nomination
from nominations.states import StepKind
from portal.figures import two_places
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, Leaf, write_leaves
from review.models import ScoreSheet
from review.services.freezing import standings_of
from review.services.office_sight import seen_by
from review.services.reviewing import RECUSED, UNFINISHED, VALID, Standing
from review.services.statistics import Refitted, refitted

SIGNATURES = 5


def write_score_table(edition: Edition, out, *, by: Membership) -> None:
    """评分汇总表: a row a nomination, a column an expert; recusals and the sheets set aside are marked.

    A second sheet has what was written, dimension by dimension, a third every sheet with its points. Of what
    this person has to avoid nothing is in it but the name.
    """
    require(by, "review.see_scores", edition)
    closed = hasattr(edition, "review_result")
    standings, kept = seen_by(by, edition, standings_of(edition), closed=closed)
    dimensions = list(edition.dimensions.all())
    fits = refitted(standings)
    title = _("{title}专家评分汇总表").format(title=edition.title)
    write_leaves(
        out,
        [
            Leaf(
                _("汇总"),
                title,
                _summary_columns(edition, standings),
                [
                    *(_scored(edition, each, fits[each.nomination.pk]) for each in standings),
                    *(_kept(edition, each) for each in kept),
                ],
                subtitle=_state_line(edition, closed),
                footer=True,
                signed=_signatures(),
            ),
            Leaf(
                _("评语"),
                _("{title}专家评语").format(title=edition.title),
                [
                    Column(_("企业名称"), "name", width=28),
                    *subjects.translated_columns(edition),
                    Column(_("专家"), "expert"),
                    Column(_("维度"), "dimension", width=22),
                    Column(_("得分"), "points", "decimal"),
                    Column(_("评语"), "words", width=48, multiline=True),
                ],
                _remarks(edition, standings, dimensions),
                subtitle="",
            ),
            Leaf(
                _("明细"),
                _("{title}专家评分明细").format(title=edition.title),
                [
                    Column(_("企业名称"), "name", width=28),
                    *subjects.translated_columns(edition),
                    Column(_("统一社会信用代码"), "credit_code", code=True),
                    Column(_("专家"), "expert"),
                    *(
                        Column(f"{each.name}（{each.weight.normalize():f}%）", each.code, "decimal")
                        for each in dimensions
                    ),
                    Column(_("总分"), "total", "decimal"),
                    Column(_("处理"), "status", width=14),
                    Column(_("标准化（仅供参考）"), "fitted", "decimal"),
                ],
                _details(edition, standings, fits),
                subtitle="",
            ),
        ],
    )


def _state_line(edition, closed) -> str:
    if closed:
        return _("成绩已冻结，摘要 {digest}").format(digest=edition.review_result.digest)
    return _("专家评审尚未关闭，以下为目前的情况，不是结果")


def _summary_columns(edition, standings) -> list[Column]:
    experts = sorted({marks.expert for each in standings for marks in each.marks})
    return [
        Column(_("名次"), "rank", "integer"),
        Column(_("企业名称"), "name", width=32),
        *subjects.translated_columns(edition),
        Column(_("统一社会信用代码"), "credit_code", code=True),
        *(Column(code, f"expert {code}", width=17) for code in experts),
        Column(_("有效份数"), "valid", "integer"),
        Column(_("去掉最高"), "high", "decimal"),
        Column(_("去掉最低"), "low", "decimal"),
        Column(_("全部平均"), "mean", "decimal"),
        Column(_("中位数"), "median", "decimal"),
        Column(_("标准差"), "deviation", "decimal"),
        Column(_("极差"), "spread", "decimal"),
        Column(_("标准化平均（仅供参考）"), "fitted", "decimal"),
        Column(_("专家得分"), "score", "decimal"),
        *([Column(_("提名"), "nominee", width=20)] if edition.has(StepKind.VOTING) else []),
    ]


def _scored(edition: Edition, each: Standing, fit: Refitted) -> dict:
    outcome, dropped = each.outcome, each.dropped
    return {
        "rank": each.rank,
        **subjects.cells_of(edition, each.nomination),
        **{f"expert {marks.expert}": _mark(marks, dropped.get(marks.expert)) for marks in each.marks},
        "valid": outcome.valid,
        "high": outcome.high,
        "low": outcome.low,
        "mean": outcome.mean,
        "median": outcome.median,
        "deviation": outcome.stdev,
        "spread": each.spread,
        "fitted": fit.mean,
        "score": outcome.score,
        "nominee": _("提名") if each.nominee else "",
    }


def _kept(edition: Edition, nomination: Nomination) -> dict:
    return _named(edition, nomination) | {"nominee": _("您已回避，不显示")}


def _named(edition: Edition, nomination: Nomination) -> dict:
    cells = subjects.cells_of(edition, nomination)
    return {key: cells[key] for key in ("name", subjects.KEY) if key in cells}


def _mark(marks, dropped) -> Decimal | Fraction | str:
    if marks.status == RECUSED:
        return _("回避")
    if marks.status == UNFINISHED:
        return _("未提交")
    if dropped is None:
        return marks.total
    words = _("{total}（去最高）") if dropped == "high" else _("{total}（去最低）")
    return words.format(total=two_places(marks.total))


def _signatures() -> list[str]:
    line = _("专家签名：____________________　　日期：____________")
    return [
        _("以上评分经核对无误。"),
        *[line] * SIGNATURES,
        _("监督人员签名：________________　　日期：____________"),
    ]


def _remarks(edition, standings, dimensions) -> Iterator[dict]:
    """What was written on the sheets that count; as it stands on them now."""
    seen = [each.nomination.pk for each in standings]
    sheets = {
        (sheet.assignment.nomination_id, sheet.assignment.member.code): sheet
        for sheet in ScoreSheet.objects.filter(
            assignment__nomination__in=seen, submitted_at__isnull=False
        ).select_related("assignment__member")
    }
    for each in standings:
        for marks in each.marks:
            sheet = sheets.get((each.nomination.pk, marks.expert))
            if sheet is None or marks.status != VALID:
                continue
            row = _named(edition, each.nomination) | {"expert": marks.expert}
            for dimension in dimensions:
                if words := sheet.remarks.get(dimension.code):
                    points = marks.points.get(dimension.code)
                    yield row | {"dimension": dimension.name, "points": points, "words": words}
            if sheet.comment:
                yield row | {"dimension": _("总评"), "points": marks.total, "words": sheet.comment}


def _details(edition, standings, fits) -> Iterator[dict]:
    words = {"high": _("去掉的最高分"), "low": _("去掉的最低分")}
    for each in standings:
        for marks in each.marks:
            status = _("计入") if marks.status == VALID else _mark(marks, None)
            yield {
                **subjects.cells_of(edition, each.nomination),
                "expert": marks.expert,
                **marks.points,
                "total": marks.total,
                "status": words.get(each.dropped.get(marks.expert), status),
                "fitted": fits[each.nomination.pk].by_expert.get(marks.expert),
            }

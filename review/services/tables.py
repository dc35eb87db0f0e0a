"""What the office takes away of the review: 评分汇总表.xlsx."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from nominations.models import Edition
from portal.figures import two_places
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write
from review.services.freezing import standings_of
from review.services.reviewing import RECUSED, UNFINISHED, Standing


def write_score_table(edition: Edition, out, *, by: Membership) -> None:
    """评分汇总表: a row a nomination, a column an expert; recusals and the sheets set aside are marked."""
    require(by, "review.see_scores", edition)
    standings = standings_of(edition)
    experts = sorted({marks.expert for each in standings for marks in each.marks})
    columns = [
        Column(_("名次"), "rank", "integer"),
        Column(_("企业名称"), "name", width=32),
        Column(_("统一社会信用代码"), "credit_code", code=True),
        *(Column(code, f"expert {code}", width=17) for code in experts),
        Column(_("有效份数"), "valid", "integer"),
        Column(_("去掉最高"), "high", "decimal"),
        Column(_("去掉最低"), "low", "decimal"),
        Column(_("全部平均"), "mean", "decimal"),
        Column(_("中位数"), "median", "decimal"),
        Column(_("标准差"), "deviation", "decimal"),
        Column(_("专家得分"), "score", "decimal"),
        Column(_("提名"), "nominee"),
    ]
    write(out, _("{title}专家评分汇总表").format(title=edition.title), columns, map(_scored, standings))


def _scored(each: Standing) -> dict:
    outcome, dropped = each.outcome, each.dropped
    return {
        "rank": each.rank,
        "name": each.nomination.subject_name,
        "credit_code": each.nomination.enterprise.credit_code,
        **{f"expert {marks.expert}": _mark(marks, dropped.get(marks.expert)) for marks in each.marks},
        "valid": outcome.valid,
        "high": outcome.high,
        "low": outcome.low,
        "mean": outcome.mean,
        "median": outcome.median,
        "deviation": outcome.stdev,
        "score": outcome.score,
        "nominee": _("提名") if each.nominee else "",
    }


def _mark(marks, dropped) -> Decimal | Fraction | str:
    if marks.status == RECUSED:
        return _("回避")
    if marks.status == UNFINISHED:
        return _("未提交")
    if dropped is None:
        return marks.total
    words = _("{total}（去最高）") if dropped == "high" else _("{total}（去最低）")
    return words.format(total=two_places(marks.total))

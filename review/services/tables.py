"""What the office takes away: 资格审查汇总表.xlsx and 评分汇总表.xlsx."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.states import State
from portal.figures import two_places
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write
from review.models import Finding, Opinion
from review.rules import ITEM, QUALIFIED, REFUSED
from review.services.findings import POSITIVE
from review.services.reviewing import RECUSED, UNFINISHED, Standing, standings_of
from review.services.screening import preview_screening


def write_screening_table(edition: Edition, out, *, by: Membership, now: datetime) -> None:
    """资格审查汇总表: a row an enterprise, a column a question, the conclusion and why."""
    require(by, "review.see_scores", edition)
    questions = list(edition.consultations.select_related("department"))
    columns = [
        Column(_("序号"), "serial", "integer"),
        Column(_("企业名称"), "name", width=32),
        Column(_("统一社会信用代码"), "credit_code", code=True),
        Column(_("推荐单位"), "recommender"),
        *(Column(_(title), item, width=14) for item, title in POSITIVE.items()),
        *(
            Column(f"{each.department.short_name}：{_(ITEM[each.item].title)}", str(each.pk), width=16)
            for each in questions
        ),
        Column(_("结论"), "verdict"),
        Column(_("不通过理由"), "why", width=40),
    ]
    write(
        out,
        _("{title}资格审查汇总表").format(title=edition.title),
        columns,
        _screened(edition, questions, now),
    )


def _screened(edition, questions, now):
    """Rows of those who reached the screening and were not withdrawn; the past is read, never judged anew."""
    now_open = {case.nomination.pk: case for case in preview_screening(edition, now=now).cases}
    nominations = list(
        edition.nominations.exclude(state__in=(State.DRAFT, State.RECOMMENDATION, State.WITHDRAWN))
        .select_related("enterprise", "recommender", "review_row")
        .order_by("recommender__position", "rank", "pk")
    )
    opinions, findings = defaultdict(dict), defaultdict(dict)
    for opinion in Opinion.objects.filter(nomination__in=nominations):
        opinions[opinion.nomination_id][str(opinion.consultation_id)] = _opinion(opinion)
    for finding in Finding.objects.filter(nomination__in=nominations):
        findings[finding.nomination_id][finding.item] = str(finding.get_verdict_display())
    for serial, nomination in enumerate(nominations, start=1):
        verdict, why = _verdict(nomination, now_open.get(nomination.pk))
        yield {
            "serial": serial,
            "name": nomination.subject_name,
            "credit_code": nomination.enterprise.credit_code,
            "recommender": nomination.recommender.short_name,
            **findings[nomination.pk],
            **opinions[nomination.pk],
            "verdict": verdict,
            "why": why,
        }


def _opinion(opinion: Opinion) -> str:
    words = f"{opinion.get_answer_display()} {opinion.looked_up_on:%Y-%m-%d}"
    return f"{words} {opinion.explanation}".strip()


def _verdict(nomination, case) -> tuple[str, str]:
    if case is not None:
        words = {QUALIFIED: _("合格（未关闭）"), REFUSED: _("不合格（未关闭）")}
        return words.get(case.verdict, _("未得出结论")), "" if case.verdict == QUALIFIED else case.why
    if nomination.state == State.REJECTED and not hasattr(nomination, "review_row"):
        return _("不合格"), nomination.ended_reason
    return _("合格"), ""


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

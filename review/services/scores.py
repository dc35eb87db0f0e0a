"""The panel's scores by workbook: 专家评分表.xlsx."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from nominations import subjects
from nominations.models import Edition
from nominations.rules import credit_code
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, read, same_name
from review.models import Assignment, Recusal
from review.services.declaring import recuse
from review.services.office_sight import refuse_hidden
from review.services.panel import Seat
from review.services.sheets import submit_sheet

STEP = Decimal("0.5")


@dataclass(frozen=True)
class Scored:
    """One row of the workbook: an expert's points for a nomination, or that the expert recused."""

    assignment: int
    recused: bool
    points: dict[str, Decimal]
    comment: str


def columns(edition: Edition) -> list[Column]:
    return [
        Column("专家编号", "expert", code=True, required=True, max_length=12),
        Column("统一社会信用代码", "credit_code", code=True, required=True, check=credit_code),
        Column("企业名称", "name", required=True, max_length=120, width=36),
        *subjects.subject_columns(edition, required=True),
        *(
            Column(each.name, each.code, "decimal", minimum=0, maximum=100, check=_half)
            for each in edition.dimensions.all()
        ),
        Column("回避", "recused", "boolean", choices={"回避": True, "不回避": False}),
        Column("评语", "comment", max_length=2000, multiline=True, width=36),
    ]


def _half(points: Decimal) -> None:
    if points % STEP:
        raise Refused("{points} 不是 0.5 的整数倍，请改为整数分或半分。", points=points)


def panel_from_scores(file, edition: Edition) -> list[Seat]:
    """The panel as the workbook numbers it, for paper that names no experts."""
    sheet = read(file, columns(edition))
    sheet.finish()
    return [Seat(code, f"专家{code}") for code in sorted({row["expert"] for row in sheet})]


def read_scores(edition: Edition, file, *, by: Membership, now: datetime) -> list[Scored]:
    """What the panel's workbook scores; raises `WorkbookRefused` with every error."""
    require(by, "review.see_scores", edition)
    require_open(edition, StepKind.REVIEW)
    refuse_hidden(by, edition)
    heads = columns(edition)
    who = [each.key for each in heads if each.key in ("credit_code", subjects.KEY)]
    sheet = read(file, heads, unique=[("expert", *who)])
    titles = {each.code: each.name for each in edition.dimensions.all()}
    experts = set(edition.panel.values_list("code", flat=True))
    nominations = subjects.by_row(
        edition, edition.nominations.exclude(state=State.WITHDRAWN).select_related("enterprise")
    )
    assignments = {
        (each.member.code, each.nomination_id): each
        for each in Assignment.objects.filter(nomination__edition=edition).select_related(
            "member", "sheet", "recusal"
        )
    }
    scored = []
    for row in sheet:
        assignment = _assignment(edition, sheet, row, experts, nominations, assignments)
        points = _points(sheet, row, titles)
        if assignment is not None:
            scored.append(Scored(assignment.pk, bool(row["recused"]), points, row["comment"] or ""))
    sheet.finish()
    return scored


def _assignment(edition, sheet, row, experts, nominations, assignments):
    if row["expert"] and row["expert"] not in experts:
        sheet.error(
            row,
            "expert",
            N_("专家组没有编号为“{code}”的专家"),
            N_("请对照专家组名单核对"),
            code=row["expert"],
        )
        return None
    key = subjects.row_key(edition, row["credit_code"], row.values.get(subjects.KEY))
    nomination = nominations.get(key)
    if key and nomination is None:
        refuse_unknown(edition, sheet, row)
    if not row["expert"] or nomination is None:
        return None
    name = nomination.subject_name
    if nomination.state != State.REVIEW:
        sheet.error(row, "credit_code", N_("“{name}”不在专家评审环节"), N_("请删除这一行"), name=name)
        return None
    written = subjects.cells_of(edition, nomination)["name"]
    if row["name"] and not same_name(row["name"], written):
        sheet.error(row, "name", N_("名称与信用代码不符"), N_("该代码对应“{name}”"), name=written)
        return None
    assignment = assignments.get((row["expert"], nomination.pk))
    if assignment is None:
        sheet.error(row, "expert", N_("没有把“{name}”分配给这位专家"), N_("请先分配评审任务"), name=name)
    elif getattr(assignment, "recusal", None):
        sheet.error(row, "expert", N_("这位专家已回避“{name}”"), N_("请删除这一行"), name=name)
    elif getattr(assignment, "sheet", None) and assignment.sheet.submitted_at:
        sheet.error(row, "expert", N_("这位专家对“{name}”的评分表已经提交"), N_("请删除这一行"), name=name)
    else:
        return assignment
    return None


def refuse_unknown(edition, sheet, row) -> None:
    """Nobody of the edition is known by what the row says."""
    if subjects.is_enterprise(edition):
        sheet.error(row, "credit_code", N_("本届没有推荐这家企业"), N_("请对照本届名单核对"))
    else:
        sheet.error(
            row,
            subjects.KEY,
            N_("本届没有推荐这家企业的“{name}”"),
            N_("请对照本届名单核对"),
            name=row[subjects.KEY],
        )


def _points(sheet, row, titles) -> dict[str, Decimal]:
    points = {code: row[code] for code in titles if row[code] is not None}
    wrong = {(error.row, error.column_name) for error in sheet.errors}
    for code, title in titles.items():
        if row["recused"] and code in points:
            sheet.error(row, code, N_("这一行注明回避，却有分数"), N_("请删去分数，或删去“回避”"))
        elif not row["recused"] and code not in points and (row.number, title) not in wrong:
            sheet.error(
                row, code, N_("没有填写分数"), N_("应为 0 到 100 之间的整数分或半分；回避的请注明“回避”")
            )
    return points


@transaction.atomic
def apply_scores(edition: Edition, scored: list[Scored], *, by: Membership, now: datetime) -> int:
    """Enter what `read_scores` read, all of it or none: recusals signed on paper, sheets submitted."""
    if not scored:
        raise Refused("文件中没有可以导入的评分。")
    refuse_hidden(by, edition)
    assignments = {
        each.pk: each
        for each in Assignment.objects.filter(
            nomination__edition=edition, pk__in=[row.assignment for row in scored]
        ).select_related("member__expert", "nomination__edition")
    }
    for row in sorted(scored, key=lambda each: each.assignment):
        assignment = assignments.get(row.assignment)
        if assignment is None:
            raise Refused("有一份评分表不属于本届，请重新上传。")
        if row.recused:
            recuse(
                assignment,
                kind=Recusal.Kind.OTHER,
                reason=row.comment[:300] or str(N_("纸质评分表注明回避")),
                signature=assignment.member.expert.name,
                by=by,
                now=now,
            )
        else:
            submit_sheet(
                assignment,
                scores=row.points,
                comment=row.comment,
                version=_version(assignment),
                by=by,
                now=now,
            )
    return len(scored)


def _version(assignment) -> int:
    sheet = getattr(assignment, "sheet", None)
    return sheet.version if sheet else 0

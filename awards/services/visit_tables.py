"""The workbooks of the visits: the blank form of the teams, and the summary."""

from django.utils import timezone

from awards.models import CheckLine, Inspection
from awards.services.inspecting import columns_of
from nominations import subjects
from nominations.models import Edition
from nominations.states import State
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, Leaf, write, write_leaves

SUMMARY_COLUMNS = (
    Column("序号", "number", "integer"),
    Column("企业名称", "name"),
    Column("统一社会信用代码", "credit_code", code=True),
    Column("综合名次", "rank", "integer"),
    Column("考察组长", "leader"),
    Column("考察成员", "members"),
    Column("考察日期", "visited_on", "date"),
    Column("核对相符", "agreeing"),
    Column("不符情况", "differing"),
    Column("实质差异", "material", "integer"),
    Column("差异处理", "disposition"),
    Column("转资格审查", "referral"),
    Column("结论", "verdict"),
    Column("问题", "problem"),
    Column("签名", "signatures"),
)

LINE_COLUMNS = (
    Column("序号", "number", "integer"),
    Column("企业名称", "name"),
    Column("统一社会信用代码", "credit_code", code=True),
    Column("方面", "matter"),
    Column("核对事项", "item"),
    Column("申报情况", "claimed"),
    Column("单位", "unit"),
    Column("核实情况", "found"),
    Column("是否相符", "agrees"),
    Column("差异", "difference"),
    Column("差异程度", "weight"),
    Column("核对人", "checker"),
    Column("核对时间", "checked_at", "date"),
)
AGREES = {True: "相符", False: "不符", None: "没有核对"}


def write_blank(edition: Edition, out, *, by: Membership) -> None:
    """The form to fill in, one row for each visit that has no verdict yet."""
    require(by, "awards.plan_inspection", edition)
    visits = Inspection.objects.filter(
        nomination__edition=edition, nomination__state=State.INSPECTION, verdict=""
    )
    rows = [
        {
            "number": number,
            **subjects.cells_of(edition, visit.nomination),
            "leader": visit.leader_name,
            "members": visit.member_names,
        }
        for number, visit in enumerate(_in_order(visits), start=1)
    ]
    write(out, f"{edition.title}考察记录", columns_of(edition), rows, sheet_name="考察记录")


def write_inspection_table(edition: Edition, out, *, by: Membership) -> None:
    """Write 考察汇总表.xlsx to `out` (a path or a binary file): every visit by rank, then each line."""
    require(by, "awards.export", edition)
    visits = list(_in_order(Inspection.objects.filter(nomination__edition=edition)))
    title = f"{edition.title}考察汇总表"
    summary = (_summary(edition, number, visit) for number, visit in enumerate(visits, start=1))
    lines = (
        {"number": number, **line}
        for number, line in enumerate((line for visit in visits for line in _lines(edition, visit)), start=1)
    )
    write_leaves(
        out,
        (
            Leaf("考察汇总表", title, _heads(edition, SUMMARY_COLUMNS), summary, footer=True),
            Leaf("逐项核对", f"{title}（逐项核对）", _heads(edition, LINE_COLUMNS), lines),
        ),
    )


def _heads(edition, columns) -> list[Column]:
    """Number and enterprise, the subject beside it, and the rest."""
    return [*columns[:2], *subjects.subject_columns(edition), *columns[2:]]


def _in_order(visits):
    return (
        visits.select_related("nomination__enterprise", "nomination__shortlist_row")
        .prefetch_related("lines__checked_by__user", "referrals")
        .order_by("nomination__shortlist_row__rank", "nomination__subject_key")
    )


def _summary(edition: Edition, number: int, visit: Inspection) -> dict:
    lines = list(visit.lines.all())
    agreeing = sum(line.agrees is True for line in lines)
    differing = [line for line in lines if line.agrees is False]
    row = getattr(visit.nomination, "shortlist_row", None)
    signed = [name for name in (visit.leader_signature, visit.member_signature) if name]
    return {
        "number": number,
        **subjects.cells_of(edition, visit.nomination),
        "rank": row.rank if row else None,
        "leader": visit.leader_name,
        "members": visit.member_names,
        "visited_on": visit.visited_on or visit.planned_on,
        "agreeing": f"{agreeing} / {len(lines)}",
        "differing": "；".join(f"{line.item}：{line.found}" for line in differing),
        "material": sum(line.weight == CheckLine.Weight.MATERIAL for line in differing),
        "disposition": _disposed(visit),
        "referral": "；".join(_settled(each) for each in visit.referrals.all()),
        "verdict": visit.get_verdict_display() if visit.verdict else "",
        "problem": visit.problem,
        "signatures": "、".join(signed),
    }


def _disposed(visit: Inspection) -> str:
    if not visit.disposition:
        return ""
    return f"{visit.get_disposition_display()}：{visit.disposal_reason}"


def _settled(referral) -> str:
    if not referral.outcome:
        return f"待复审：{referral.reason}"
    return f"{referral.get_outcome_display()}：{referral.outcome_reason}"


def _lines(edition: Edition, visit: Inspection):
    for line in visit.lines.all():
        yield {
            **subjects.cells_of(edition, visit.nomination),
            "item": line.item,
            "matter": line.dimension or line.get_source_display(),
            "claimed": line.claimed,
            "unit": line.unit,
            "found": line.found,
            "agrees": AGREES[line.agrees],
            "difference": line.difference,
            "weight": line.get_weight_display(),
            "checker": str(line.checked_by.user) if line.checked_by_id else "",
            "checked_at": timezone.localdate(line.checked_at) if line.checked_at else None,
        }

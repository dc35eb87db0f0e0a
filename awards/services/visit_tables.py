"""The workbooks of the visits: the blank form of the teams, and the summary."""

from awards.models import Inspection
from awards.services.inspecting import COLUMNS
from nominations.models import Edition
from nominations.states import State
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write

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
    Column("结论", "verdict"),
    Column("问题", "problem"),
    Column("签名", "signatures"),
)


def write_blank(edition: Edition, out, *, by: Membership) -> None:
    """The form to fill in, one row for each visit that has no verdict yet."""
    require(by, "awards.plan_inspection", edition)
    visits = Inspection.objects.filter(
        nomination__edition=edition, nomination__state=State.INSPECTION, verdict=""
    )
    rows = [
        {
            "number": number,
            "credit_code": visit.nomination.enterprise.credit_code,
            "name": visit.nomination.subject_name,
            "leader": visit.leader_name,
            "members": visit.member_names,
        }
        for number, visit in enumerate(_in_order(visits), start=1)
    ]
    write(out, f"{edition.title}考察记录", COLUMNS, rows, sheet_name="考察记录")


def write_inspection_table(edition: Edition, out, *, by: Membership) -> None:
    """Write 考察汇总表.xlsx to `out` (a path or a binary file): every visit of the edition, by its rank."""
    require(by, "awards.export", edition)
    rows = (
        _summary(number, visit)
        for number, visit in enumerate(
            _in_order(Inspection.objects.filter(nomination__edition=edition)), start=1
        )
    )
    write(out, f"{edition.title}考察汇总表", SUMMARY_COLUMNS, rows, sheet_name="考察汇总表")


def _in_order(visits):
    return (
        visits.select_related("nomination__enterprise", "nomination__shortlist_row")
        .prefetch_related("lines")
        .order_by("nomination__shortlist_row__rank", "nomination__subject_key")
    )


def _summary(number: int, visit: Inspection) -> dict:
    lines = list(visit.lines.all())
    agreeing = sum(line.agrees is True for line in lines)
    differing = [line for line in lines if line.agrees is False]
    row = getattr(visit.nomination, "shortlist_row", None)
    signed = [name for name in (visit.leader_signature, visit.member_signature) if name]
    return {
        "number": number,
        "name": visit.nomination.subject_name,
        "credit_code": visit.nomination.enterprise.credit_code,
        "rank": row.rank if row else None,
        "leader": visit.leader_name,
        "members": visit.member_names,
        "visited_on": visit.visited_on or visit.planned_on,
        "agreeing": f"{agreeing} / {len(lines)}",
        "differing": "；".join(f"{line.item}：{line.found}" for line in differing),
        "verdict": visit.get_verdict_display() if visit.verdict else "",
        "problem": visit.problem,
        "signatures": "、".join(signed),
    }

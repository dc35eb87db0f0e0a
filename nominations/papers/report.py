"""推荐报告: a recommender's own list in its order, with what it says of each, to sign and stamp."""

from nominations import subjects
from nominations.declaration.facts import digest_of
from nominations.models import Edition, Nomination
from nominations.papers.form import in_fours, publicity_of
from nominations.services.quotas import quota_lines
from nominations.states import State
from portal import documents
from portal.clauses import S1
from portal.errors import N_, Refused
from portal.models import Organisation

DOCX = "report.docx"


def report_docx(edition: Edition, unit: Organisation) -> bytes:
    """Raises `Refused` while the recommender has nothing to list."""
    rows = listed(edition, unit)
    if not rows:
        raise Refused(N_("{unit}还没有可以列入推荐报告的企业：企业提交申报后才列入。"), unit=unit.name)
    return documents.render("nominations", DOCX, report_context(edition, unit, rows))


def report_name(edition: Edition, unit: Organisation) -> str:
    return f"{edition.title}推荐报告（{unit.name}）.docx"


def listed(edition: Edition, unit: Organisation) -> list[Nomination]:
    """What was handed in to this recommender, recommended already or not yet, in its order."""
    rows = (
        edition.nominations.filter(recommender=unit)
        .exclude(state__in=(State.DRAFT, State.WITHDRAWN))
        .select_related("enterprise", "declaration", "recommendation")
    )
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.pk))


def report_context(edition: Edition, unit: Organisation, rows: list[Nomination]) -> dict:
    lines = [_line(row) for row in rows]
    waiting = sum(row.state == State.RECOMMENDATION for row in rows)
    return {
        "title": f"{edition.title}推荐报告",
        "edition": edition.title,
        "host": edition.host.name,
        "unit": unit.name,
        "mark": f"草稿，其中 {waiting} 家尚未推荐" if waiting else "",
        "opening": _opening(edition, unit, len(rows)),
        "subject_title": subjects.title_of(edition),
        "rows": lines,
        "footer": f"{unit.name}　{len(rows)} 家　摘要 {in_fours(digest_of({'rows': lines}))}",
    }


def _opening(edition: Edition, unit: Organisation, number: int) -> str:
    quota = quota_lines(edition, unit)[0].number
    listed = subjects.counted(edition.category, number)
    within = f"在分配的 {quota} 个名额内，" if quota is not None and number <= quota else ""
    return (
        f"根据{S1}和“{edition.title}”的安排，我单位{within}推荐下列 {listed}，"
        "按推荐顺序排列，现将名单和推荐意见报上，请予审查。"
    )


def _line(row: Nomination) -> dict:
    said = getattr(row, "recommendation", None)
    return {
        "rank": row.rank or "",
        "name": subjects.full_name(row),
        "code": row.enterprise.credit_code,
        "nature": row.declaration.nature,
        "publicity": publicity_of(said),
        # Left to be written in by hand where nothing was said yet.
        "opinion": documents.paragraphs(said.opinion) if said else ["", ""],
    }

"""专家评分表 on paper, to be filled in by hand or signed as it was filled in on the screen."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.timezone import localdate, localtime

from nominations import subjects
from nominations.models import Dimension, Edition
from portal import documents
from portal.documents import pdf, plain_day
from portal.errors import Refused
from portal.figures import decimal_text, two_places
from portal.models import Membership, Role
from review.mine import total_of
from review.models import Assignment, ScoreSheet

DOCX, PRINT = "scores.docx", "review/offline_paper.html"
MOST_AS_PDF = 80  # sheets: some ten seconds; Word takes a thousand in five
EMPTY, TICKED = "□", "☑"


@dataclass(frozen=True)
class Line:
    """One dimension; points and remark are empty where they are to be written by hand."""

    name: str
    weight: str
    points_to: str
    points: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PaperSheet:
    """One nomination for one expert."""

    code: int
    expert: str
    name: str
    credit_code: str
    recommender: str
    lines: list[Line]
    clear: str = EMPTY
    total: str = ""
    comment: str = ""
    state: str = ""


def sheets_docx(
    edition: Edition, assignments: Iterable[Assignment], *, filled_by: Membership | None
) -> bytes:
    return documents.render("review", DOCX, sheets_context(edition, assignments, filled_by=filled_by))


def sheets_pdf(edition: Edition, assignments: list[Assignment], *, filled_by: Membership | None) -> bytes:
    """Raises `Refused` where the machine sets no PDF, or the sheets are too many."""
    if len(assignments) > MOST_AS_PDF:
        raise Refused(
            "共 {count} 份，超过 {most} 份，请下载 Word 文件打印，或按专家分别打印。",
            count=len(assignments),
            most=MOST_AS_PDF,
        )
    return pdf.render(PRINT, sheets_context(edition, assignments, filled_by=filled_by))


def sheets_page(edition: Edition, assignments: Iterable[Assignment], *, filled_by: Membership | None) -> str:
    """The same as a page to print from the browser."""
    return pdf.html(PRINT, sheets_context(edition, assignments, filled_by=filled_by))


def sheets_context(
    edition: Edition, assignments: Iterable[Assignment], *, filled_by: Membership | None
) -> dict:
    """What the templates are given. What was written is filled in for its own expert and for nobody else."""
    dimensions, assignments = list(edition.dimensions.all()), list(assignments)
    return {
        "title": f"{edition.title}专家评分表",
        "edition": edition.title,
        "named": subjects.title_of(edition),
        "host": edition.host.name,
        "sheets": [_sheet(each, dimensions, filled_by) for each in assignments],
        "note": _note(edition),
        "mark": "",
        "footer": f"{edition.title}专家评分表",
        "written": max((each.assigned_at for each in assignments), default=None),
    }


def _sheet(assignment: Assignment, dimensions: list[Dimension], filled_by) -> PaperSheet:
    nomination, member = assignment.nomination, assignment.member
    own = _own(assignment, filled_by)
    points = {score.dimension_id: score.points for score in own.scores.all()} if own else {}
    lines = [
        Line(
            each.name,
            decimal_text(each.weight),
            _points_to(each),
            decimal_text(points[each.pk]) if each.pk in points else "",
            own.remarks.get(each.code, "") if own else "",
        )
        for each in dimensions
    ]
    return PaperSheet(
        code=assignment.pk,
        expert=f"{member.code} {member.expert.name}",
        name=subjects.full_name(nomination),
        credit_code=nomination.enterprise.credit_code,
        recommender=nomination.recommender.name,
        lines=lines,
        clear=TICKED if own and assignment.declared_at else EMPTY,
        total=str(two_places(total_of(own, dimensions))) if len(points) == len(dimensions) else "",
        comment=own.comment if own else "",
        state=_state(own) if own else "",
    )


def _own(assignment: Assignment, hat: Membership | None) -> ScoreSheet | None:
    if hat is None or hat.role != Role.EXPERT or assignment.member.user_id != hat.user_id:
        return None
    return getattr(assignment, "sheet", None)


def _points_to(each: Dimension) -> str:
    lines = [f"{n}. {line}" for n, line in enumerate(each.subpoints, start=1)]
    return "\n".join(part for part in (*lines, each.guidance.strip()) if part)


def _state(sheet: ScoreSheet) -> str:
    moment = sheet.submitted_at or sheet.saved_at
    word = "提交" if sheet.submitted_at else "保存，还没有提交"
    return (
        f"按网页上第 {sheet.version} 版填写，{plain_day(localdate(moment))} {localtime(moment):%H:%M} {word}"
    )


def _note(edition: Edition) -> str:
    below, above = edition.comment_below, edition.comment_above
    parts = [f"低于 {decimal_text(below)} 分"] if below is not None else []
    parts += [f"高于 {decimal_text(above)} 分"] if above is not None else []
    explained = f"{'或'.join(parts)}的，须在该项评语中写明理由。" if parts else ""
    return f"每项 0 到 100 分，可以有半分。{explained}涂改处请签名。签名后交办公室，或扫描后在网页上传。"

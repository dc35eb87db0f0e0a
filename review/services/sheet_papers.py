"""专家评分表 on paper: which sheets a person may print, and the scan of the signed one."""

import hashlib
from datetime import datetime

from django.db import transaction

from nominations.models import Edition
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.files import IMAGES, clean_image, inspect
from portal.models import Membership, Role
from portal.permissions import require
from review.models import Assignment, ScoreSheet, SheetPaper
from review.services.office_sight import is_hidden_from

MOST_PAPERS = 10
SCANS = IMAGES | {"pdf"}


def printable(edition: Edition, hat: Membership, **within):
    """The tasks whose paper this person may print, in the panel's order: an expert's own, and to the office
    those under review. Nobody prints for one who is to step aside."""
    there = Assignment.objects.visible_to(hat).filter(nomination__edition=edition, **within).unbarred()
    if hat.role == Role.EXPERT:
        there = there.exclude(nomination__state=State.WITHDRAWN)
    elif hat.role == Role.OFFICE:
        there = there.filter(nomination__state=State.REVIEW)
    else:
        there = there.none()
    return (
        there.filter(recusal__isnull=True)
        .select_related("member__expert", "nomination__enterprise", "nomination__recommender", "sheet")
        .prefetch_related("sheet__scores")
        .order_by("member__code", "nomination__subject_key")
    )


def papers_visible_to(hat: Membership):
    """What was scanned: of one's own sheets; the office and supervision as they may the sheets."""
    seen = Assignment.objects.visible_to(hat).values("pk")
    return SheetPaper.objects.filter(sheet__assignment__in=seen)


@transaction.atomic
def attach_paper(assignment: Assignment, *, file, by: Membership, now: datetime) -> SheetPaper:
    """Keep the scan of a signed sheet beside what was handed in: a PDF as it is, a picture without place and
    time. It changes no score."""
    require(by, "review.attach_paper", assignment)
    row = Assignment.objects.select_related("member__expert", "nomination").get(pk=assignment.pk)
    name = row.nomination.subject_name
    if is_hidden_from(by, row.nomination) and by.role != Role.EXPERT:
        raise Refused("您须回避“{name}”的评审，请由办公室其他工作人员上传。", name=name)
    sheet = ScoreSheet.objects.select_for_update().filter(assignment=row).first()
    if sheet is None or sheet.submitted_at is None:
        raise Refused("“{name}”的评分表还没有提交，请提交后再上传签名的扫描件。", name=name)
    kind = inspect(file, allowed=SCANS)
    content = clean_image(file) if kind.is_image else file
    content.seek(0)
    data = content.read()
    content.seek(0)
    sha256 = hashlib.sha256(data).hexdigest()
    there = SheetPaper.objects.filter(sheet=sheet)
    if there.filter(sha256=sha256).exists():
        raise Refused("“{name}”与已上传的一份扫描件内容相同，不需要重复上传。", name=file.name[-60:])
    if there.count() >= MOST_PAPERS:
        raise Refused("一份评分表最多上传 {most} 份扫描件，请合并后再上传。", most=MOST_PAPERS)
    paper = SheetPaper(
        sheet=sheet,
        name=file.name[-120:],
        mime=kind.mime,
        size=len(data),
        sha256=sha256,
        uploaded_at=now,
        uploaded_by=by,
    )
    paper.file.save(file.name, content, save=False)
    paper.save()
    audit.record(
        "review.attach_paper",
        row,
        by=by,
        now=now,
        expert=row.member.code,
        file=paper.name,
        sha256=sha256,
        version=sheet.version,
    )
    return paper

"""Away from the screen: one's own sheets as a workbook, out and back; and the paper to sign, and its scan."""

import io

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import IntakeFile
from nominations.services import keeping
from nominations.states import StepKind
from portal.documents import download, pdf
from portal.errors import Refused
from portal.files import serve
from portal.models import Role
from portal.permissions import can, require
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook.writing import attachment
from review.forms.offline import ScanForm, SheetsForm
from review.forms.uploads import UploadForm
from review.models import Assignment, PanelMember
from review.papers import score_sheet
from review.services import score_sheets, sheet_papers
from review.services.score_reading import read_sheets
from review.views.finding import find_assignment, find_review, framed

PER_PAGE = 50


def offline(request, pk):
    """The expert's page: the workbook out and in, the paper, and what was scanned of it."""
    edition = _edition_of_mine(request, pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        score_sheets.keep_sheets, edition, by=request.hat, now=timezone.now()
    ):
        return redirect("review:offline_file", edition.pk, form.result.pk)
    mine = sheet_papers.printable(edition, request.hat)
    context = framed(
        request,
        edition,
        form=form,
        count=len(score_sheets.to_score(edition, request.hat)),
        closed=edition.step(StepKind.REVIEW).closed_at,
        page=Paginator(mine.annotate(scans=Count("sheet__papers")), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        pdf=pdf.available(),
    )
    return render(request, "review/offline.html", context)


def offline_workbook(request, pk):
    """The workbook itself."""
    edition = _edition_of_mine(request, pk)
    out = io.BytesIO()
    try:
        score_sheets.handout_sheets(edition, out, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("review:offline", edition.pk)
    return attachment(_("我的评分表-{edition}.xlsx").format(edition=edition.title), out.getvalue())


def offline_file(request, pk, kept):
    """What the kept file would change in one's drafts, and its confirmation."""
    edition = _edition_of_mine(request, pk)
    mine = IntakeFile.objects.filter(edition=edition, kind=IntakeFile.Kind.SCORES, uploaded_by=request.hat)
    kept = get_object_or_404(mine.select_related("edition", "handout"), pk=kept)
    back = reverse("review:offline", args=[edition.pk])
    if keeping.standing(kept).state == "done":
        messages.info(request, _("这份文件已经导入过。"))
        return redirect(back)
    now = timezone.now()
    try:
        diff = read_sheets(edition, kept.file, by=request.hat, now=now)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(back)
    form = SheetsForm(request.POST if request.method == "POST" else None, diff=diff)
    if request.method == "POST":
        if form.perform(score_sheets.apply_sheets, kept, by=request.hat, now=now):
            messages.success(
                request,
                _("已把 {count} 家的评分存为草稿，还没有提交。").format(count=len(form.result)),
            )
            return redirect("review:sheets")
        if request.POST.get("digest") != diff.digest:
            messages.error(request, _(keeping.MOVED))
            return redirect("review:offline_file", edition.pk, kept.pk)
    context = framed(
        request,
        edition,
        kept=kept,
        form=form,
        diff=diff,
        total=len(diff.asked),
        changes=[
            (row, [(diff.titles[cell.column], cell) for cell in row.cells if not cell.clash])
            for row in diff.asked
        ],
        closed=[(row, said(row.reason)) for row in diff.of("closed")],
        same=len(diff.of("same")),
        notices=[said(each) for each in diff.notices],
        problems=keeping.problems_of(WorkbookRefused(diff.errors)) if diff.errors else [],
        cancel_url=back,
    )
    return render(request, "review/offline_preview.html", context)


def offline_paper(request, pk):
    """Paper sheets in one file: all of mine, or for the office everybody's, blank."""
    edition = find_review(request, pk)
    if request.hat.role != Role.EXPERT:
        require(request.hat, "review.seat_panel", edition)
    within = {}
    if member := request.GET.get("member", ""):
        found = PanelMember.objects.filter(edition=edition, pk=int(member) if member.isdecimal() else 0)
        within = {"member": get_object_or_404(found)}
    found = list(sheet_papers.printable(edition, request.hat, **within))
    back = "review:offline" if request.hat.role == Role.EXPERT else "review:papers"
    if not found and request.hat.role == Role.EXPERT and not _has_tasks(request.hat, edition):
        raise Http404
    return _paper(request, edition, found, reverse(back, args=[edition.pk]))


def sheet_form(request, pk):
    """The paper of one sheet."""
    assignment = find_assignment(request, pk)
    require(request.hat, "review.print_sheet", assignment)
    edition = assignment.nomination.edition
    found = list(sheet_papers.printable(edition, request.hat, pk=assignment.pk))
    return _paper(request, edition, found, reverse("review:sheet_papers", args=[assignment.pk]))


def sheet_scans(request, pk):
    """The scans of one signed sheet, and one more."""
    assignment = find_assignment(request, pk)
    if request.hat.role not in (Role.EXPERT, Role.OFFICE, Role.AUDITOR):
        raise PermissionDenied
    form = ScanForm(request.POST or None, request.FILES or None)
    may = can(request.hat, "review.attach_paper", assignment)
    if request.method == "POST":
        require(request.hat, "review.attach_paper", assignment)
        if form.perform(sheet_papers.attach_paper, assignment, by=request.hat, now=timezone.now()):
            messages.success(request, _("已上传扫描件。"))
            return redirect("review:sheet_papers", assignment.pk)
    sheet = getattr(assignment, "sheet", None)
    handed_in = bool(sheet and sheet.submitted_at)
    edition = assignment.nomination.edition
    papers = sheet_papers.papers_visible_to(request.hat).filter(sheet__assignment=assignment)
    context = framed(
        request,
        edition,
        assignment=assignment,
        nomination=assignment.nomination,
        form=form,
        may=may and handed_in,
        handed_in=handed_in,
        papers=papers.select_related("uploaded_by__user"),
        printable=may and sheet_papers.printable(edition, request.hat, pk=assignment.pk).exists(),
        pdf=pdf.available(),
    )
    return render(request, "review/offline_scans.html", context)


def sheet_scan(request, pk):
    """One scan, as a download."""
    paper = get_object_or_404(sheet_papers.papers_visible_to(request.hat), pk=pk)
    return serve(request, paper.file, paper.name)


def papers(request, pk):
    """For the office: blank sheets for the panel, and which sheets have their scan; supervision reads."""
    edition = find_review(request, pk)
    require(request.hat, "review.see_scores", edition)
    handed_in = (
        Assignment.objects.visible_to(request.hat)
        .filter(nomination__edition=edition)
        .filter(Q(sheet__submitted_at__isnull=False) | Q(sheet__papers__isnull=False))
        .select_related("member__expert", "nomination", "sheet")
        .annotate(scans=Count("sheet__papers"))
        .order_by("member__code", "nomination__subject_key")
    )
    blank = sheet_papers.printable(edition, request.hat)
    members = PanelMember.objects.filter(edition=edition, assignments__in=blank.values("pk"))
    context = framed(
        request,
        edition,
        page=Paginator(handed_in, PER_PAGE).get_page(request.GET.get("page")),
        blank=blank.count(),
        members=members.select_related("expert").annotate(sheets=Count("assignments")),
        pdf=pdf.available(),
    )
    return render(request, "review/offline_office.html", context)


def _edition_of_mine(request, pk):
    """The edition this expert has tasks in; of any other nothing is known."""
    edition = find_review(request, pk)
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    if not _has_tasks(request.hat, edition):
        raise Http404
    return edition


def _has_tasks(hat, edition) -> bool:
    return Assignment.objects.visible_to(hat).filter(nomination__edition=edition).exists()


def _paper(request, edition, assignments, back) -> HttpResponse:
    """Word, PDF, or a page to print; what was written is on it only for its own expert, when asked."""
    filled_by = request.hat if request.GET.get("filled") else None
    kind = request.GET.get("as", "docx")
    title = assignments[0].nomination.subject_name if len(assignments) == 1 else edition.title
    name = _("专家评分表-{title}").format(title=title)
    try:
        if not assignments:
            raise Refused("没有可以打印的评分表：已回避、已撤回或不在评审中的不打印。")
        if kind == "pdf" and pdf.available():
            return download(f"{name}.pdf", score_sheet.sheets_pdf(edition, assignments, filled_by=filled_by))
        if kind in ("pdf", "page"):
            return HttpResponse(score_sheet.sheets_page(edition, assignments, filled_by=filled_by))
        return download(f"{name}.docx", score_sheet.sheets_docx(edition, assignments, filled_by=filled_by))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(back)

"""The visits, for the office: planned and given to teams, taken over from paper, closed."""

from io import BytesIO

from django.contrib import messages
from django.http import HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from awards.forms.teams import PaperForm, PlacesForm
from awards.models import InspectionFile
from awards.services import closing_inspection, inspecting, inspector_conflicts, teaming, visit_tables
from awards.views.framing import framed
from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import can, require
from portal.speech import said
from portal.workbook.writing import attachment

READERS = (Role.OFFICE, Role.AUDITOR, Role.INSPECTOR)


def _edition(request, pk):
    found = Edition.objects.visible_to(request.hat).select_related("host", "category")
    return get_object_or_404(found.prefetch_related("steps"), pk=pk)


def _posted(request):
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
def inspections(request, pk):
    """Whose visit is when; for an inspector only those of the own team, the next one first."""
    edition = _edition(request, pk)
    if request.hat.role not in READERS:
        return HttpResponseForbidden()
    if request.hat.role != Role.INSPECTOR:
        require(request.hat, "awards.export", edition)
    if request.method == "POST":
        return _plan(request, edition)
    visits = list(inspecting.visits_of(edition, request.hat))
    mine = request.hat.role == Role.INSPECTOR
    context = {
        "visits": visits,
        "mine": mine,
        "undeclared": len(inspector_conflicts.undeclared(edition, request.hat)) if mine else 0,
        "may_plan": can(request.hat, "awards.plan_inspection", edition),
        "unplanned": Nomination.objects.at(State.INSPECTION)
        .filter(edition=edition, inspection__isnull=True)
        .count(),
        "figures": inspecting.figures_of(visits, today=timezone.localdate()),
        "step": edition.step(StepKind.INSPECTION),
        "closed": bool(edition.step(StepKind.INSPECTION).closed_at),
        "today": timezone.localdate(),
    }
    return render(request, "awards/inspections.html", framed(request, edition, **context))


def _plan(request, edition):
    try:
        planned = inspecting.plan_inspections(edition, by=request.hat, now=timezone.now())
    except Refused as refused:
        messages.error(request, said(refused))
    else:
        messages.success(request, _("已为 {n} 家建立考察任务，请安排考察组。").format(n=len(planned)))
    return redirect("awards:inspections", edition.pk)


@require_http_methods(["GET", "POST"])
def inspection_team(request, pk):
    """One team for the visits picked, each on its day."""
    edition = _edition(request, pk)
    require(request.hat, "awards.plan_inspection", edition)
    picked = [each for each in request.GET.getlist("visit") if each.isdecimal()][:100]
    waiting = inspecting.visits_of(edition, request.hat).filter(
        verdict="", nomination__state=State.INSPECTION
    )
    visits = list(waiting.filter(pk__in=picked))
    if not visits:
        messages.warning(request, _("请先选择要安排的企业；已有结论的不能再安排。"))
        return redirect("awards:inspections", pk)
    teams = list(edition.teams.filter(active=True).order_by("number"))
    form = PlacesForm(_posted(request), visits=visits, teams=teams)
    if request.method == "POST" and form.perform(teaming.assign, edition, by=request.hat, now=timezone.now()):
        messages.success(request, _("已安排 {n} 家的考察组，并通知考察人员。").format(n=len(visits)))
        return redirect("awards:inspections", pk)
    context = {"form": form, "visits": visits, "back": reverse("awards:inspections", args=[pk])}
    return render(request, "awards/inspection_team.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def inspection_paper(request, pk):
    """考察记录.xlsx: handed in to be looked through."""
    edition = _edition(request, pk)
    require(request.hat, "awards.plan_inspection", edition)
    form = PaperForm(_posted(request), request.FILES or None)
    if request.method == "POST" and form.perform(
        inspecting.keep_inspections, edition, by=request.hat, now=timezone.now()
    ):
        return redirect("awards:inspection_preview", form.result.pk)
    back = reverse("awards:inspections", args=[pk])
    return render(request, "awards/inspection_paper.html", framed(request, edition, form=form, back=back))


@require_http_methods(["GET", "POST"])
def inspection_preview(request, pk):
    """What the kept file would do, and doing it."""
    kept = get_object_or_404(
        InspectionFile.objects.filter(uploaded_by=request.hat, applied_at__isnull=True).select_related(
            "edition__host"
        ),
        pk=pk,
    )
    edition, now = kept.edition, timezone.now()
    form = ServiceForm(_posted(request))
    if request.method == "POST" and form.perform(inspecting.apply_kept, kept, by=request.hat, now=now):
        n = len(form.result.rows)
        messages.success(
            request,
            ngettext("已登记 {n} 家的考察结论。", "已登记 {n} 家的考察结论。", n).format(n=n),
        )
        return redirect("awards:inspections", edition.pk)
    try:
        with kept.file.open("rb") as file:
            paper = inspecting.read_inspections(edition, file, now=now)
    except Refused as refused:
        if not form.is_bound:
            form = ServiceForm({})
            form.is_valid()
            form.refuse(refused)
        paper = None
    context = {"kept": kept, "paper": paper, "form": form}
    if paper:
        context["notices"] = [said(each) for each in paper.notices]
        context["failed"] = [visit for visit, values in paper.rows if values["verdict"] == "不合格"]
    context["back"] = reverse("awards:inspection_paper", args=[edition.pk])
    return render(request, "awards/inspection_preview.html", framed(request, edition, **context))


@require_GET
def inspection_form(request, pk):
    edition = _edition(request, pk)
    out = BytesIO()
    visit_tables.write_blank(edition, out, by=request.hat)
    return attachment(_("考察记录.xlsx"), out.getvalue())


@require_GET
def inspections_export(request, pk):
    edition = _edition(request, pk)
    out = BytesIO()
    visit_tables.write_inspection_table(edition, out, by=request.hat)
    return attachment(_("考察汇总表.xlsx"), out.getvalue())


@require_http_methods(["GET", "POST"])
def close_inspection(request, pk):
    edition = _edition(request, pk)
    require(request.hat, "awards.close_inspection", edition)
    form = ServiceForm(_posted(request))
    if request.method == "POST" and form.perform(
        closing_inspection.close_inspection, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("差额考察已关闭，合格的企业等待确定公示名单。"))
        return redirect("awards:publicity", pk)
    preview = closing_inspection.preview_inspection(edition)
    context = {
        "form": form,
        "preview": preview,
        "back": reverse("awards:inspections", args=[pk]),
        "title": _("关闭差额考察"),
        "sentences": [
            _("合格的 {n} 家留在本环节，由办公室提出公示名单。").format(n=len(preview.passed)),
            _("不合格的 {n} 家止步，理由写入留痕记录并告知推荐单位。").format(n=len(preview.failed)),
            _("没有列入考察名单的候补企业不受影响。"),
        ],
        "passed": [visit.nomination.subject_name for visit in preview.passed],
        "failed": [f"{visit.nomination.subject_name}：{visit.problem}" for visit in preview.failed],
        "moves_title": _("考察合格"),
        "stays_title": _("考察不合格，在此止步"),
        "undo_note": _("关闭后不能重新打开，也不能再登记考察结论和照片。"),
        "verb": _("关闭差额考察"),
        "cancel_url": reverse("awards:inspections", args=[pk]),
    }
    return render(request, "awards/inspection_close.html", framed(request, edition, **context))

"""One visit: its page, what is noted beside the checklist, what is set aside."""

from uuid import uuid4

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awards.forms.noting import DocumentForm, InterviewForm, LineForm, VoidForm
from awards.forms.visiting import VisitForm
from awards.models import CheckedDocument, Inspection, InspectionPhoto, Interview, VisitSignature
from awards.services import checklists, noting, photos, visiting
from awards.services.inspector_conflicts import must_declare
from awards.services.visit_facts import digest_of
from awards.views.framing import framed
from awards.views.referrals import handling
from nominations.states import State
from portal import files
from portal.models import Role
from portal.permissions import can, require
from portal.templatetags.portal import cndate


def visit_of(request, pk) -> Inspection:
    """A visit this hat may see, with all its page shows."""
    found = Inspection.objects.visible_to(request.hat).select_related(
        "nomination__edition__host",
        "nomination__edition__category",
        "nomination__enterprise",
        "nomination__declaration",
        "nomination__recommender",
        "nomination__shortlist_row",
        "recorded_by__user",
    )
    rows = (
        "nomination__edition__steps",
        "lines__evidence",
        "lines__checked_by__user",
        "photos__line",
        "documents__line",
        "documents__noted_by__user",
        "interviews__noted_by__user",
        "signatures",
    )
    return get_object_or_404(found.prefetch_related(*rows), pk=pk)


def may_record(request, visit) -> bool:
    return (
        not visit.verdict
        and visit.nomination.state == State.INSPECTION
        and can(request.hat, "awards.record_inspection", visit)
    )


@require_http_methods(["GET", "POST"])
def inspection(request, pk):
    visit = visit_of(request, pk)
    now = timezone.now()
    form = None
    if request.method == "POST":
        form = VisitForm(request.POST, request.FILES, visit=visit, now=now)
        if form.perform(visiting.keep_visit, visit, by=request.hat, now=now):
            messages.success(request, _("已存为草稿，可以稍后继续填写。"))
            return redirect("awards:inspection", visit.pk)
        visit = visit_of(request, pk)
        form.renew(visit)
    elif may_record(request, visit):
        form = VisitForm(visit=visit, now=now)
    return _page(request, visit, form)


def _page(request, visit, form, **forms):
    nomination = visit.nomination
    if form:
        form.ask()
    context = {
        "visit": visit,
        "nomination": nomination,
        "facts": _facts(visit),
        "form": form,
        "digest": "" if visit.verdict else digest_of(visit),
        "document_form": _fresh(DocumentForm, visit),
        "interview_form": _fresh(InterviewForm, visit),
        # A phone that holds what was never sent says so, and lets the page go that it had kept.
        "may_keep": bool(visit.verdict) and request.hat.role == Role.INSPECTOR,
        "undeclared": request.hat.role == Role.INSPECTOR and form and must_declare(visit, request.user),
        "may_add_line": can(request.hat, "awards.plan_inspection", visit),
        **handling(visit),
    }
    page = framed(request, nomination.edition, **context | forms)
    return render(request, "awards/inspection.html", page)


def _fresh(form, visit):
    return form(visit=visit, initial={"client_id": uuid4()})


def _facts(visit):
    nomination = visit.nomination
    row, claims = getattr(nomination, "shortlist_row", None), nomination.declaration
    return [
        (_("推荐单位"), nomination.recommender.name),
        (_("综合名次"), _("第 {n} 名").format(n=row.rank) if row else ""),
        (_("计划日期"), cndate(visit.planned_on)),
        (_("考察组长"), visit.leader_name),
        (_("考察成员"), visit.member_names),
        (_("考察地点"), visit.address),
        (
            _("联系人"),
            f"{claims.contact_name} {claims.contact_phone}".strip(),
        ),
    ]


@require_POST
def note_document(request, pk):
    return _note(request, pk, "document_form", DocumentForm, noting.note_document, "documents")


@require_POST
def note_interview(request, pk):
    return _note(request, pk, "interview_form", InterviewForm, noting.note_interview, "interviews")


def _note(request, pk, name, kind, service, place):
    visit, now = visit_of(request, pk), timezone.now()
    form = kind(request.POST, visit=visit)
    if form.perform(service, visit, by=request.hat, now=now):
        messages.success(request, _("已记下。"))
        return redirect(f"{reverse('awards:inspection', args=[pk])}#{place}")
    page = VisitForm(visit=visit, now=now) if may_record(request, visit) else None
    return _page(request, visit, page, **{name: form})


@require_http_methods(["GET", "POST"])
def line_new(request, pk):
    """A line the office wants looked at."""
    visit = visit_of(request, pk)
    require(request.hat, "awards.plan_inspection", visit)
    form = LineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        checklists.add_line, visit, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已增列“{item}”。").format(item=form.result.item))
        return redirect("awards:inspection", pk)
    return _small(request, visit, form, _("增列核对事项"), _("增列这一项"))


@require_http_methods(["GET", "POST"])
def void_photo(request, pk):
    return _void(request, InspectionPhoto, pk, photos.void_photo, _("作废这张照片"))


@require_http_methods(["GET", "POST"])
def void_document(request, pk):
    return _void(request, CheckedDocument, pk, noting.void_note, _("作废这份材料的记录"))


@require_http_methods(["GET", "POST"])
def void_interview(request, pk):
    return _void(request, Interview, pk, noting.void_note, _("作废这次访谈的记录"))


def _void(request, model, pk, service, title):
    """Set aside with a reason; it stays to be seen, marked."""
    here = model.objects.filter(inspection__in=Inspection.objects.visible_to(request.hat))
    thing = get_object_or_404(here.select_related("inspection"), pk=pk)
    visit = visit_of(request, thing.inspection_id)
    require(request.hat, "awards.record_inspection", visit)
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(service, thing, by=request.hat, now=timezone.now()):
        messages.success(request, _("已作废，原件和原因留存。"))
        return redirect("awards:inspection", visit.pk)
    return _small(request, visit, form, title, _("作废"))


def _small(request, visit, form, title, submit):
    context = {"visit": visit, "form": form, "title": title, "submit": submit}
    context["back"] = reverse("awards:inspection", args=[visit.pk])
    return render(request, "awards/visit_form.html", framed(request, visit.nomination.edition, **context))


@require_GET
def photo(request, pk):
    visits = Inspection.objects.visible_to(request.hat)
    found = get_object_or_404(InspectionPhoto.objects.filter(inspection__in=visits), pk=pk)
    return files.serve(request, found.file, f"photo-{found.pk}{_ending(found.file.name)}")


@require_GET
def signature_scan(request, pk):
    visits = Inspection.objects.visible_to(request.hat)
    signed = VisitSignature.objects.filter(inspection__in=visits).exclude(scan="")
    found = get_object_or_404(signed, pk=pk)
    return files.serve(request, found.scan, f"signature-{found.pk}{_ending(found.scan.name)}")


def _ending(name):
    return name[name.rfind(".") :] if "." in name else ""

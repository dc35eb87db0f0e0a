"""One visit: recorded on the spot, kept while it is typed, its photographs."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awards.forms.visiting import VisitForm
from awards.models import Inspection, InspectionPhoto
from awards.services import visiting
from awards.views.framing import framed
from nominations.states import State
from portal import files
from portal.permissions import can
from portal.templatetags.portal import cndate


def _visit(request, pk):
    found = Inspection.objects.visible_to(request.hat).select_related(
        "nomination__edition__host",
        "nomination__enterprise",
        "nomination__declaration",
        "nomination__recommender",
        "nomination__shortlist_row",
        "recorded_by__user",
    )
    return get_object_or_404(found.prefetch_related("nomination__edition__steps", "photos"), pk=pk)


@require_http_methods(["GET", "POST"])
def inspection(request, pk):
    visit = _visit(request, pk)
    now = timezone.now()
    may_record = (
        not visit.verdict
        and visit.nomination.state == State.INSPECTION
        and can(request.hat, "awards.record_inspection", visit)
    )
    form = None
    if request.method == "POST":
        form = VisitForm(request.POST, request.FILES, visit=visit, now=now)
        service = visiting.record_visit if request.POST.get("act") == "record" else visiting.keep_visit
        if form.perform(service, visit, by=request.hat, now=now):
            return _recorded(request, form.result)
        visit = _visit(request, pk)
        form.renew(visit.version)
    elif may_record:
        form = VisitForm(visit=visit, now=now)
    if form:
        form.ask()
    context = {
        "visit": visit,
        "nomination": visit.nomination,
        "facts": _facts(visit),
        "form": form,
        "draft_url": reverse("awards:inspection_draft", args=[pk]),
    }
    return render(request, "awards/inspection.html", framed(request, visit.nomination.edition, **context))


def _recorded(request, visit):
    name = visit.nomination.subject_name
    if visit.verdict:
        said_so = _("“{name}”的考察结论已登记：{verdict}。")
        messages.success(request, said_so.format(name=name, verdict=visit.get_verdict_display()))
        return redirect("awards:inspections", visit.nomination.edition_id)
    messages.success(request, _("已存为草稿，可以稍后继续填写。"))
    return redirect("awards:inspection", visit.pk)


def _facts(visit):
    nomination = visit.nomination
    row, claims = getattr(nomination, "shortlist_row", None), nomination.declaration
    return [
        (_("推荐单位"), nomination.recommender.name),
        (_("综合名次"), _("第 {n} 名").format(n=row.rank) if row else ""),
        (_("计划日期"), cndate(visit.planned_on)),
        (_("考察组长"), visit.leader_name),
        (_("考察成员"), visit.member_names),
        (
            _("联系人"),
            f"{claims.contact_name} {claims.contact_phone}".strip(),
        ),
    ]


@require_POST
def inspection_draft(request, pk):
    """What is typed is kept while it is typed; the answer says when, and carries the new version."""
    visit = _visit(request, pk)
    now = timezone.now()
    form = VisitForm(request.POST, visit=visit, now=now)
    form.fields["photos"].disabled = True
    saved = form.perform(visiting.keep_visit, visit, by=request.hat, now=now)
    context = {"saved": form.result if saved else None, "form": form, "now": now}
    return render(request, "awards/inspection_saved.html", context)


@require_GET
def photo(request, pk):
    visits = Inspection.objects.visible_to(request.hat)
    found = get_object_or_404(InspectionPhoto.objects.filter(inspection__in=visits), pk=pk)
    return files.serve(request, found.file, f"photo-{found.pk}{_ending(found.file.name)}")


def _ending(name):
    return name[name.rfind(".") :] if "." in name else ""

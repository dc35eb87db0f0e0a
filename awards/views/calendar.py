"""When the teams go where: calendar, the way of a day, a proposal of days; and the letters that say so."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awards.forms.teams import PlacesForm, ProposalForm
from awards.models import Inspection, IssuedPaper
from awards.services import letters as letter_services
from awards.services import proposing, routing, teaming, visit_calendar
from awards.services.team_places import current
from awards.views.framing import edition_of, framed
from nominations.desk import Chip
from nominations.models import Edition
from nominations.states import StepKind
from portal import documents, files
from portal.errors import Refused
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import can, require
from portal.speech import said
from portal.templatetags.portal import cndate
from portal.workbook.writing import disposition


def _readable(request, pk) -> Edition:
    """For the office and the auditor the whole plan; for an inspector the own days of it."""
    if request.hat.role != Role.INSPECTOR:
        return edition_of(request, pk)
    found = Edition.objects.visible_to(request.hat).select_related("host", "category")
    return get_object_or_404(found.prefetch_related("steps"), pk=pk)


def _may_plan(request, edition) -> bool:
    step = edition.step(StepKind.INSPECTION)
    return can(request.hat, "awards.plan_inspection", edition) and not step.closed_at


@require_GET
def calendar(request, pk):
    """Days down, teams across."""
    edition = _readable(request, pk)
    today = timezone.localdate()
    plan = visit_calendar.calendar_of(edition, request.hat, today=today)
    context = {
        "plan": plan,
        "rows": [(day, list(zip(plan.teams, day.cells, strict=True))) for day in plan.days],
        "collisions": [said(each) for each in plan.collisions],
        "may_plan": _may_plan(request, edition),
    }
    return render(request, "awards/visit_calendar.html", framed(request, edition, **context))


@require_http_methods(["GET", "POST"])
def route(request, pk):
    """A day's way of each team; for the office, its own order of it."""
    edition = _readable(request, pk)
    seen = Inspection.objects.visible_to(request.hat).filter(nomination__edition=edition)
    days = list(
        seen.filter(team__isnull=False, planned_on__isnull=False)
        .order_by("planned_on")
        .values_list("planned_on", flat=True)
        .distinct()
    )
    day = _day(request.GET.get("day")) or _next(days, timezone.localdate())
    may = _may_plan(request, edition)
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.hat, "awards.plan_inspection", edition)
        team = get_object_or_404(edition.teams, pk=request.POST.get("team", "").strip() or 0)
        order = _order(request.POST)
        if form.perform(
            routing.set_route, edition, team, day, order=order, by=request.hat, now=timezone.now()
        ):
            messages.success(request, _("已保存“{team}”当日的次序。").format(team=team.name))
            return redirect(f"{reverse('awards:visit_route', args=[pk])}?day={day}")
    context = {
        "form": form,
        "day": day,
        "works": visit_calendar.is_worked(day) if day else True,
        "routes": [
            (
                each,
                [(visit, routing.division_of(visit), routing.place_of(visit)) for visit in each.visits],
                current(each.team),
            )
            for each in (routing.routes(edition, request.hat, day) if day else [])
        ],
        "may_call": request.hat.role in (Role.OFFICE, Role.INSPECTOR),
        "chips": [Chip(cndate(each), f"?day={each}", each == day, "") for each in days],
        "may_plan": may,
    }
    return render(request, "awards/visit_route.html", framed(request, edition, **context))


def _day(text) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _next(days: list[date], today: date) -> date | None:
    """The first day that is not over, else the last."""
    return next((day for day in days if day >= today), days[-1] if days else None)


def _order(posted) -> list[int]:
    """The visits by the numbers that were typed; equal ones as they stood."""
    rows = []
    for place, name in enumerate(each for each in posted if each.startswith("place_")):
        visit, number = name.removeprefix("place_"), posted[name].strip()
        if visit.isdecimal() and len(visit) < 10:
            number = int(number) if number.isdecimal() and len(number) < 4 else 999
            rows.append((number, place, int(visit)))
    return [visit for _number, _place, visit in sorted(rows)]


@require_http_methods(["GET", "POST"])
def propose(request, pk):
    """Days and teams for those that wait: proposed by the address, changed on the page, taken by a button."""
    edition = edition_of(request, pk, "awards.plan_inspection")
    starts, ends = proposing.usual_days(edition, timezone.now())
    asked = ProposalForm(
        request.GET if "starts" in request.GET else None, initial={"starts": starts, "ends": ends}
    )
    proposed = form = None
    if asked.is_bound and asked.is_valid():
        try:
            proposed = proposing.propose(edition, **asked.cleaned_data)
        except Refused as refused:
            asked.add_error(None, said(refused))
    if proposed:
        form = PlacesForm(
            request.POST if request.method == "POST" else None,
            visits=[visit for visit, _place in proposed.rows],
            teams=list(edition.teams.filter(active=True).order_by("number")),
            proposed={visit.pk: place for visit, place in proposed.rows},
        )
        if request.method == "POST" and form.perform(
            teaming.assign, edition, by=request.hat, now=timezone.now()
        ):
            messages.success(
                request, _("已安排 {n} 家的考察组和日期，并通知考察人员。").format(n=len(form.result))
            )
            return redirect("awards:visit_calendar", pk)
    context = {
        "asked": asked,
        "proposed": proposed,
        "form": form,
        "rows": [
            (visit, fields, routing.division_of(visit)) for visit, fields in (form.rows() if form else [])
        ],
        "back": reverse("awards:visit_calendar", args=[pk]),
    }
    return render(request, "awards/visit_proposal.html", framed(request, edition, **context))


# --- the letters


@require_http_methods(["GET", "POST"])
def letters(request, pk):
    """Which visit has its letters; issuing those that are due."""
    edition = edition_of(request, pk)
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.hat, "awards.issue_paper", edition)
        if form.perform(letter_services.issue_letters, edition, by=request.hat, now=timezone.now()):
            messages.success(request, _("已制发 {n} 份考察通知。").format(n=len(form.result)))
            return redirect("awards:visit_letters", pk)
    rows = letter_services.letters_of(edition)
    may = can(request.hat, "awards.issue_paper", edition)
    context = {
        "form": form,
        "rows": rows,
        "due": sum(each.due for each in rows),
        "issued": sum(len(each.papers) for each in rows),
        "may_issue": may and not edition.step(StepKind.INSPECTION).closed_at,
        "may_export": may,
    }
    return render(request, "awards/visit_letters.html", framed(request, edition, **context))


@require_GET
def letters_zip(request, pk):
    edition = edition_of(request, pk, "awards.issue_paper")
    try:
        data = letter_services.export_letters(edition, by=request.hat)
    except Refused as refused:
        messages.info(request, said(refused))
        return redirect("awards:visit_letters", pk)
    answer = documents.download(_("考察通知.docx"), data)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = disposition(_("考察通知.zip"))
    return answer


@require_GET
def letter(request, pk):
    """One letter as it went out, for those who see its visit."""
    visits = Inspection.objects.visible_to(request.hat)
    papers = IssuedPaper.objects.filter(kind__in=letter_services.KINDS, inspection__in=visits)
    paper = get_object_or_404(papers.select_related("inspection__nomination"), pk=pk)
    return files.serve(request, paper.file, letter_services.file_name(paper))

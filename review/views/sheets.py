"""The expert's pages: what is mine to score, one sheet, and handing it in."""

from fractions import Fraction
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Evidence
from nominations.reading import declared_sections
from nominations.states import State
from portal.figures import two_places
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import require
from review import services
from review.forms.panel import SheetForm
from review.models import Assignment
from review.views.finding import find_assignment, framed

TODO, DRAFT, DONE, ASIDE, CLOSED = "todo", "draft", "done", "aside", "closed"


def sheets(request):
    """Mine alone, least finished first, by edition."""
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    groups = []
    for edition, mine in groupby(my_assignments(request.hat), key=lambda each: each.nomination.edition):
        lines = sorted((_line(each) for each in mine), key=lambda line: line["order"])
        live = [line for line in lines if line["status"] in (TODO, DRAFT, DONE)]
        groups.append(
            {
                "edition": edition,
                "lines": lines,
                "done": sum(1 for line in live if line["status"] == DONE),
                "of": len(live),
                "undeclared": sum(1 for line in live if line["undeclared"]),
                "due": edition.step("review").closes,
                "closed": edition.step("review").closed_at,
            }
        )
    groups.sort(key=lambda group: bool(group["closed"]))
    return render(request, "review/sheets.html", {"groups": groups})


def my_assignments(hat):
    return (
        Assignment.objects.visible_to(hat)
        .exclude(nomination__state=State.WITHDRAWN)
        .select_related("nomination__edition", "nomination__recommender", "sheet", "recusal", "member")
        .prefetch_related("sheet__scores", "nomination__edition__steps", "nomination__edition__dimensions")
        .order_by("-nomination__edition__year", "nomination__edition_id", "nomination__subject_key")
    )


def _line(assignment) -> dict:
    sheet = getattr(assignment, "sheet", None)
    scored = len(sheet.scores.all()) if sheet else 0
    of = len(assignment.nomination.edition.dimensions.all())
    status = _status(assignment, sheet)
    rank = {TODO: 0, DRAFT: 1, DONE: 2, ASIDE: 3, CLOSED: 4}[status]
    return {
        "assignment": assignment,
        "nomination": assignment.nomination,
        "status": status,
        "scored": scored,
        "of": of,
        "undeclared": status == TODO and not assignment.declared_at,
        "total": _total(assignment, sheet) if sheet and sheet.submitted_at else None,
        "order": (rank, scored, assignment.nomination.subject_key),
    }


def _status(assignment, sheet) -> str:
    if hasattr(assignment, "recusal"):
        return ASIDE
    if sheet and sheet.submitted_at:
        return DONE
    if assignment.nomination.state != State.REVIEW:
        return CLOSED
    return DRAFT if sheet else TODO


def sheet(request, pk):
    """Material and scores. The expert must have declared; who recused sees nothing of it."""
    assignment = find_assignment(request, pk)
    if hasattr(assignment, "recusal"):
        return _recused(request, assignment)
    if request.hat.role == Role.EXPERT:
        require(request.hat, "review.score", assignment)
        if not assignment.declared_at:
            return redirect("review:recuse", assignment.pk)
    else:
        require(request.hat, "review.see_scores", assignment)
    own = _readable(request.hat, assignment)
    open_now = (
        request.hat.role == Role.EXPERT
        and assignment.nomination.state == State.REVIEW
        and not (own and own.submitted_at)
    )
    dimensions = list(assignment.nomination.edition.dimensions.all())
    form = SheetForm(request.POST or None, dimensions=dimensions, sheet=own)
    if request.method == "POST":
        if request.hat.role != Role.EXPERT:
            raise PermissionDenied
        return _save(request, assignment, form, dimensions)
    return _page(request, assignment, form, dimensions, open_now)


def _readable(hat, assignment):
    """One's own sheet; to the office and the auditor it is there once it is handed in."""
    own = getattr(assignment, "sheet", None)
    return own if own and (hat.role == Role.EXPERT or own.submitted_at) else None


def _save(request, assignment, form, dimensions):
    quiet = request.headers.get("X-Requested-With") == "fetch"
    done = form.perform(services.save_sheet, assignment, by=request.hat, now=timezone.now())
    if quiet and not done:
        return JsonResponse({"error": " ".join(form.non_field_errors())}, status=409)
    if quiet:
        kept = form.result
        return JsonResponse(
            {
                "version": kept.version,
                "saved": _("已保存 {time}").format(time=f"{timezone.localtime(kept.saved_at):%H:%M:%S}"),
                "total": f"{two_places(_total(assignment, kept))}",
            }
        )
    if not done:
        return _page(request, assignment, form, dimensions, True)
    if request.POST.get("action") == "submit":
        return redirect("review:submit_sheet", assignment.pk)
    messages.success(request, _("已保存，还没有提交。"))
    return redirect("review:sheet", assignment.pk)


def _page(request, assignment, form, dimensions, open_now):
    nomination = assignment.nomination
    own = _readable(request.hat, assignment)
    context = framed(
        request,
        nomination.edition,
        assignment=assignment,
        nomination=nomination,
        sheet=own,
        form=form,
        open_now=open_now,
        lines=form.lines(),
        scores=_shown(own, dimensions),
        total=two_places(_total(assignment, own)) if own else two_places(Fraction(0)),
        declared=declared_sections(nomination, request.hat, contacts=False),
        evidence=list(Evidence.objects.filter(nomination=nomination).current()),
        next_one=_next(request.hat, assignment) if request.hat.role == Role.EXPERT else None,
    )
    return render(request, "review/sheet.html", context)


def _shown(own, dimensions):
    points = {each.dimension_id: each.points for each in own.scores.all()} if own else {}
    return [(each, points.get(each.pk)) for each in dimensions]


def _total(assignment, own) -> Fraction:
    """The weighted sum of what is scored so far."""
    weights = {each.pk: each.weight for each in assignment.nomination.edition.dimensions.all()}
    return sum(
        (Fraction(score.points) * Fraction(weights[score.dimension_id]) / 100 for score in own.scores.all()),
        Fraction(0),
    )


def _next(hat, current):
    """The least finished of mine in the same edition, not this one."""
    lines = [
        _line(each)
        for each in my_assignments(hat).filter(nomination__edition=current.nomination.edition_id)
        if each.pk != current.pk
    ]
    left = [line for line in lines if line["status"] in (TODO, DRAFT)]
    return min(left, key=lambda line: line["order"])["assignment"] if left else None


def _recused(request, assignment):
    context = framed(
        request, assignment.nomination.edition, assignment=assignment, nomination=assignment.nomination
    )
    return render(request, "review/recused.html", context)


def submit(request, pk):
    """What is handed in, in figures, and that it cannot be changed after."""
    assignment = find_assignment(request, pk)
    if request.hat.role != Role.EXPERT:
        # The office enters paper by its workbook; an expert's draft is handed in by the expert alone.
        raise PermissionDenied
    own = getattr(assignment, "sheet", None)
    if hasattr(assignment, "recusal") or own is None or own.submitted_at:
        return redirect("review:sheet", assignment.pk)
    form = ServiceForm(request.POST or None)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        version = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else -1
        if form.perform(
            services.submit_sheet, assignment, version=version, by=request.hat, now=timezone.now()
        ):
            messages.success(
                request, _("“{name}”的评分表已提交。").format(name=assignment.nomination.subject_name)
            )
            following = _next(request.hat, assignment)
            return redirect("review:sheet", following.pk) if following else redirect("review:sheets")
    dimensions = list(assignment.nomination.edition.dimensions.all())
    context = framed(
        request,
        assignment.nomination.edition,
        assignment=assignment,
        nomination=assignment.nomination,
        sheet=own,
        form=form,
        scores=_shown(own, dimensions),
        total=two_places(_total(assignment, own)),
    )
    return render(request, "review/submit.html", context)

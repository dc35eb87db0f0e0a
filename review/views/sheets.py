"""The expert's pages: what is mine to score, one sheet, and handing it in."""

from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.figures import two_places
from portal.forms import ServiceForm
from portal.models import Role
from portal.permissions import can, require
from review import services
from review.forms.sheets import SheetForm, values_of
from review.material import material_of
from review.mine import DONE, first_of, invitations_of, is_under_review, next_of, tasks_of, total_of
from review.rules import sheet_total
from review.services.conflicts import conflict_of
from review.services.discussed import spread_of
from review.services.sheet_history import history_of
from review.views.finding import find_assignment, framed
from review.views.settling import settle, show_both


def sheets(request):
    """Mine alone, least finished first, by edition; and the invitations I have not answered."""
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    groups = []
    for edition, mine in groupby(tasks_of(request.hat), key=lambda task: task.nomination.edition):
        lines = list(mine)
        live = [line for line in lines if line.live]
        left = [line for line in live if line.status != DONE]
        groups.append(
            {
                "edition": edition,
                "lines": lines,
                "done": len(live) - len(left),
                "of": len(live),
                "undeclared": sum(1 for line in live if line.undeclared),
                "following": first_of(left),
                "due": edition.step(StepKind.REVIEW).closes,
                "closed": edition.step(StepKind.REVIEW).closed_at,
            }
        )
    groups.sort(key=lambda group: bool(group["closed"]))
    return render(
        request, "review/sheets.html", {"groups": groups, "invitations": list(invitations_of(request.hat))}
    )


def sheet(request, pk):
    """Material and scores. The expert must have declared; who is in conflict sees nothing of it."""
    assignment = find_assignment(request, pk)
    quiet = request.headers.get("X-Requested-With") == "fetch"
    expert = request.hat.role == Role.EXPERT
    require(request.hat, "review.score" if expert else "review.see_scores", assignment)
    conflict = conflict_of(assignment)
    if hasattr(assignment, "recusal") or (expert and conflict):
        if quiet:
            return JsonResponse({"error": _("这一家已回避，不能再评分。"), "stop": True}, status=422)
        return _recused(request, assignment, conflict)
    if expert and not assignment.declared_at:
        return redirect("review:recuse", assignment.pk)
    own = _readable(request.hat, assignment)
    dimensions = list(assignment.nomination.edition.dimensions.all())
    form = SheetForm(request.POST or None, dimensions=dimensions, sheet=own)
    if request.method != "POST":
        return _page(request, assignment, form, dimensions)
    if not expert:
        raise PermissionDenied
    if request.POST.get("action") == "settle":
        return settle(request, assignment, dimensions)
    return _save(request, assignment, form, dimensions, quiet)


def _readable(hat, assignment):
    """One's own sheet; to the office and the auditor it is there once it is handed in."""
    own = getattr(assignment, "sheet", None)
    return own if own and (hat.role == Role.EXPERT or own.submitted_at) else None


def _save(request, assignment, form, dimensions, quiet):
    done = form.perform(services.save_sheet, assignment, by=request.hat, now=timezone.now())
    found = find_assignment(request, assignment.pk)
    moved = isinstance(form.refusal, services.Moved) and hasattr(found, "sheet")
    if quiet:
        return _told(found, form, dimensions, moved)
    if moved:
        return show_both(request, found, dimensions, form.data)
    if not done:
        return _page(request, assignment, form, dimensions)
    if request.POST.get("action") == "submit":
        return redirect("review:submit_sheet", assignment.pk)
    messages.success(request, _("已保存，还没有提交。"))
    return redirect("review:sheet", assignment.pk)


def _told(assignment, form, dimensions, moved) -> JsonResponse:
    """200 it is kept, 409 another window was there before and this is what it left, 422 it cannot be kept."""
    if moved:
        stands = assignment.sheet
        answer = {"version": stands.version, "stands": values_of(stands, dimensions)}
        return JsonResponse(answer | {"error": " ".join(form.non_field_errors())}, status=409)
    if form.errors:
        words = " ".join(error for errors in form.errors.values() for error in errors)
        return JsonResponse(
            {"error": words, "stop": "version" in form.errors or _is_shut(assignment)}, status=422
        )
    kept = form.result
    return JsonResponse(
        {
            "version": kept.version,
            "saved": _("已保存 {time}").format(time=f"{timezone.localtime(kept.saved_at):%H:%M}"),
            "total": f"{two_places(total_of(kept, dimensions))}",
        }
    )


def _is_shut(assignment) -> bool:
    """Whether asking again is of no use: the sheet is handed in, or its step is over."""
    own = getattr(assignment, "sheet", None)
    handed_in = own is not None and own.submitted_at is not None
    return handed_in or not is_under_review(assignment.nomination) or conflict_of(assignment) is not None


def _page(request, assignment, form, dimensions):
    nomination, hat = assignment.nomination, request.hat
    own = _readable(hat, assignment)
    expert = hat.role == Role.EXPERT
    at_review = is_under_review(nomination)
    base = reverse("review:sheet", args=[assignment.pk])
    material = material_of(nomination, hat, request.GET, base)
    there = getattr(assignment, "sheet", None)
    until = nomination.edition.review_discussion.ends_at if there and there.before_discussion else None
    over = until is not None and timezone.now() >= until
    context = framed(
        request,
        nomination.edition,
        assignment=assignment,
        nomination=nomination,
        sheet=own,
        form=form,
        open_now=expert and at_review and not over and not (own and own.submitted_at),
        lines=[(*line, material.supports.get(line[0].code)) for line in form.lines()],
        scores=_shown(own, dimensions),
        total=two_places(total_of(own, dimensions) if own else Fraction(0)),
        material=material,
        history=history_of(there, hat) if there else [],
        spread=spread_of(nomination) if expert and there and there.before_discussion else None,
        discussed=_before(there, dimensions),
        until=until,
        reopenings=list(there.reopenings.all()) if there else [],
        may_reopen=bool(own and own.submitted_at)
        and at_review
        and not conflict_of(assignment)
        and can(hat, "review.reopen_sheet", assignment),
        next_one=next_of(hat, assignment) if expert else None,
    )
    return render(request, "review/sheet.html", context)


def _shown(own, dimensions):
    points = {each.dimension_id: each.points for each in own.scores.all()} if own else {}
    remarks = own.remarks if own else {}
    return [(each, points.get(each.pk), remarks.get(each.code, "")) for each in dimensions]


def _before(there, dimensions):
    """What was said before the discussion, where there was one."""
    kept = there.before_discussion if there else None
    if kept is None:
        return None
    points = {code: Decimal(text) for code, text in kept["scores"].items()}
    lines = [(each, points.get(each.code), kept["remarks"].get(each.code, "")) for each in dimensions]
    weights = {each.code: each.weight for each in dimensions}
    return {"lines": lines, "total": two_places(sheet_total(points, weights)), "comment": kept["comment"]}


def _recused(request, assignment, conflict):
    context = framed(
        request,
        assignment.nomination.edition,
        assignment=assignment,
        nomination=assignment.nomination,
        conflict=conflict,
    )
    return render(request, "review/recused.html", context)


def submit(request, pk):
    """What is handed in, in figures, and that it cannot be changed after."""
    assignment = find_assignment(request, pk)
    if request.hat.role != Role.EXPERT:
        # The office enters paper by its workbook; an expert's draft is handed in by the expert alone.
        raise PermissionDenied
    own = getattr(assignment, "sheet", None)
    if hasattr(assignment, "recusal") or own is None or own.submitted_at or conflict_of(assignment):
        return redirect("review:sheet", assignment.pk)
    following = next_of(request.hat, assignment)
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
        total=two_places(total_of(own, dimensions)),
        following=following,
    )
    return render(request, "review/submit.html", context)

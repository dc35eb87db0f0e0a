"""The 1∶1.2 list: asked for, drawn in the background, and shown with its reasons."""

from io import BytesIO
from types import SimpleNamespace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awards import tasks
from awards.models import Shortlist
from awards.services import shortlist_papers, shortlisting, topping_up
from awards.services.board import board_of, recompute
from awards.services.former import named_before
from awards.services.frozen_results import name_of
from nominations.models import Edition
from nominations.states import StepKind
from nominations.stepper import stepper
from portal.asking import ask
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from portal.workbook.writing import attachment, disposition

STATES = {
    Shortlist.Status.QUEUED: "waiting",
    Shortlist.Status.RUNNING: "running",
    Shortlist.Status.DONE: "done",
    Shortlist.Status.FAILED: "failed",
}


def _edition(request, pk, act="awards.see_shortlist"):
    found = Edition.objects.visible_to(request.hat).select_related("host").prefetch_related("steps")
    edition = get_object_or_404(found, pk=pk)
    require(request.hat, act, edition)
    return edition


def _frame(request, edition, **context):
    steps = stepper(edition, request.hat, now=timezone.now())
    return {
        "edition": edition,
        "steps": steps,
        "list_name": _(name_of(edition)),
        "inspected": edition.has(StepKind.INSPECTION),
        **context,
    }


@require_http_methods(["GET", "POST"])
def shortlist(request, pk):
    edition = _edition(request, pk)
    held = Shortlist.objects.filter(edition=edition).select_related("asked_by__user").first()
    if request.method == "POST":
        return _compare(request, held) if "compare" in request.POST else _ask(request, edition)
    if held is not None and held.status == Shortlist.Status.DONE:
        board = board_of(held)
        context = {
            "shortlist": held,
            "board": board,
            "cut": [said(each) for each in board.cut],
            "lines": [(line, [said(each) for each in line.why]) for line in board.lines],
            "former": named_before(line.row.nomination for line in board.lines),
            **_after_the_draw(request, edition, board),
        }
    else:
        context = {"shortlist": held, "job": _job(held, edition), "plan": shortlisting.plan(edition)}
    context["may_draw"] = can(request.hat, "awards.draw_shortlist", edition)
    return render(request, "awards/shortlist.html", _frame(request, edition, **context))


def _after_the_draw(request, edition, board):
    """Who was added to the list, who left it, and for whom the next in line may be taken in."""
    proposal = topping_up.propose(edition)
    open_step = edition.steps.filter(kind=StepKind.INSPECTION, enabled=True, closed_at=None).exists()
    may = open_step and proposal.possible and can(request.hat, "awards.top_up", edition)
    return {
        "added": sorted((line.added for line in board.lines if line.added), key=lambda each: each.pk),
        "leavers": [row.nomination for row in proposal.leavers],
        "following": proposal.following if open_step and proposal.places else [],
        "may_top_up": may,
    }


def _ask(request, edition):
    try:
        asked = shortlisting.ask_shortlist(edition, by=request.hat, now=timezone.now())
    except Refused as refused:
        messages.error(request, said(refused))
    else:
        if asked.status != Shortlist.Status.DONE:
            ask(tasks.draw_shortlist, asked.pk)
    return redirect("awards:shortlist", edition.pk)


def _compare(request, held):
    if held is None or held.status != Shortlist.Status.DONE:
        messages.error(request, _("名单还没有生成，没有可以复算的内容。"))
        return redirect(request.path)
    differences = recompute(held)
    if differences:
        for difference in differences[:10]:
            messages.error(request, said(difference))
        if len(differences) > 10:
            messages.error(request, _("还有 {n} 处不符。").format(n=len(differences) - 10))
    else:
        messages.success(
            request,
            _("已按结果文件从评分和票数重新计算，每一家的得分、名次和去留都一致。摘要 {digest}。").format(
                digest=held.digest
            ),
        )
    return redirect(request.path)


def _job(held, edition):
    """What `components/progress.html` shows; nothing before the list was asked for."""
    if held is None:
        return None
    return SimpleNamespace(
        title=_("计算{list}").format(list=_(name_of(edition))),
        state=STATES[held.status],
        done=held.done,
        total=held.total,
        words=_(held.message) if held.message else "",
    )


@require_GET
def shortlist_progress(request, pk):
    edition = _edition(request, pk)
    held = get_object_or_404(Shortlist, edition=edition)
    context = {
        "job": _job(held, edition),
        "job_url": reverse("awards:shortlist_progress", args=[pk]),
        "next_url": reverse("awards:shortlist", args=[pk]),
        "next": _("查看{list}").format(list=_(name_of(edition))),
    }
    return render(request, "components/progress.html", context)


@require_GET
def shortlist_result(request, pk):
    edition = _edition(request, pk, "awards.export")
    held = get_object_or_404(Shortlist, edition=edition, status=Shortlist.Status.DONE)
    answer = HttpResponse(shortlist_papers.result_bytes(held), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = disposition("result.json")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_GET
def shortlist_export(request, pk):
    edition = _edition(request, pk, "awards.export")
    get_object_or_404(Shortlist, edition=edition, status=Shortlist.Status.DONE)
    out = BytesIO()
    shortlist_papers.write_composite_table(edition, out, by=request.hat)
    return attachment(_("综合成绩表.xlsx"), out.getvalue())

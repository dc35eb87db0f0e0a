"""Giving out the work of the panel: computed and shown first, corrected by hand, repeated by anybody."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.models import Role
from portal.permissions import can, require
from portal.speech import said
from review.forms.assigning import AssignForm, GiveForm, ReasonForm
from review.models import AssignmentRun, PanelMember, kept_from
from review.services import assigned, assigning
from review.views.finding import find_assignment, find_review, framed

PAGE = 50


def assign(request, pk):
    """Parameters, what they come to, and confirming it; below, who has what, and every run."""
    edition = find_review(request, pk)
    require(request.hat, "review.assign", edition)
    now = timezone.now()
    form = AssignForm(request.POST or None, initial={"each": assigned.wanted(edition)})
    preview = None
    if request.method == "POST":
        if request.POST.get("shown"):
            if form.perform(assigning.assign, edition, shown=request.POST["shown"], by=request.hat, now=now):
                _tell(request, form.result)
                return redirect("review:assign", edition.pk)
        elif form.is_valid():
            preview = assigning.preview_assignment(edition, **form.cleaned_data)
    rows = Paginator(assigned.visible(edition, request.hat), PAGE).get_page(request.GET.get("page"))
    context = framed(
        request,
        edition,
        form=form,
        page=rows,
        rows=assigned.board(edition, rows.object_list),
        runs=edition.assignment_runs.select_related("run_by__user").order_by("-number"),
        lacking=assigned.lacking(edition) if preview is None and edition.is_open(StepKind.REVIEW) else None,
        open_step=edition.is_open(StepKind.REVIEW),
        **(_shown(request, form, preview) if preview else {}),
    )
    return render(request, "review/assignment.html", context)


def _shown(request, form, preview) -> dict:
    hidden = set(kept_from(request.hat).values_list("pk", flat=True))
    return {
        "preview": preview,
        "loads": assigned.loads_of(preview),
        "gaps": [gap for gap in preview.gaps if gap.nomination.pk not in hidden],
        "blocked": said(preview.blocked) if preview.blocked else "",
        "carried": [(name, form.data.get(name, "")) for name in ("each", "most", "seed")],
        "subjects": len(preview.inputs["subjects"]),
    }


def _tell(request, run):
    if run is None:
        messages.info(request, _("没有待分配的评审任务。"))
    else:
        messages.success(request, _("已分配 {count} 份评审任务。").format(count=len(run.outcome)))


def give(request, pk):
    """One task by hand, under the same checks."""
    edition = find_review(request, pk)
    require(request.hat, "review.assign", edition)
    form = GiveForm(
        request.POST or None,
        members=edition.panel.filter(standing=PanelMember.Standing.SEATED).select_related("expert"),
        nominations=assigned.visible(edition, request.hat),
    )
    if request.method == "POST" and form.perform(assigning.give, by=request.hat, now=timezone.now()):
        messages.success(request, _("已分配给专家 {code}。").format(code=form.result.member.code))
        return redirect("review:assign", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        title=_("加派一份评审任务"),
        sentences=[_("与自动分配一样核对利害关系；已分配、须回避的不能加派。"), _("加派后通知这位专家。")],
        verb=_("加派"),
        cancel_url=reverse("review:assign", args=[edition.pk]),
    )
    return render(request, "review/confirm.html", context)


def take_back(request, pk):
    """One task back, with a reason, while nothing was written."""
    task = find_assignment(request, pk)
    edition = task.nomination.edition
    require(request.hat, "review.assign", task)
    form = ReasonForm(request.POST or None)
    back = reverse("review:assign", args=[edition.pk])
    if request.method == "POST" and form.perform(
        assigning.take_back, task, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已收回。"))
        return redirect(back)
    context = framed(
        request,
        edition,
        form=form,
        title=_("收回 {code} 对“{name}”的评审任务").format(
            code=task.member.code, name=task.nomination.subject_name
        ),
        sentences=[
            _("还没有动笔的才能收回；收回后，专家看不到这一家的材料。"),
            _("系统不会自动补派，需要时请加派或重新分配。"),
        ],
        verb=_("收回任务"),
        cancel_url=back,
    )
    return render(request, "review/confirm.html", context)


def run(request, pk):
    """One computation: its seed, its digest, its pairs; done again when asked."""
    found = AssignmentRun.objects.select_related("run_by__user")
    if request.hat is not None and request.hat.role == Role.OFFICE:
        found = found.filter(edition__host=request.hat.organisation)
    row = get_object_or_404(found, pk=pk)
    edition = find_review(request, row.edition_id)
    require(request.hat, "review.see_scores", edition)
    mine = edition.nominations.all()
    hidden = set(mine.filter(pk__in=kept_from(request.hat)).values_list("subject_key", flat=True))
    names = dict(mine.values_list("subject_key", "subject_name"))
    members = {each.code: each for each in edition.panel.select_related("expert")}
    given: dict[str, list[str]] = {}
    for one, who in row.outcome:
        if one not in hidden:
            given.setdefault(who, []).append(names.get(one, one))
    context = framed(
        request,
        edition,
        run=row,
        total=len(row.outcome),
        topped_up="+" in row.seed,
        given=sorted(
            ((members[who], sorted(these)) for who, these in given.items() if who in members),
            key=lambda pair: pair[0].code,
        ),
        same=assigning.recompute(row) if "check" in request.GET else None,
        own=can(request.hat, "review.assign", edition),
    )
    return render(request, "review/assignment_run.html", context)

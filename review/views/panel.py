"""The office's view of the review: how far it is, what it comes to, and the panel's paper."""

import io
from types import SimpleNamespace

from django.contrib import messages
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said
from portal.workbook.writing import attachment
from review import services
from review.forms.uploads import UploadForm, keep, kept_scores
from review.models import Assignment
from review.services.freezing import standings_of
from review.services.progress import of_experts
from review.services.reviewing import preview_review
from review.services.statistics import disagreement
from review.views.finding import find_edition, framed

SORTS = {
    "rank": lambda each: (each.rank is None, each.rank or 0),
    "spread": lambda each: (each.spread is None, -(each.spread or 0)),
    "valid": lambda each: (each.outcome.valid - len(each.marks), each.rank or 0),
}


def progress(request, pk):
    """Figures per nomination and per expert: for the office and the auditor alone."""
    edition = find_edition(request, pk)
    require(request.hat, "review.see_scores", edition)
    sort = request.GET.get("sort", "rank")
    closed = edition.step(StepKind.REVIEW).closed_at
    standings = standings_of(edition) if closed else preview_review(edition).standings
    preview = None if closed else preview_review(edition)
    assigned = sum(len(each.marks) for each in standings)
    valid = sum(each.outcome.valid for each in standings)
    recused = sum(1 for each in standings for marks in each.marks if marks.status == "recused")
    context = framed(
        request,
        edition,
        standings=sorted(standings, key=SORTS.get(sort, SORTS["rank"])),
        apart={each.nomination.pk for each in disagreement(standings)},
        experts=of_experts(edition),
        sort=sort,
        closed=closed,
        result=getattr(edition, "review_result", None),
        cut_rank=max((each.rank for each in standings if each.nominee), default=None),
        blocked=said(preview.blocked) if preview and preview.blocked else "",
        figures=SimpleNamespace(valid=valid, of=assigned - recused, recused=recused),
    )
    return render(request, "review/progress.html", context)


def scores_export(request, pk):
    edition = find_edition(request, pk)
    out = io.BytesIO()
    services.write_score_table(edition, out, by=request.hat)
    return attachment(_("评分汇总表.xlsx"), out.getvalue())


def scores_workbook(request, pk):
    """The panel's paper: upload, look, enter."""
    edition = find_edition(request, pk)
    require(request.hat, "review.seat_panel", edition)
    if request.POST.get("token"):
        return _apply(request, edition)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(_read, edition, by=request.hat, now=timezone.now()):
        return render(
            request,
            "review/scores_preview.html",
            framed(request, edition, **_preview(request, edition, form)),
        )
    dimensions = list(edition.dimensions.all())
    return render(
        request, "review/scores_workbook.html", framed(request, edition, form=form, dimensions=dimensions)
    )


def _read(edition, *, file, by, now):
    return services.read_scores(edition, file, by=by, now=now)


def _preview(request, edition, form):
    scored = form.result
    rows = Assignment.objects.filter(pk__in=[row.assignment for row in scored]).select_related(
        "member", "nomination"
    )
    known = {each.pk: each for each in rows}
    return {
        "token": keep(scored, edition, request.hat),
        "total": len(scored),
        "sheets": sum(1 for row in scored if not row.recused),
        "recusals": [known[row.assignment] for row in scored if row.recused],
        "experts": len({each.member_id for each in known.values()}),
        "cancel_url": reverse("review:panel", args=[edition.pk]),
    }


def _apply(request, edition):
    try:
        rows = kept_scores(request.POST["token"], edition, request.hat)
        count = services.apply_scores(edition, rows, by=request.hat, now=timezone.now())
    except signing.BadSignature:
        messages.error(request, _("预览已过期，请重新上传文件。"))
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("已导入 {count} 行评分。").format(count=count))
        return redirect("review:progress", edition.pk)
    return redirect("review:scores_workbook", edition.pk)

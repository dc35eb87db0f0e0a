"""The office's view of the review: how far it is, what it comes to, whom to remind, and the panel's paper."""

import io
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.errors import N_, Refused
from portal.figures import two_places
from portal.permissions import require
from portal.speech import said
from portal.workbook.writing import attachment
from review import services
from review.forms.reminders import RemindForm
from review.forms.uploads import UploadForm, keep, kept_scores
from review.models import Assignment
from review.services.freezing import standings_of, verify
from review.services.office_sight import hidden_from, seen_by
from review.services.progress import of_experts
from review.services.reminders import preview_reminders, remind_experts
from review.services.reviewing import RECUSED, preview_review
from review.services.statistics import by_expert, deviation_of, disagreement, refitted
from review.views.finding import find_review, framed

PER_PAGE = 50
SORTS = {
    "rank": lambda each: (each.rank is None, each.rank or 0),
    "spread": lambda each: (each.spread is None, -(each.spread or 0)),
    "valid": lambda each: (each.outcome.valid - len(each.marks) + each.recused, each.rank or 0),
}
#: What may stand beside the score: the word, what is shown, and whether it is a column unless one says so.
COLUMNS = {
    "valid": (
        N_("有效"),
        lambda each, _fit: f"{each.outcome.valid} / {len(each.marks) - each.recused}",
        True,
    ),
    "recused": (N_("回避"), lambda each, _fit: each.recused, False),
    "mean": (N_("全部平均"), lambda each, _fit: _two(each.outcome.mean), True),
    "median": (N_("中位数"), lambda each, _fit: _two(each.outcome.median), True),
    "deviation": (N_("标准差"), lambda each, _fit: _two(each.outcome.stdev), True),
    "spread": (N_("极差"), lambda each, _fit: _two(each.spread), True),
    "high": (N_("去掉的最高分"), lambda each, _fit: _two(each.outcome.high), False),
    "low": (N_("去掉的最低分"), lambda each, _fit: _two(each.outcome.low), False),
    "fitted": (N_("标准化平均（仅供参考）"), lambda each, fit: _two(fit.mean), False),
}
SORTED_BY = {"valid": "valid", "spread": "spread"}
#: The plot, in units of its view box: the middle, and how far a bar reaches to either side.
_MIDDLE, _REACH, _ROW = 200, 100, 28


@dataclass(frozen=True)
class PlotLine:
    """One expert in the plot: where the bar begins, how long it is, on which line, and its words."""

    code: str
    words: str
    x: str
    width: str
    y: int
    is_lenient: bool

    @property
    def text_y(self) -> int:
        return self.y + 15


def progress(request, pk):
    """Figures per nomination and per expert: for the office and the auditor alone."""
    edition = find_review(request, pk)
    require(request.hat, "review.see_scores", edition)
    now = timezone.now()
    sort = request.GET.get("sort", "rank")
    closed = edition.step(StepKind.REVIEW).closed_at
    preview = None if closed else preview_review(edition, now=now)
    every = standings_of(edition) if closed else preview.standings
    standings, kept = seen_by(request.hat, edition, every, closed=bool(closed))
    experts = of_experts(edition, without={each.pk for each in kept})
    given = by_expert(standings)
    fitted = refitted(standings)
    chosen = [key for key in COLUMNS if key in request.GET.getlist("cols")]
    chosen = chosen or [key for key, column in COLUMNS.items() if column[2]]
    page = Paginator(sorted(standings, key=SORTS.get(sort, SORTS["rank"])), PER_PAGE).get_page(
        request.GET.get("page")
    )
    apart = {each.nomination.pk for each in disagreement(standings)}
    context = framed(
        request,
        edition,
        page=page,
        lines=[
            {
                "standing": each,
                "apart": each.nomination.pk in apart,
                "cells": [
                    (_(COLUMNS[key][0]), COLUMNS[key][1](each, fitted[each.nomination.pk])) for key in chosen
                ],
            }
            for each in page
        ],
        heads=[(key, _(COLUMNS[key][0]), SORTED_BY.get(key, "")) for key in chosen],
        columns=[(key, _(column[0]), key in chosen) for key, column in COLUMNS.items()],
        kept=kept,
        apart=[each for each in standings if each.nomination.pk in apart],
        experts=[_expert(line, given) for line in experts],
        plot=_plot(given),
        sort=sort,
        closed=closed,
        result=getattr(edition, "review_result", None),
        cut_rank=None if kept else max((each.rank for each in standings if each.nominee), default=None),
        blocked=said(preview.blocked) if preview and preview.blocked and not kept else "",
        open=sum(line.open for line in experts if not line.has_left),
        figures=_figures(standings),
    )
    return render(request, "review/progress.html", context)


def _two(value) -> str:
    return "—" if value is None else str(two_places(value))


def _signed(value: Fraction | None) -> str:
    if value is None:
        return "—"
    shown = two_places(value)
    return f"+{shown}" if shown > 0 else str(shown)


def _figures(standings):
    marks = [marks for each in standings for marks in each.marks]
    recused = sum(1 for each in marks if each.status == RECUSED)
    valid = sum(each.outcome.valid for each in standings)
    return SimpleNamespace(valid=valid, of=len(marks) - recused, recused=recused)


def _expert(line, given) -> dict:
    tendency = given.get(line.member.code)
    return {
        "line": line,
        "mean": _two(tendency.given.mean) if tendency else "—",
        "deviation": _two(deviation_of(tendency)) if tendency else "—",
        "range": f"{_two(tendency.given.low)} - {_two(tendency.given.high)}" if tendency else "—",
        "offset": _signed(tendency.offset if tendency else None),
        "compared": tendency.compared if tendency else 0,
    }


def _plot(given) -> dict | None:
    """A bar an expert, from the panel's mean to the left (harsher) or to the right (more lenient)."""
    there = {code: each.offset for code, each in sorted(given.items()) if each.offset is not None}
    if len(there) < 2:
        return None
    widest = max((abs(each) for each in there.values()), default=0) or 1
    lines = []
    for place, (code, offset) in enumerate(there.items()):
        width = abs(offset) / widest * _REACH
        start = _MIDDLE if offset >= 0 else _MIDDLE - width
        lines.append(
            PlotLine(
                code,
                _signed(offset),
                str(two_places(start)),
                str(two_places(width)),
                _ROW * place + 6,
                offset >= 0,
            )
        )
    return {"lines": lines, "height": _ROW * len(lines) + 12, "middle": _MIDDLE}


def scores_export(request, pk):
    edition = find_review(request, pk)
    out = io.BytesIO()
    services.write_score_table(edition, out, by=request.hat)
    return attachment(_("专家评分汇总表.xlsx"), out.getvalue())


def remind(request, pk):
    """催办, after a page that names whom."""
    edition = find_review(request, pk)
    require(request.hat, "review.remind_experts", edition)
    now = timezone.now()
    rows = preview_reminders(edition, now=now, without=hidden_from(request.hat, edition))
    choices = [(each.line.member.pk, each.line.member.code) for each in rows if each.people]
    form = RemindForm(request.POST or None, choices=choices) if choices else None
    if request.method == "POST" and form and form.perform(remind_experts, edition, by=request.hat, now=now):
        messages.success(request, _("已催办，通知了 {count} 人。").format(count=form.result))
        return redirect("review:progress", edition.pk)
    chosen = set(map(str, form["members"].value() or ())) if form else set()
    lines = [{"each": each, "on": str(each.line.member.pk) in chosen} for each in rows]
    due = edition.step(StepKind.REVIEW).closes
    return render(request, "review/remind.html", framed(request, edition, form=form, lines=lines, due=due))


def recompute(request, pk):
    """The frozen result against what follows from its frozen inputs."""
    edition = find_review(request, pk)
    require(request.hat, "review.see_scores", edition)
    result = getattr(edition, "review_result", None)
    differences = verify(result) if result else []
    context = framed(
        request,
        edition,
        result=result,
        differs=bool(differences),
        # A difference names a nomination and its figures.
        differences=[] if hidden_from(request.hat, edition) else [said(each) for each in differences],
        rows=result.rows.count() if result else 0,
    )
    return render(request, "review/recompute.html", context)


def scores_workbook(request, pk):
    """The panel's paper: upload, look, enter."""
    edition = find_review(request, pk)
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

"""推荐填报表: taken out, brought back, looked at, applied."""

import io

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from nominations import tasks
from nominations.forms.importing import RoundDiffForm, RoundForm
from nominations.jobs import job_of
from nominations.models import IntakeFile
from nominations.services import keeping, roundtrip
from nominations.services.roundreading import read_open, read_round
from nominations.services.windows import recommenders
from nominations.views.editions import found, framed
from portal.asking import ask
from portal.errors import Refused
from portal.models import Role
from portal.permissions import require
from portal.roundtrip import excerpts
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook.writing import attachment


def workbook(request, pk):
    """Where the workbook is taken out and brought back."""
    edition = found(request, pk)
    require(request.hat, "nominations.import", edition)
    form = RoundForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        roundtrip.keep_round, edition, by=request.hat, now=timezone.now()
    ):
        return redirect("nominations:round_file", edition.pk, form.result.pk)
    context = framed(
        request,
        edition,
        form=form,
        count=read_open(edition, request.hat).count(),
        units=recommenders(edition) if request.hat.role == Role.OFFICE else None,
    )
    return render(request, "nominations/round.html", context)


@require_GET
def take_out(request, pk):
    edition = found(request, pk)
    unit = request.GET.get("unit", "")
    chosen = get_object_or_404(recommenders(edition), pk=int(unit)) if unit.isdecimal() else None
    out = io.BytesIO()
    try:
        roundtrip.write_round(edition, out, by=request.hat, now=timezone.now(), unit=chosen)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("nominations:round", edition.pk)
    whose = chosen.short_name if chosen else request.hat.organisation.short_name
    return attachment(f"推荐填报表-{whose}.xlsx", out.getvalue())


def file(request, pk, kept):
    """What the kept file would change, and what became of it."""
    edition = found(request, pk)
    kept = _kept(request, edition, kept)
    if keeping.standing(kept).state not in ("preview", "failed"):
        return render(request, "nominations/round_job.html", framed(request, edition, **job(kept)))
    now = timezone.now()
    try:
        diff = read_round(edition, kept.file, by=request.hat, now=now)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("nominations:round", edition.pk)
    form = RoundDiffForm(request.POST if request.method == "POST" else None, diff=diff)
    if request.method == "POST":
        large = keeping.is_large(kept)
        service = keeping.ask_file if large else roundtrip.apply_round
        if form.perform(service, kept, by=request.hat, now=now):
            if large:
                ask(tasks.apply_round_file, kept.pk)
                return redirect("nominations:round_file", edition.pk, kept.pk)
            _say(request, form.result)
            return redirect("nominations:desk", edition.pk)
        if request.POST.get("digest") != diff.digest:
            messages.error(request, _(keeping.MOVED))
            return redirect("nominations:round_file", edition.pk, kept.pk)
    refused = keeping.problems_of(WorkbookRefused(diff.errors)) if diff.errors else kept.problems
    context = framed(request, edition, kept=kept, form=form, diff=diff, problems=refused)
    return render(request, "nominations/round_preview.html", context | _preview(diff))


@require_GET
def progress(request, pk, kept):
    """The component alone, for the page that asks every second."""
    kept = _kept(request, found(request, pk), kept, IntakeFile.Kind.ROUND, IntakeFile.Kind.SUMMARY)
    return render(request, "components/progress.html", job(kept))


def job(kept: IntakeFile) -> dict:
    """The context of `nominations/round_job.html`."""
    title = kept.get_kind_display()
    return {
        "kept": kept,
        "job": job_of(kept, _("导入{title}").format(title=title)),
        "job_url": reverse("nominations:import_progress", args=[kept.edition_id, kept.pk]),
        "next_url": reverse("nominations:desk", args=[kept.edition_id]),
        "next": _("查看推荐"),
    }


def _kept(request, edition, pk, *kinds):
    kinds = kinds or (IntakeFile.Kind.ROUND,)
    mine = IntakeFile.objects.filter(edition=edition, kind__in=kinds, uploaded_by=request.hat)
    return get_object_or_404(mine.select_related("edition", "handout"), pk=pk)


def _say(request, done) -> None:
    parts = []
    if done.created:
        parts.append(_("新增 {n} 家").format(n=done.created))
    if done.handed_in:
        parts.append(_("其中 {n} 家内容齐全，已转入审核推荐").format(n=done.handed_in))
    if done.changed:
        parts.append(_("改动 {n} 家").format(n=done.changed))
    messages.success(request, _("已导入：{parts}。").format(parts=_("，").join(parts)))


def _preview(diff) -> dict:
    def cells(row):
        return [
            (diff.titles[cell.column], *excerpts(cell.now, cell.yours))
            for cell in row.cells
            if not cell.clash
        ]

    return {
        "total": len(diff.asked),
        "fresh": [(row, "；".join(said(each) for each in row.warnings)) for row in diff.of("new")],
        "changed": [
            (row, cells(row)) for row in diff.rows if row.kind in ("changed", "conflict") and cells(row)
        ],
        "closed": [(row, said(row.reason)) for row in diff.of("closed")],
        "same": len(diff.of("same")),
        "notices": [said(each) for each in diff.notices],
    }

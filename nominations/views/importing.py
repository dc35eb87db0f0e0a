import io

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations import summary, tasks
from nominations.forms.importing import IntakeForm
from nominations.forms.recommending import SubmitForm
from nominations.models import IntakeFile
from nominations.services import intake, keeping
from nominations.subjects import measured
from nominations.views.editions import found, framed
from nominations.views.roundtrip import job
from portal.asking import ask
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook.writing import attachment


def upload(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.import", edition)
    form = IntakeForm(request.POST or None, request.FILES or None, hat=request.hat)
    if request.method == "POST" and form.perform(
        intake.keep_intake, edition, by=request.hat, now=timezone.now()
    ):
        return redirect("nominations:import_preview", edition.pk, form.result.pk)
    columns = [(column.name, column.required) for column in summary.columns_of(edition)]
    return render(request, "nominations/import.html", framed(request, edition, form=form, columns=columns))


def preview(request, pk, kept):
    """Every row of the kept file against the world as it is now; then all of them or none."""
    edition = found(request, pk)
    mine = IntakeFile.objects.filter(edition=edition, kind=IntakeFile.Kind.SUMMARY, uploaded_by=request.hat)
    kept = get_object_or_404(mine, pk=kept)
    if keeping.standing(kept).state not in ("preview", "failed"):
        return render(request, "nominations/round_job.html", framed(request, edition, **job(kept)))
    now = timezone.now()
    form = SubmitForm(request.POST if request.method == "POST" else None)
    large = keeping.is_large(kept)
    service = keeping.ask_file if large else intake.apply_kept
    if request.method == "POST" and form.perform(service, kept, by=request.hat, now=now):
        if large:
            ask(tasks.apply_intake_file, kept.pk)
            return redirect("nominations:import_preview", edition.pk, kept.pk)
        messages.success(request, _("已导入 {words}。").format(words=measured(edition, len(form.result))))
        return redirect("nominations:desk", edition.pk)
    problems = SubmitForm({})
    try:
        found_in = intake.read_intake(
            edition, kept.file, by=request.hat, now=now, recommended=kept.recommended
        )
        if problems.is_valid() and found_in.errors:
            problems.refuse(WorkbookRefused(found_in.errors))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("nominations:import", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        kept=kept,
        intake=found_in,
        problems=problems,
        failed=kept.problems,
        counts=found_in.counts.most_common(),
        notices=[said(each) for each in found_in.notices],
        warned=[(row, "；".join(said(each) for each in row.warnings)) for row in found_in.warned],
    )
    return render(request, "nominations/import_preview.html", context)


def blank(request, pk):
    edition = found(request, pk)
    out = io.BytesIO()
    intake.write_blank(edition, out, by=request.hat)
    return attachment(f"{edition.title}推荐汇总表（空白）.xlsx", out.getvalue())


def export(request, pk):
    edition = found(request, pk)
    out = io.BytesIO()
    intake.export_recommendations(edition, out, by=request.hat)
    return attachment(f"{edition.title}推荐汇总表.xlsx", out.getvalue())

"""部门意见 by workbook: out, in with a preview, and the office's summary."""

import io

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from nominations.jobs import job_of
from nominations.models import IntakeFile
from nominations.services import keeping
from portal.asking import ask
from portal.errors import Refused
from portal.models import Role
from portal.permissions import require
from portal.speech import said
from portal.workbook import WorkbookRefused
from portal.workbook.writing import attachment
from review import services, tasks
from review.forms.answers import AnswersForm, told
from review.forms.uploads import UploadForm
from review.models import Opinion
from review.views.departments import own_questions
from review.views.finding import find_edition, framed


def answer_workbook(request, pk):
    """Bring a workbook; it is looked at before it is entered."""
    edition = _edition(request, pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        services.keep_answers, edition, by=request.hat, now=timezone.now()
    ):
        return redirect("review:answers_file", edition.pk, form.result.pk)
    return render(request, "review/answer_workbook.html", framed(request, edition, form=form))


def answers_file(request, pk, kept):
    """What the kept file would change, and what became of it."""
    edition, kept = _kept(request, pk, kept)
    if keeping.standing(kept).state not in ("preview", "failed"):
        return render(request, "review/answers_file.html", framed(request, edition, **_job(kept)))
    now = timezone.now()
    try:
        diff = services.read_answers(edition, kept.file, by=request.hat, now=now)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("review:answer_workbook", edition.pk)
    form = AnswersForm(request.POST if request.method == "POST" else None, diff=diff)
    if request.method == "POST":
        large = keeping.is_large(kept)
        if form.perform(keeping.ask_file if large else services.apply_answers, kept, by=request.hat, now=now):
            if large:
                ask(tasks.apply_answers_file, kept.pk)
                return redirect("review:answers_file", edition.pk, kept.pk)
            messages.success(request, _("已导入 {count} 项答复。").format(count=len(form.result)))
            return redirect("review:screening", edition.pk)
        if request.POST.get("digest") != diff.digest:
            messages.error(request, _(keeping.MOVED))
            return redirect("review:answers_file", edition.pk, kept.pk)
    context = framed(request, edition, kept=kept, form=form, diff=diff, **preview_of(diff))
    refused = keeping.problems_of(WorkbookRefused(diff.errors)) if diff.errors else kept.problems
    context |= {"problems": refused, "cancel_url": reverse("review:answer_workbook", args=[pk])}
    return render(request, "review/opinions_preview.html", context)


def preview_of(diff) -> dict:
    """The context of `review/answers_diff.html`: what would be written, in words."""
    words = dict(Opinion.Answer.choices)
    counts = [(words[key], sum(1 for row in diff.asked if row.reply.answer == key)) for key in words]
    return {
        "total": len(diff.asked),
        "counts": [(word, n) for word, n in counts if n],
        "fresh": diff.of("new"),
        "changed": [(row, told(row.cells, "now"), told(row.cells, "yours")) for row in diff.of("changed")],
        "closed": [(row, said(row.reason)) for row in diff.of("closed")],
        "same": len(diff.of("same")),
        "blank": len(diff.of("blank")),
        "notices": [said(each) for each in diff.notices],
    }


@require_GET
def answers_progress(request, pk, kept):
    _edition_of, kept = _kept(request, pk, kept)
    return render(request, "components/progress.html", _job(kept))


def answer_template(request, pk):
    """The department's own workbook, filled in as far as it is known."""
    edition = find_edition(request, pk)
    own_questions(request, edition)
    out = io.BytesIO()
    try:
        services.handout_answers(edition, request.hat.organisation, out, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("review:screening", edition.pk)
    name = _("部门意见-{department}.xlsx").format(department=request.hat.organisation.short_name)
    return attachment(name, out.getvalue())


def screening_export(request, pk) -> HttpResponse:
    edition = find_edition(request, pk)
    if request.hat.role not in (Role.OFFICE, Role.AUDITOR):
        raise PermissionDenied
    out = io.BytesIO()
    services.write_screening_table(edition, out, by=request.hat, now=timezone.now())
    return attachment(_("资格审查汇总表.xlsx"), out.getvalue())


def _edition(request, pk):
    edition = find_edition(request, pk)
    if request.hat.role == Role.DEPARTMENT:
        own_questions(request, edition)
    else:
        require(request.hat, "review.consult", edition)
    return edition


def _kept(request, pk, kept):
    edition = _edition(request, pk)
    mine = IntakeFile.objects.filter(edition=edition, kind=IntakeFile.Kind.ANSWERS, uploaded_by=request.hat)
    return edition, get_object_or_404(mine.select_related("edition", "handout"), pk=kept)


def _job(kept) -> dict:
    return {
        "kept": kept,
        "job": job_of(kept, _("导入部门意见")),
        "job_url": reverse("review:answers_progress", args=[kept.edition_id, kept.pk]),
        "next_url": reverse("review:screening", args=[kept.edition_id]),
        "next": _("查看资格审查"),
    }

"""部门意见 by workbook: out, in with a preview, and the office's summary."""

import io

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Refused
from portal.models import Role
from portal.permissions import require
from portal.speech import said
from portal.workbook.writing import attachment
from review import services
from review.forms.uploads import UploadForm, keep, kept_replies
from review.models import Opinion
from review.views.departments import own_questions
from review.views.finding import find_edition, framed


def answer_workbook(request, pk):
    """Upload, look at what it says, enter it."""
    edition = find_edition(request, pk)
    if request.hat.role == Role.DEPARTMENT:
        own_questions(request, edition)
    else:
        require(request.hat, "review.consult", edition)
    if request.POST.get("token"):
        return _apply(request, edition)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(_read, edition, by=request.hat, now=timezone.now()):
        return render(
            request,
            "review/opinions_preview.html",
            framed(request, edition, **_preview(request, edition, form)),
        )
    return render(request, "review/answer_workbook.html", framed(request, edition, form=form))


def _read(edition, *, file, by, now):
    return services.read_opinions(edition, file, by=by, now=now)


def _preview(request, edition, form):
    replies = form.result
    questions = {each.pk: each for each in edition.consultations.select_related("department")}
    names = dict(edition.nominations.values_list("pk", "subject_name"))
    words = dict(Opinion.Answer.choices)
    counts = [(words[key], sum(1 for *_pair, reply in replies if reply.answer == key)) for key in words]
    grave = [
        {
            "name": names[nomination],
            "title": questions[question].title,
            "answer": reply.answer,
            "word": words[reply.answer],
            "explanation": reply.explanation,
        }
        for nomination, question, reply in replies
        if reply.answer != Opinion.Answer.CLEAR
    ]
    known = {
        (each.nomination_id, each.consultation_id): each
        for each in Opinion.objects.filter(consultation__in=questions)
    }
    return {
        "token": keep(replies, edition, request.hat),
        "total": len(replies),
        "fresh": sum(1 for nomination, question, _reply in replies if (nomination, question) not in known),
        "counts": counts,
        "grave": grave,
        "cancel_url": reverse("review:screening", args=[edition.pk]),
    }


def _apply(request, edition):
    try:
        replies = kept_replies(request.POST["token"], edition, request.hat)
        written = services.apply_opinions(edition, replies, by=request.hat, now=timezone.now())
    except signing.BadSignature:
        messages.error(request, _("预览已过期，请重新上传文件。"))
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("已导入 {count} 项答复。").format(count=len(written)))
        return redirect("review:screening", edition.pk)
    return redirect("review:answer_workbook", edition.pk)


def answer_template(request, pk):
    """The department's own workbook, filled in as far as it is known."""
    edition = find_edition(request, pk)
    own_questions(request, edition)
    out = io.BytesIO()
    services.opinions_template(edition, request.hat.organisation, out, by=request.hat)
    name = _("部门意见-{department}.xlsx").format(department=request.hat.organisation.short_name)
    return attachment(name, out.getvalue())


def screening_export(request, pk) -> HttpResponse:
    edition = find_edition(request, pk)
    if request.hat.role not in (Role.OFFICE, Role.AUDITOR):
        raise PermissionDenied
    out = io.BytesIO()
    services.write_screening_table(edition, out, by=request.hat, now=timezone.now())
    return attachment(_("资格审查汇总表.xlsx"), out.getvalue())

"""A department's own list: its questions, its answers, nothing of anybody else."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.models import Role
from portal.permissions import require
from review import services
from review.forms.answering import RestForm
from review.services import opinions as service
from review.views.answering import Desk, list_page, rest_context, save_row
from review.views.finding import find_edition, framed


def own_questions(request, edition) -> list:
    """What this department is asked; nothing asked, nothing to find."""
    questions = list(
        edition.consultations.filter(department=request.hat.organisation_id).select_related(
            "department", "edition"
        )
    )
    if request.hat.role != Role.DEPARTMENT or not questions:
        raise Http404
    require(request.hat, "review.answer", questions[0])
    return questions


def desk_of(request, edition) -> Desk:
    questions = own_questions(request, edition)
    return Desk(edition, request.hat, questions, around=framed(request, edition))


def answer_list(request, edition):
    desk = desk_of(request, edition)
    answer = list_page(request, desk)
    if request.method == "POST" and answer.status_code == 302:
        done, there = desk.left(timezone.now())
        messages.success(request, _("答复已保存：已答复 {done} / {of} 项。").format(done=done, of=there))
    return answer


@require_POST
def answer_row(request, pk):
    return save_row(request, desk_of(request, find_edition(request, pk)))


def answer_rest(request, pk):
    """无异议 for all that are left, after a page that names them."""
    edition = find_edition(request, pk)
    desk = desk_of(request, edition)
    now = timezone.now()
    rest = service.unanswered(edition, request.hat.organisation, today=localdate(now))
    named = sorted({nomination.pk for nomination, _question, _version in rest})
    initial = {"looked_up_on": localdate(now), "named": ",".join(map(str, named))}
    form = RestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.perform(
        services.answer_rest_clear, edition, request.hat.organisation, by=request.hat, now=now
    ):
        messages.success(request, _("已对 {count} 项答复“无异议”。").format(count=len(form.result)))
        return redirect("review:screening", edition.pk)
    return render(request, "review/answer_rest.html", rest_context(desk, form, rest))

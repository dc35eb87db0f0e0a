"""A department's own list: its questions, its answers, nothing of anybody else."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.models import Role
from portal.permissions import require
from review import services
from review.forms.screening import OpinionListForm, RestForm
from review.models import Opinion
from review.services import opinions as service
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


def answer_list(request, edition):
    questions = own_questions(request, edition)
    now = timezone.now()
    given = {
        (each.nomination_id, each.consultation_id): each
        for each in Opinion.objects.filter(consultation__in=questions)
    }
    nominations = list(service.at_screening(edition).select_related("declaration"))
    pairs = [(nomination, question) for nomination in nominations for question in questions]
    # Those still to answer come first; within, the order of the recommendations.
    pairs.sort(key=lambda pair: (pair[0].pk, pair[1].pk) in given)
    form = OpinionListForm(request.POST or None, pairs=pairs, given=given, today=localdate(now))
    if request.method == "POST" and form.perform(service.answer_list, edition, by=request.hat, now=now):
        messages.success(request, _("已保存 {count} 项答复。").format(count=len(form.result)))
        return redirect("review:screening", edition.pk)
    done = sum(1 for nomination, question in pairs if (nomination.pk, question.pk) in given)
    context = framed(
        request,
        edition,
        form=form,
        several=len(questions) > 1,
        questions=questions,
        done=done,
        of=len(pairs),
        left=len(pairs) - done,
        due_on=next((question.due_on for question in questions if question.due_on), None),
        closed=edition.step("screening").closed_at,
        answered=_answered(questions) if not pairs else [],
    )
    return render(request, "review/answer_list.html", context)


def _answered(questions):
    """After the closing, what this department had answered."""
    return (
        Opinion.objects.filter(consultation__in=questions)
        .select_related("nomination", "consultation__department")
        .order_by("nomination__recommender__position", "nomination__rank", "pk")
    )


def answer_rest(request, pk):
    """无异议 for all that are left, after a page that names them."""
    edition = find_edition(request, pk)
    own_questions(request, edition)
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
    names = list(dict.fromkeys(nomination.subject_name for nomination, _question, _version in rest))
    context = framed(
        request,
        edition,
        form=form,
        moves=names,
        title=_("对其余 {count} 家答复“无异议”").format(count=len(names)),
        sentences=[
            _("下列企业您单位还没有答复，将一并记为“无异议”，查询日期如下。"),
            _("已经答复的不受影响；关闭资格审查前可以逐家更正。"),
        ],
        moves_title=_("将答复“无异议”的企业"),
        verb=_("对这 {count} 家答复“无异议”").format(count=len(names)),
        cancel_url=reverse("review:screening", args=[edition.pk]),
    )
    return render(request, "review/confirm.html", context)

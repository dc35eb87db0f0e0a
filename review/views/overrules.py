"""Setting a department's 有问题 aside: the proposal, and the page of the second person."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.models import Role
from portal.permissions import require
from review.forms.findings import DecideForm, OverruleForm
from review.models import Opinion, Overrule
from review.services import overrules
from review.views.finding import framed

_WITH = ("nomination__edition__host", "nomination__recommender", "nomination__enterprise")


def overrule(request, pk):
    """Ask for one 有问题 to be set aside."""
    found = Opinion.objects.visible_to(request.hat).select_related(
        *_WITH, "consultation__department", "answered_by__user"
    )
    opinion = get_object_or_404(found, pk=pk)
    require(request.hat, "review.overrule", opinion)
    form = OverruleForm(request.POST or None, request.FILES or None, initial={"version": opinion.version})
    if request.method == "POST" and form.perform(
        overrules.propose_overrule, opinion, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已提出不采纳，等待办公室另一人复核。"))
        return redirect("review:answer", opinion.nomination_id)
    context = _context(request, opinion, form=form)
    context["seconds"] = [
        hat.user for hat in overrules.seconds(opinion.nomination.edition, request.hat).select_related("user")
    ]
    return render(request, "review/overrule.html", context)


def decide_overrule(request, pk):
    """Confirm or decline; whoever proposed it, and the auditor, only read."""
    found = Overrule.objects.filter(opinion__in=Opinion.objects.visible_to(request.hat)).select_related(
        *(f"opinion__{path}" for path in _WITH),
        "opinion__consultation__department",
        "opinion__answered_by__user",
        "proposed_by__user",
        "decided_by__user",
    )
    asked = get_object_or_404(found.prefetch_related("proofs"), pk=pk)
    if request.hat.role not in (Role.OFFICE, Role.AUDITOR):
        raise Http404
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.perform(
        overrules.decide_overrule, asked, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已记录复核结果，提出人和有关部门会收到通知。"))
        return redirect("review:answer", asked.opinion.nomination_id)
    mine = asked.proposed_by.user_id == request.hat.user_id
    context = _context(request, asked.opinion, form=form)
    context |= {
        "overrule": asked,
        "mine": mine,
        "may_decide": request.hat.role == Role.OFFICE
        and not mine
        and asked.confirmed is None
        and not asked.lapsed,
    }
    return render(request, "review/decide_overrule.html", context)


def _context(request, opinion, **context) -> dict:
    nomination = opinion.nomination
    edition = nomination.edition
    return framed(request, edition, nomination=nomination, opinion=opinion, **context)

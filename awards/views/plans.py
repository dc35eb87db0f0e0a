"""The plan of a grant: handed in by the enterprise, agreed to or returned by the office."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.planning import PlanForm, PlanOpinionForm
from awards.models import Grant, GrantPlan
from awards.services import planning
from awards.views.grants import bars, found_grant, framed_grant
from portal.permissions import can, require


def plan_grant(request, pk):
    found = found_grant(request, pk)
    require(request.hat, "awards.plan_grant", found)
    agreed = planning.approved(found)
    last = max(found.plans.all(), key=lambda plan: plan.version, default=None)
    more = "more" in request.POST
    form = PlanForm(request.POST or None, plan=last, reasoned=agreed is not None, more=more)
    if (
        request.method == "POST"
        and not more
        and form.perform(planning.hand_in_plan, found, by=request.hat, now=timezone.now())
    ):
        messages.success(request, _("已提交，等待办公室审核。"))
        return redirect("awards:grant_plan", form.result.pk)
    context = {"form": form, "grant": found}
    return render(request, "awards/plan_form.html", framed_grant(request, found, **context))


def grant_plan(request, pk):
    plan = get_object_or_404(
        GrantPlan.objects.filter(grant__in=Grant.objects.visible_to(request.hat)).select_related(
            "handed_in_by__user", "decided_by__user"
        ),
        pk=pk,
    )
    found = found_grant(request, plan.grant_id)
    waits = plan.state == GrantPlan.State.HANDED_IN
    form = None
    if waits and can(request.hat, "awards.approve_plan", found):
        form = PlanOpinionForm(request.POST or None)
    if request.method == "POST":
        require(request.hat, "awards.approve_plan", found)
        if form and form.perform(planning.decide_plan, plan, by=request.hat, now=timezone.now()):
            messages.success(request, _("已办理。"))
            return redirect("awards:grant", found.pk)
    uses = ((line.label, line.planned, line.spent) for line in planning.compared(found, plan))
    context = {"plan": plan, "grant": found, "form": form, "uses": bars(uses)}
    return render(request, "awards/plan.html", framed_grant(request, found, **context))

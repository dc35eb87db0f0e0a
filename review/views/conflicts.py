"""回避: declared before a file is opened, signed with one's own name."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import State, StepKind
from portal.asking import ask
from portal.models import Role
from portal.permissions import require
from review import services, tasks
from review.forms.panel import DeclarationForm, RecusalForm
from review.models import Assignment
from review.views.finding import find_assignment, framed


def recuse(request, pk):
    """Before the file: nothing stands in the way, or one steps aside. After: one may still step aside."""
    assignment = find_assignment(request, pk)
    require(request.hat, "review.recuse", assignment)
    if hasattr(assignment, "recusal"):
        messages.info(request, _("您已回避这一家。"))
        return redirect(_home(request, assignment))
    choice = request.POST.get("choice", "")
    clear = DeclarationForm(request.POST if choice == "clear" else None, prefix="clear")
    aside = RecusalForm(
        request.POST if choice == "recuse" else None,
        prefix="recuse",
        expert=request.hat.role == Role.EXPERT,
    )
    now = timezone.now()
    if choice == "clear" and clear.perform(services.declare_clear, [assignment], by=request.hat, now=now):
        return redirect("review:sheet", assignment.pk)
    if choice == "recuse" and aside.perform(services.recuse, assignment, by=request.hat, now=now):
        ask(tasks.rebalance, assignment.nomination.edition_id)
        messages.success(
            request,
            _("已回避“{name}”，这一家的材料不再向您显示。").format(name=assignment.nomination.subject_name),
        )
        return redirect(_home(request, assignment))
    context = framed(
        request,
        assignment.nomination.edition,
        assignment=assignment,
        nomination=assignment.nomination,
        clear=clear,
        aside=aside,
        expert=request.hat.role == Role.EXPERT,
        cancel_url=_home(request, assignment),
    )
    return render(request, "review/recuse.html", context)


def _home(request, assignment) -> str:
    if request.hat.role == Role.EXPERT:
        return reverse("review:sheets")
    return reverse("review:progress", args=[assignment.nomination.edition_id])


def declare(request):
    """One signature for several: every name is read and ticked; those with a tie are left for recusing."""
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    waiting = list(
        Assignment.objects.visible_to(request.hat)
        .filter(
            declared_at__isnull=True,
            recusal__isnull=True,
            nomination__state=State.REVIEW,
            nomination__edition__steps__kind=StepKind.REVIEW,
            nomination__edition__steps__closed_at__isnull=True,
        )
        .select_related("nomination__enterprise", "nomination__recommender", "member")
        .order_by("nomination__edition_id", "nomination__subject_key")
    )
    picked = set(request.POST.getlist("pick"))
    chosen = [each for each in waiting if str(each.pk) in picked]
    form = DeclarationForm(request.POST or None)
    if request.method == "POST":
        if not chosen:
            form.add_error(None, _("请先勾选与您没有回避情形的企业。"))
        elif form.perform(services.declare_clear, chosen, by=request.hat, now=timezone.now()):
            messages.success(request, _("已声明与 {count} 家企业无回避情形。").format(count=len(form.result)))
            return redirect("review:sheets")
    context = {"rows": [(each, str(each.pk) in picked) for each in waiting], "form": form}
    return render(request, "review/declare.html", context)

"""The panel of an edition: who sits on it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.permissions import require
from review import services
from review.forms.panel import SeatForm
from review.services.assigning import unassigned
from review.services.progress import of_experts
from review.views.finding import find_edition, framed


def panel(request, pk):
    edition = find_edition(request, pk)
    require(request.hat, "review.seat_panel", edition)
    form = SeatForm(request.POST or None)
    if request.method == "POST" and form.perform(
        services.seat_panel, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("专家组已更新。"))
        return redirect("review:panel", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        experts=of_experts(edition),
        waiting=len(unassigned(edition)),
        open_step=not edition.step(StepKind.REVIEW).closed_at,
    )
    return render(request, "review/panel.html", context)

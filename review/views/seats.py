"""The panel of an edition: who was invited, who sits on it, who is in reserve."""

from collections import Counter

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.permissions import require
from review import services
from review.forms.panel import SeatForm
from review.models import PanelMember
from review.services.assigned import lacking
from review.services.office_sight import hidden_from
from review.services.progress import of_experts
from review.views.finding import find_review, framed

Standing = PanelMember.Standing


def panel(request, pk):
    edition = find_review(request, pk)
    require(request.hat, "review.seat_panel", edition)
    form = SeatForm(request.POST or None)
    if request.method == "POST" and form.perform(
        services.seat_panel, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("专家组已更新。"))
        return redirect("review:panel", edition.pk)
    experts = of_experts(edition, without=hidden_from(request.hat, edition))
    there = Counter(line.member.standing for line in experts)
    context = framed(
        request,
        edition,
        form=form,
        experts=experts,
        seated=there[Standing.SEATED],
        invited=there[Standing.INVITED],
        reserves=there[Standing.RESERVE],
        waiting=lacking(edition) if edition.is_open(StepKind.REVIEW) else 0,
        draws=edition.draws.all(),
        open_step=edition.is_open(StepKind.REVIEW),
    )
    return render(request, "review/panel.html", context)

"""An expert answers the invitation to a panel."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.asking import ask
from portal.models import Role
from review import tasks
from review.forms.sheets import InvitationForm
from review.models import PanelMember
from review.services.drawing import answer_invitation
from review.views.finding import framed


def invitation(request, pk):
    """Accept, or decline with a reason; the office writes down what it was told on its own page."""
    if request.hat.role != Role.EXPERT:
        raise PermissionDenied
    mine = PanelMember.objects.filter(user=request.hat.user).exclude(standing=PanelMember.Standing.RESERVE)
    member = get_object_or_404(mine.select_related("edition__host").prefetch_related("edition__steps"), pk=pk)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.perform(
        answer_invitation, member, by=request.hat, now=timezone.now()
    ):
        accepted = form.result.standing == PanelMember.Standing.SEATED
        words = _("已接受邀请。分配评审任务后会通知您。") if accepted else _("已谢绝邀请，谢谢您的答复。")
        # A reserve who moved up takes over what the one who left had still to do.
        ask(tasks.rebalance, member.edition_id)
        messages.success(request, words)
        return redirect("review:sheets")
    waits = member.standing == PanelMember.Standing.INVITED
    context = framed(request, member.edition, member=member, form=form, waits=waits)
    return render(request, "review/invitation.html", context)

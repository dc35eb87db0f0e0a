"""The bell, and the outbox of what could not be delivered."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.errors import Refused
from portal.models import Notification
from portal.notify import try_again
from portal.permissions import require
from portal.speech import said

PER_PAGE = 50


def notices(request):
    """What I was told, newest first; looking at it is reading it."""
    mine = Notification.objects.filter(recipient=request.user, channel=Notification.Channel.SITE)
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    response = render(request, "portal/notices.html", {"page": page, "rows": list(page)})
    Notification.objects.unread(request.user).filter(pk__in=[row.pk for row in page]).update(
        read_at=timezone.now()
    )
    return response


def outbox(request):
    """What could not be delivered, and what is late."""
    require(request.hat, "portal.see_failed_notifications")
    failed = Notification.objects.filter(state=Notification.State.FAILED).select_related("recipient")
    page = Paginator(failed, PER_PAGE).get_page(request.GET.get("page"))
    queued = Notification.objects.filter(state=Notification.State.QUEUED).count()
    return render(request, "portal/outbox.html", {"page": page, "rows": list(page), "queued": queued})


@require_POST
def send_again(request, pk):
    require(request.hat, "portal.see_failed_notifications")
    row = get_object_or_404(Notification, pk=pk)
    try:
        try_again(row, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _("已重新排队，稍后自动发送。"))
    return redirect("portal:outbox")

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.models import AuditEntry, Notification
from portal.notify import try_again
from portal.permissions import require
from portal.todo import todos


def home(request):
    """What waits for me."""
    return render(request, "portal/home.html", {"todos": todos(request.hat, now=timezone.now())})


@require_POST
def wear(request, pk):
    hat = next((hat for hat in request.hats if hat.pk == pk), None)
    if hat is not None:
        request.session["hat"] = hat.pk
    return redirect("portal:home")


@login_not_required
@require_POST
def letters(request):
    response = redirect(request.headers.get("Referer") or "portal:home")
    large = request.COOKIES.get("letters") == "large"
    response.set_cookie("letters", "normal" if large else "large", max_age=365 * 86400, samesite="Lax")
    return response


def notices(request):
    rows = Notification.objects.filter(recipient=request.user, channel=Notification.Channel.SITE)[:100]
    response = render(request, "portal/notices.html", {"rows": list(rows)})
    Notification.objects.unread(request.user).update(read_at=timezone.now())
    return response


def outbox(request):
    require(request.hat, "portal.see_failed_notifications")
    failed = Notification.objects.filter(state=Notification.State.FAILED)
    return render(request, "portal/outbox.html", {"rows": failed[:200]})


@require_POST
def send_again(request, pk):
    try_again(get_object_or_404(Notification, pk=pk), by=request.hat, now=timezone.now())
    return redirect("portal:outbox")


def record(request):
    require(request.hat, "portal.read_record")
    return render(request, "portal/record.html", {"rows": AuditEntry.objects.order_by("-pk")[:200]})


@login_not_required
def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def readyz(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"database": "ok"})

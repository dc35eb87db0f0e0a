"""The public's side of objections: lodged in the period, followed by number and code."""

from axes.helpers import get_client_ip_address
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awards.forms.objecting import ObjectForm, StatusForm
from awards.models import Notice
from awards.services import lodging, objection_clock, objection_letters
from awards.services.objection_life import life_of
from awards.views.notices import remaining
from portal import documents, gate
from portal.models import Membership


@login_not_required
@never_cache
def object_(request, pk):
    notice = get_object_or_404(Notice.objects.visible_to(request.hat).select_related("edition__host"), pk=pk)
    now = timezone.now()
    if not (notice.in_force and notice.published_at <= now < notice.ends_at):
        return render(request, "awards/object_closed.html", {"edition": notice.edition, "notice": notice})
    form = ObjectForm(request.POST or None, request.FILES or None, notice=notice)
    if request.method == "POST" and form.perform(_lodge, request, notice, now=now):
        context = {"edition": notice.edition, "notice": notice, "lodged": form.result}
        return render(request, "awards/object_done.html", context)
    context = {
        "edition": notice.edition,
        "notice": notice,
        "form": form,
        "left": remaining(notice, now),
        # A browser never hands in a file twice by itself.
        "chose_again": bool(request.FILES),
    }
    return render(request, "awards/object.html", context)


def _lodge(request, notice, *, nomination, now, **answers):
    # Whoever is signed in objects as a citizen: the record must not say who it was.
    gate.admit("object", _caller(request), most=6)
    by = Membership.objects.public()
    return lodging.lodge_objection(notice, nomination, **answers, by=by, now=now)


def _caller(request) -> str:
    return get_client_ip_address(request) or "-"


@login_not_required
@never_cache
def objection_status(request):
    form = StatusForm(request.POST or None)
    found = form.result if request.method == "POST" and form.perform(_look_up, request) else None
    if found is None:
        return render(request, "awards/objection_status.html", {"form": form})
    context = {
        "objection": found,
        "edition": found.notice.edition,
        "life": life_of(found, inside=False),
        "due": objection_clock.due_of(found),
        "open": found.is_open,
        "code": form.cleaned_data["code"],
    }
    return render(request, "awards/objection_status.html", context)


def _look_up(request, *, number, code):
    _count(request, number)
    return lodging.find_by_code(number, code)


def _count(request, number):
    gate.admit("status", _caller(request), most=30)
    gate.admit("status", number.strip().upper()[:24], most=30)


@login_not_required
@require_POST
@never_cache
def objection_status_letter(request):
    """The objector's letter for number and code; asked for by POST, so that no address holds the code."""
    form = StatusForm(request.POST)
    if form.perform(_letter, request):
        name = objection_letters.FILE_NAMES[objection_letters.OBJECTOR]
        return documents.download(name, form.result)
    return render(request, "awards/objection_status.html", {"form": form})


def _letter(request, *, number, code):
    _count(request, number)
    by = Membership.objects.public()
    return objection_letters.letter_by_code(number, code, by=by, now=timezone.now())

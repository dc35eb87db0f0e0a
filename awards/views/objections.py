"""Objections: the public lodges and asks, the office handles."""

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awards.forms.objecting import AnswerForm, DecideForm, ObjectForm, ReceiveForm, StatusForm
from awards.models import Notice, Objection
from awards.services import handling, lodging
from awards.views.framing import edition_of, framed
from awards.views.publicity import remaining
from portal import files, gate
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import can, require

State = Objection.State


@login_not_required
@never_cache
def object_(request, pk):
    notice = get_object_or_404(Notice.objects.visible_to(request.hat).select_related("edition__host"), pk=pk)
    now = timezone.now()
    if not notice.published_at <= now < notice.ends_at:
        return render(request, "awards/object_closed.html", {"edition": notice.edition, "notice": notice})
    form = ObjectForm(request.POST or None, request.FILES or None, notice=notice)
    if request.method == "POST" and form.perform(_lodge, request, notice, now=now):
        context = {"edition": notice.edition, "notice": notice, "lodged": form.result}
        return render(request, "awards/object_done.html", context)
    context = {"edition": notice.edition, "notice": notice, "form": form, "left": remaining(notice, now)}
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
    context = {"form": form, "objection": found, "edition": found.notice.edition if found else None}
    return render(request, "awards/objection_status.html", context)


def _look_up(request, *, number, code):
    gate.admit("status", _caller(request), most=30)
    gate.admit("status", number.strip().upper()[:24], most=30)
    return lodging.find_by_code(number, code)


def objections(request, pk):
    edition = edition_of(request, pk)
    rows = (
        Objection.objects.visible_to(request.hat)
        .filter(notice__edition=edition)
        .select_related("nomination", "notice")
    )
    rows = sorted(rows, key=lambda row: (row.state == State.ANSWERED, -row.pk))
    waiting = sum(row.state != State.ANSWERED for row in rows)
    return render(
        request, "awards/objections.html", framed(request, edition, objections=rows, waiting=waiting)
    )


@never_cache
def objection(request, pk):
    found = _found(request, pk)
    may_handle = can(request.hat, "awards.handle_objection", found)
    form, act = _answering(found, request)
    confirm = None
    if request.method == "POST":
        require(request.hat, "awards.handle_objection", found)
        if form and _needs_confirm(form, request):
            confirm = DecideForm(initial=form.cleaned_data | {"upheld": "yes"}, hidden=True)
        elif form and form.perform(act, found, by=request.hat, now=timezone.now()):
            messages.success(request, _("已登记：{state}。").format(state=form.result.get_state_display()))
            return redirect("awards:objection", found.pk)
    edition = found.notice.edition
    if confirm:
        context = {
            "form": confirm,
            "title": _("认定对“{name}”的异议成立").format(name=found.nomination.subject_name),
            "sentences": [
                _("“{name}”不再列入公示，本届止步，理由为所填的公开结果。").format(
                    name=found.nomination.subject_name
                ),
                _("空出的名额可以由考察合格的候补企业递补，递补企业另行公示。"),
                _("公开结果显示在公示页上。"),
            ],
            "undo_note": _("认定后不能撤销。"),
            "verb": _("认定异议成立"),
            "danger": True,
            "confirmed": True,
            "cancel_url": request.path,
        }
        return render(request, "awards/objection_confirm.html", framed(request, edition, **context))
    context = {"objection": found, "form": form if may_handle else None, "may_handle": may_handle}
    return render(request, "awards/objection.html", framed(request, edition, **context))


def _found(request, pk):
    rows = Objection.objects.visible_to(request.hat).select_related(
        "notice__edition__host", "nomination__enterprise", "nomination__recommender", "decided_by__user"
    )
    return get_object_or_404(rows, pk=pk)


def _answering(found, request):
    """The form of the state the objection is in, and the service that takes its answer."""
    data = request.POST or None
    if found.state == State.LODGED:
        return ReceiveForm(data), _receive
    if found.state == State.ACCEPTED:
        return DecideForm(data), handling.decide_objection
    if found.state == State.ANSWERED:
        return None, None
    return AnswerForm(data), handling.answer_objection


def _receive(found, *, accept, reason, public_outcome, by, now):
    if accept:
        return handling.accept_objection(found, note=reason, by=by, now=now)
    return handling.decline_objection(found, reason=reason, public_outcome=public_outcome, by=by, now=now)


def _needs_confirm(form, request) -> bool:
    return (
        isinstance(form, DecideForm)
        and "confirmed" not in request.POST
        and form.is_valid()
        and form.cleaned_data["upheld"]
    )


@require_POST
@never_cache
def objection_person(request, pk):
    """Who it was, shown once for this asking; the asking is on the record."""
    found = _found(request, pk)
    person = handling.read_objector(found, by=request.hat, now=timezone.now())
    context = {"objection": found, "person": person}
    return render(request, "awards/objection_person.html", framed(request, found.notice.edition, **context))


@require_POST
@never_cache
def objection_evidence(request, pk):
    found = _found(request, pk)
    try:
        paper = handling.read_evidence(found, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("awards:objection", found.pk)
    ending = paper.name.rpartition(".")[2]
    return files.serve(request, paper, f"{found.number} 证据材料.{ending}")

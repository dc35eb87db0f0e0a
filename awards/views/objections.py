"""Objections in the office: the list with its clock, and one step by step."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Prefetch, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from awards.forms.handling import AnswerForm, DecideForm, ReceiveForm
from awards.models import Handler, Hearing, Objection
from awards.services import extending, handling, hearing, objection_clock, objection_letters
from awards.services.handlers import handlers_of
from awards.services.objection_life import life_of
from awards.views.framing import edition_of, framed
from nominations.days import due
from portal.calendar import published
from portal.permissions import can, require

State = Objection.State
PAGE = 50


def objections(request, pk):
    edition = edition_of(request, pk)
    mine = Objection.objects.visible_to(request.hat).filter(notice__edition=edition)
    open_handlers = Handler.objects.filter(until__isnull=True).select_related("user")
    rows = (
        mine.select_related("nomination__enterprise", "notice")
        .prefetch_related(Prefetch("handlers", open_handlers, to_attr="now_handling"))
        .order_by(Case(When(state=State.ANSWERED, then=Value(1)), default=Value(0)), "-pk")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    calendar, today = published(), timezone.localdate(timezone.now())
    for row in page:
        row.due = _due(row, today, calendar)
    context = {
        "page": page,
        "waiting": mine.open().count(),
        "may_roster": can(request.hat, "awards.manage_roster"),
    }
    return render(request, "awards/objections.html", framed(request, edition, **context))


def _due(row, today, calendar):
    day = objection_clock.due_of(row)
    return due(day, today, calendar) if day else None


@never_cache
def objection(request, pk):
    found = found_for(request, pk)
    handlers = handlers_of(found)
    may_handle = can(request.hat, "awards.handle_objection", found)
    may_act = may_handle or (not handlers and can(request.hat, "awards.receive_objection", found))
    form, act = _answering(found, request)
    confirm = None
    if request.method == "POST":
        lodged = found.state == State.LODGED
        require(request.hat, "awards.receive_objection" if lodged else "awards.handle_objection", found)
        if form and _needs_confirm(form, request):
            confirm = DecideForm(initial=form.cleaned_data | {"upheld": "yes"}, hidden=True)
        elif form and form.perform(act, found, by=request.hat, now=timezone.now()):
            messages.success(request, _("已登记：{state}。").format(state=form.result.get_state_display()))
            return redirect("awards:objection", found.pk)
    if confirm:
        return render(request, "awards/objection_confirm.html", _consequence(request, found, confirm))
    return render(
        request,
        "awards/objection.html",
        framed(
            request,
            found.notice.edition,
            objection=found,
            form=form if may_act else None,
            may_handle=may_handle,
            may_read=may_act,
            may_take=may_act and not handlers and found.state == State.LODGED,
            may_assign=can(request.hat, "awards.assign_handler", found),
            handlers=handlers,
            due=_due(found, timezone.localdate(timezone.now()), published()),
            open=found.is_open,
            papers=found.papers.all() if may_handle else (),
            heard=_heard(found) if may_handle else (),
            unheard=[Hearing.Side(side).label for side in sorted(hearing.unheard(found))]
            if may_handle
            else (),
            extension=extending.waiting(found),
            extended=found.extensions.exclude(allowed=False).exists(),
            letters=[
                side for side in objection_letters.FILE_NAMES if objection_letters.is_ready(found, side)
            ],
            life=life_of(found, inside=True),
        ),
    )


def found_for(request, pk) -> Objection:
    rows = Objection.objects.visible_to(request.hat).select_related(
        "notice__edition__host",
        "nomination__enterprise",
        "nomination__recommender",
        "decided_by__user",
        "accepted_by__user",
        "matter_by__user",
    )
    return get_object_or_404(rows, pk=pk)


def _heard(found):
    """What each side said, for the handler; the objector's words are read with the name, on the record."""
    rows = list(found.hearings.select_related("noted_by__user"))
    for row in rows:
        row.said = "" if row.side == Hearing.Side.OBJECTOR else hearing.words_of(row)
    return rows


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


def _consequence(request, found, form) -> dict:
    name = found.nomination.subject_name
    return framed(
        request,
        found.notice.edition,
        form=form,
        title=_("认定对“{name}”的异议成立").format(name=name),
        sentences=[
            _("“{name}”不再列入公示，本届止步，理由为所填的公开结果。").format(name=name),
            _("空出的名额可以由考察合格的候补企业递补，递补企业另行公示。"),
            _("公开结果显示在公示页上。"),
        ],
        undo_note=_("认定后不能撤销。"),
        verb=_("认定异议成立"),
        danger=True,
        confirmed=True,
        cancel_url=request.path,
    )

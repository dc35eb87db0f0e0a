"""Cases: ballots chosen, previewed and proposed by one of the office, decided by another."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nominations.models import Edition
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from voting.forms import DecideForm, ProposeForm, ReasonForm, SelectionForm
from voting.forms.quarantine import NAMES
from voting.models import Alarm, Case, Poll, Quarantine
from voting.services import counting, polls, quarantine, selecting
from voting.views.basis import basis_lines
from voting.views.frame import bars, confirm, edition_of, framed, poll_of

PAGE = 50


def cases(request, pk):
    """Every case of a poll, the undecided first."""
    edition = edition_of(request, pk)
    require(request.hat, "voting.see_alarms", edition)
    poll = get_object_or_404(Poll.objects.select_related("edition__host"), edition=edition)
    found = (
        poll.cases.select_related("proposed_by__user", "decided_by__user", "undoes")
        .annotate(size=Count("ballots"))
        .order_by(F("decided_at").desc(nulls_first=True), "-number")
    )
    context = framed(request, edition, timezone.now()) | {
        "poll": poll,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "figures": counting.figures(poll),
        "older": poll.quarantines.filter(case=None).annotate(size=Count("ballots")).order_by("-pk")[:PAGE],
    }
    return render(request, "voting/cases.html", context)


def case(request, pk):
    """Why, how chosen, what figures; and the decision, for the other person."""
    now = timezone.now()
    found = _case(request, pk, "voting.see_alarms")
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.perform(quarantine.decide, found, by=request.hat, now=now):
        messages.success(request, _("已记录您的决定。"))
        return redirect("voting:case", found.pk)
    poll, edition = found.poll, found.poll.edition
    undecided, mine = not found.decision, found.proposed_by.user_id == request.hat.user_id
    context = framed(request, edition, now) | {
        "case": found,
        "poll": poll,
        "form": form,
        "number": found.ballots.count(),
        "hours": bars(counting.by_hour(found.ballots.all())),
        "lines": counting.picked_in(found, now=now),
        "basis": basis_lines(found, seen=counting.totals_until(poll, now=now) is not None),
        "undone_by": found.undone_by.order_by("number"),
        "mine": mine,
        "may_decide": undecided and not mine and can(request.hat, "voting.decide_quarantine", found),
        "may_undo": _may_undo(request, found),
    }
    if undecided:
        able = selecting.able(found.ballots.all(), poll, found.kind).count()
        context |= {"able": able, "changed": context["number"] - able}
    else:
        context["done"] = found.act.ballots.count() if hasattr(found, "act") else 0
    return render(request, "voting/case.html", context)


def undo(request, pk):
    found = _case(request, pk, "voting.quarantine")
    if not hasattr(found, "act") or (request.method == "GET" and found.poll.closed_at):
        return redirect("voting:case", found.pk)
    number = quarantine.undoable(found).count()
    aside = found.kind == Quarantine.Kind.SET_ASIDE
    verb = _("提出恢复这 {n} 张选票") if aside else _("提出重新隔离这 {n} 张选票")
    return confirm(
        request,
        found.poll.edition,
        ReasonForm,
        (quarantine.propose_undo, found),
        back=reverse("voting:case", args=[found.pk]),
        done=lambda made: _proposed(request, made),
        title=_("撤销第 {number} 号案").format(number=found.number),
        sentences=[
            _("第 {number} 号案{kind}的选票中，还有 {n} 张没有被别的案改变过。").format(
                number=found.number, kind=found.get_kind_display(), n=number
            ),
            _("撤销另立一案，由办公室另一人决定；同意之前什么也不改变。"),
            _("原来的案保留，两案都随结果公布。"),
        ],
        verb=verb.format(n=number),
    )


def set_aside(request, pk):
    """Choose by hand, preview, propose. What is previewed is what is proposed."""
    edition, poll = poll_of(request, pk, "voting.quarantine")
    now = timezone.now()
    until = counting.totals_until(poll, now=now)
    asked = SelectionForm(
        request.GET or None,
        crowded={field: selecting.crowded(poll, field) for field in NAMES},
        candidates=polls.candidates_of(poll) if until else (),
    )
    context = framed(request, edition, now) | {"poll": poll, "selection": asked, "until": until}
    if not asked.is_valid():
        return render(request, "voting/set_aside.html", context)
    if asked.is_open_ended(now):
        # Ballots still to come are never part of what was looked at.
        return redirect(f"{request.path}?{asked.until_now(now)}")
    criteria = asked.criteria()
    try:
        ballots = selecting.matching(poll, criteria, now=now)
    except Refused as refusal:
        asked.add_error(None, said(refusal))
        return render(request, "voting/set_aside.html", context)
    number = ballots.count()
    form = ProposeForm(request.POST or None, initial={"seen": number})
    if request.method == "POST" and form.perform(
        quarantine.propose,
        poll,
        ballots,
        kind=criteria.kind,
        basis=criteria.basis(),
        by=request.hat,
        now=now,
    ):
        return _proposed(request, form.result)
    context |= {
        "form": form,
        "kind": criteria.kind,
        "number": number,
        "hours": bars(counting.by_hour(ballots)),
        "seconds": [hat.user for hat in quarantine.seconds(poll, request.hat)],
    }
    return render(request, "voting/set_aside.html", context)


def propose_alarm(request, pk):
    """A case over the ballots an alarm has gathered."""
    alarm = get_object_or_404(
        Alarm.objects.filter(poll__edition__in=Edition.objects.visible_to(request.hat)).select_related(
            "poll__edition__host"
        ),
        pk=pk,
    )
    require(request.hat, "voting.quarantine", alarm.poll)
    if request.method == "GET" and (alarm.state != Alarm.State.OPEN or alarm.poll.closed_at):
        return redirect("voting:alarm", alarm.pk)
    number = selecting.able(alarm.ballots.all(), alarm.poll, Quarantine.Kind.SET_ASIDE).count()
    return confirm(
        request,
        alarm.poll.edition,
        ReasonForm,
        (quarantine.propose_from_alarm, alarm),
        back=reverse("voting:alarm", args=[alarm.pk]),
        done=lambda made: _proposed(request, made),
        title=_("由预警“{rule}”提出隔离").format(rule=alarm.get_rule_display()),
        sentences=[
            ngettext(
                "预警涉及 {n} 张仍然有效的选票，提出时固定下来。",
                "预警涉及 {n} 张仍然有效的选票，提出时固定下来。",
                number,
            ).format(n=number),
            _("类别：{grounds}。").format(grounds=quarantine.GROUNDS[alarm.rule].label),
            _("由办公室另一人决定；同意之前，这些选票照常有效。"),
        ],
        verb=_("提出隔离这 {n} 张选票").format(n=number),
        danger=True,
    )


def _case(request, pk, act) -> Case:
    found = Case.objects.filter(poll__edition__in=Edition.objects.visible_to(request.hat)).select_related(
        "poll__edition__host",
        "act",
        "undoes",
        "proposed_by__user",
        "proposed_by__organisation",
        "decided_by__user",
        "decided_by__organisation",
    )
    found = get_object_or_404(found, pk=pk)
    require(request.hat, act, found)
    return found


def _may_undo(request, found) -> bool:
    return (
        found.decision == Case.Decision.APPROVED
        and not found.poll.closed_at
        and can(request.hat, "voting.quarantine", found)
        and not found.undone_by.filter(decision="").exists()
        and quarantine.undoable(found).exists()
    )


def _proposed(request, found):
    messages.success(request, _("已提出第 {number} 号案，等待办公室另一人决定。").format(number=found.number))
    return redirect("voting:case", found.pk)

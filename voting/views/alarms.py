"""Alarms: what detection noticed, in words with its figures, for people to decide on."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nominations.models import Edition
from portal.permissions import can, require
from voting.forms import DismissForm
from voting.models import Alarm, Poll
from voting.services.alarms import settle_alarm
from voting.views import alarm_words
from voting.views.frame import confirm, edition_of, framed

PAGE = 50


def alarms(request, pk):
    """The alarms of a poll, newest first; the open ones unless one asks for others."""
    edition = edition_of(request, pk)
    require(request.hat, "voting.see_alarms", edition)
    poll = get_object_or_404(Poll.objects.select_related("edition__host"), edition=edition)
    state = request.GET.get("state", Alarm.State.OPEN)
    rows = poll.alarms.select_related("candidate__nomination", "case")
    numbers = dict(poll.alarms.order_by().values_list("state").annotate(n=Count("pk")))
    if state in Alarm.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    sizes = alarm_words.sizes(page)
    watch = getattr(poll, "watch", None)
    context = framed(request, edition, timezone.now()) | {
        "poll": poll,
        "page": page,
        "lines": [(each, alarm_words.short(each), sizes.get(each.pk, 0)) for each in page],
        "chips": _chips(request, numbers, state),
        "looked_at": watch and watch.looked_at,
    }
    return render(request, "voting/alarms.html", context)


def alarm(request, pk):
    found = _alarm(request, pk)
    edition = found.poll.edition
    number = found.ballots.count()
    context = framed(request, edition, timezone.now()) | {
        "alarm": found,
        "number": number,
        "poll": found.poll,
        "about": alarm_words.short(found),
        "sentences": alarm_words.sentences(found, number),
        "picked": alarm_words.picked(found),
        "signs": alarm_words.signs(found),
        "reasons": alarm_words.reasons(found, number),
        "plot": alarm_words.plot(found),
        "stays": alarm_words.stays(found),
        "profile": alarm_words.profile(found),
        "kin": [(each, alarm_words.short(each), n) for each, n in alarm_words.kin(found)],
        "open": found.state == Alarm.State.OPEN,
        "may_settle": can(request.hat, "voting.settle_alarm", found),
        "may_propose": can(request.hat, "voting.quarantine", found) and number and not found.poll.closed_at,
    }
    return render(request, "voting/alarm.html", context)


def dismiss(request, pk):
    """Dismiss an alarm, saying why."""
    found = _alarm(request, pk)
    require(request.hat, "voting.settle_alarm", found)
    if found.state != Alarm.State.OPEN:
        messages.info(request, _("这条预警已经处理过，不需要再次处理。"))
        return redirect("voting:alarm", found.pk)
    number = found.ballots.count()
    return confirm(
        request,
        found.poll.edition,
        DismissForm,
        (settle_alarm, found),
        title=_("排除这条预警"),
        sentences=[
            *alarm_words.sentences(found, number)[:1],
            ngettext(
                "列为可疑的 {n} 张选票照常计入，同样的选票不再预警。",
                "列为可疑的 {n} 张选票照常计入，同样的选票不再预警。",
                number,
            ).format(n=number)
            if number
            else _("这条预警没有可疑选票，排除后不影响任何选票。"),
        ],
        verb=_("排除预警"),
        back=reverse("voting:alarm", args=[found.pk]),
        done=lambda alarm: redirect("voting:alarms", alarm.poll.edition_id),
    )


def _alarm(request, pk) -> Alarm:
    visible = Edition.objects.visible_to(request.hat)
    rows = Alarm.objects.select_related(
        "poll__edition__host", "candidate__nomination", "case", "settled_by__user"
    )
    found = get_object_or_404(rows.filter(poll__edition__in=visible), pk=pk)
    require(request.hat, "voting.see_alarms", found)
    return found


def _chips(request, numbers, state):
    names = [*Alarm.State.choices, ("all", _("全部"))]
    numbers = numbers | {"all": sum(numbers.values())}
    return [
        {
            "label": str(label),
            "url": f"{request.path}?state={value}",
            "on": state == value,
            "count": numbers.get(value, 0),
        }
        for value, label in names
    ]

"""What every page of a poll's office stands in: the edition found, the steps, ballots by the hour."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from nominations.models import Edition
from nominations.states import StepKind
from nominations.stepper import stepper
from portal.permissions import require
from portal.templatetags.portal import cnday
from voting.models import Poll


def edition_of(request, pk) -> Edition:
    """The edition; where it has no 公众投票 there is no page of one."""
    found = Edition.objects.visible_to(request.hat).select_related("host", "category")
    edition = get_object_or_404(found.prefetch_related("steps"), pk=pk)
    if not edition.has(StepKind.VOTING):
        raise Http404
    return edition


def poll_of(request, pk, act) -> tuple[Edition, Poll]:
    """The edition and its poll, where this hat may do the act."""
    edition = edition_of(request, pk)
    require(request.hat, act, edition)
    return edition, get_object_or_404(Poll.objects.select_related("edition__host"), edition=edition)


def framed(request, edition, now) -> dict:
    return {
        "edition": edition,
        "steps": stepper(edition, request.hat, now=now),
        "has_review": edition.has(StepKind.REVIEW),
    }


def confirm(request, edition, form_class, service, *, back: str = "", done=None, **words):
    """One page for every consequence: the words, then the service with what was filled in.

    `back` is where one goes without doing it, `done` after it: an address, or a function of what the service
    returned.
    """
    now = timezone.now()
    back = back or reverse("voting:poll", args=[edition.pk])
    form = form_class(request.POST if request.method == "POST" else None)
    call, *subjects = service
    if request.method == "POST" and form.perform(call, *subjects, by=request.hat, now=now):
        return done(form.result) if callable(done) else redirect(done or back)
    words |= {"form": form, "cancel_url": back}
    return render(request, "voting/confirm.html", framed(request, edition, now) | words)


def bars(hours) -> list[dict]:
    """Pairs (hour, ballots) for `voting/hours.html`."""
    most = max((number for _each, number in hours), default=0)
    return [
        {
            "label": _hour(timezone.localtime(each)),
            "value": number,
            "of": most,
            "words": ngettext("{n} 张", "{n} 张", number).format(n=number),
        }
        for each, number in hours
    ]


def _hour(hour) -> str:
    return f"{cnday(hour)} {hour:%H:00}"

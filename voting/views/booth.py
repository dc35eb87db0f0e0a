"""The voting page, the same for everybody and read off a shelf; what a voter ticked goes on from here."""

import random
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from nominations.models import Declaration
from portal.shelf import Shelf, is_large, shelved
from portal.speech import said
from voting import draft as drafts
from voting.models import Candidate, Poll
from voting.services import casting, codes, counting, polls
from voting.views.origin import same_origin
from voting.words import booth_words

BOOTHS = Shelf(fresh=timedelta(seconds=1))
CANDIDATES = Shelf(fresh=timedelta(seconds=5))
# Counting a city's ballots costs more than drawing a page.
TOTALS = Shelf(fresh=timedelta(seconds=10))
SHELVES = (BOOTHS, CANDIDATES, TOTALS)
YEAR = 365 * 86400


@login_not_required
@require_safe
def booth(request, pk):
    """The candidates and the way to cast a ballot; no cookie, no session, no question to the database."""
    now = timezone.now()
    # Without a script everybody sees the order of the second; it is nobody's for long.
    return shelved(request, BOOTHS, pk, lambda: _booth(pk, now, frame_of(request)), now=now)


@login_not_required
@require_safe
def candidate(request, pk):
    """Who a candidate is: public facts and deeds, never a contact."""
    return shelved(request, CANDIDATES, pk, lambda: _candidate(pk, frame_of(request)), now=timezone.now())


@login_not_required
@require_safe
def totals(request, pk):
    """The figures as JSON, as far as the edition lets anybody see them now: what is hidden is not in it."""
    now = timezone.now()
    return shelved(request, TOTALS, pk, lambda: _totals(pk, now), now=now)


@login_not_required
@never_cache
@same_origin
def choose(request, pk):
    """Without a script: posting checks the picks and goes on; getting shows them again, ticked."""
    poll, now = public_poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    picks, error = draft.picks, ""
    if request.method == "POST":
        picks = _numbers(request.POST.getlist("pick"))
        refusal = casting.refusal(poll, picks, now)
        if refusal is None:
            draft = draft.choose(picks)
            known = codes.read_token(poll, draft.token, now=now)
            response = redirect("voting:summary" if known else "voting:identity", poll.pk)
            return drafts.keep(response, poll, draft)
        error = said(refusal)
    candidates = draft.order(polls.candidates_of(poll))
    context = _booth_context(poll, now, candidates) | {"picks": picks, "error": error}
    response = render(request, "voting/booth.html", frame_of(request) | context, status=422 if error else 200)
    return drafts.keep(response, poll, draft)


@login_not_required
@never_cache
@same_origin
@require_POST
def comfort(request):
    """Large letters, or the other language: two cookies of the visitor's own, remembered for a year."""
    if check_for_language(request.POST.get("language", "")):
        return set_language(request)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = reverse("voting:lookup")
    response = redirect(back)
    wanted = "large" if request.POST.get("letters") == "large" else "normal"
    response.set_cookie(
        "letters", wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
    )
    return response


def public_poll(pk) -> Poll:
    found = Poll.objects.public().select_related("edition__host", "edition__category").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def frame_of(request) -> dict:
    """What voting/frame.html needs; neither a user nor a session."""
    # A page that answered a form has no address to come back to.
    here = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("voting:lookup")
    return {"here": here, "large": is_large(request)}


def _booth(pk, now, frame):
    try:
        poll = public_poll(pk)
    except Http404:
        return None
    candidates = polls.candidates_of(poll)
    random.Random(int(now.timestamp())).shuffle(candidates)
    return _page("voting/booth.html", frame | _booth_context(poll, now, candidates))


def _booth_context(poll, now, candidates) -> dict:
    return {
        "edition": poll.edition,
        "poll": poll,
        "phase": casting.phase(poll, now),
        "candidates": candidates,
        "totals": counting.totals_until(poll, now=now),
        "words": booth_words(poll.edition),
    }


def _candidate(pk, frame):
    found = (
        Candidate.objects.filter(poll__in=Poll.objects.public())
        .select_related(
            "poll__edition__host",
            "poll__edition__category",
            "nomination__declaration",
            "nomination__enterprise",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return None
    declaration = getattr(found.nomination, "declaration", None) or Declaration()
    context = {
        "edition": found.poll.edition,
        "poll": found.poll,
        "candidate": found,
        "declaration": declaration,
        "deeds": polls.without_contacts(declaration.deeds),
    }
    return _page("voting/candidate.html", frame | context)


def _totals(pk, now):
    try:
        poll = public_poll(pk)
    except Http404:
        return None
    said = {"poll": poll.pk, "phase": casting.phase(poll, now)}
    until = counting.totals_until(poll, now=now)
    if until:
        lines = sorted(counting.lines(poll, until=until), key=lambda line: line.candidate.number)
        said["until"] = timezone.localtime(until).isoformat(timespec="seconds")
        said["candidates"] = [{"number": line.candidate.number, "picks": line.picks} for line in lines]
    answer = JsonResponse(said)
    return answer.content, "application/json"


def _page(template, context):
    return render_to_string(template, context).encode(), "text/html; charset=utf-8"


def _numbers(values) -> list[int]:
    """What was ticked; anything else becomes a number no candidate has."""
    return [int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 0 for value in values]

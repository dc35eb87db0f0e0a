"""The public's way through a vote: choose, say who one is, look it over, cast."""

from axes.helpers import get_client_ip_address
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from nominations.models import Declaration
from portal.speech import said
from voting import draft as drafts
from voting import sms
from voting.forms import CodeForm, LookupForm, PhoneForm
from voting.models import Candidate, Poll
from voting.services import casting, codes, counting, polls, receipts, slips


@login_not_required
@never_cache
def booth(request, pk):
    """The candidates, in an order of this voter's own; posting checks the picks and goes on."""
    poll, now = _poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    picks, error = draft.picks, ""
    phase = casting.phase(poll, now)
    if request.method == "POST":
        picks = _numbers(request.POST.getlist("pick"))
        refusal = casting.refusal(poll, picks, now)
        if refusal is None:
            draft = draft.choose(picks)
            known = codes.read_token(poll, draft.token, now=now)
            response = redirect("voting:summary" if known else "voting:identity", poll.pk)
            return drafts.keep(response, poll, draft)
        error = said(refusal)
    context = {
        "edition": poll.edition,
        "poll": poll,
        "phase": phase,
        "candidates": draft.order(polls.candidates_of(poll)),
        "picks": picks,
        "error": error,
        "totals": counting.totals_until(poll, now=now),
    }
    response = render(request, "voting/booth.html", context, status=422 if error else 200)
    return drafts.keep(response, poll, draft)


@login_not_required
def candidate(request, pk):
    """Who a candidate is: public facts and deeds, never a contact."""
    found = get_object_or_404(
        Candidate.objects.filter(poll__in=Poll.objects.public()).select_related(
            "poll__edition__host", "nomination__declaration", "nomination__enterprise"
        ),
        pk=pk,
    )
    declaration = getattr(found.nomination, "declaration", None) or Declaration()
    context = {
        "edition": found.poll.edition,
        "poll": found.poll,
        "candidate": found,
        "declaration": declaration,
        "deeds": polls.without_contacts(declaration.deeds),
    }
    return render(request, "voting/candidate.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters("phone", "code")
def identity(request, pk):
    """A telephone number, then the code sent to it; the number lives only in this page's form."""
    poll, now = _poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    form, sent = PhoneForm(), False
    if "code" in request.POST:
        form, sent = CodeForm(request.POST), True
        if form.perform(codes.check_code, poll, now=now):
            response = redirect("voting:summary" if draft.picks else "voting:mine", poll.pk)
            return drafts.keep(response, poll, draft.identified(form.result))
    elif request.method == "POST":
        form = PhoneForm(request.POST)
        if form.perform(codes.send_code, poll, now=now, address=get_client_ip_address(request)):
            form, sent = CodeForm(initial={"phone": form.cleaned_data["phone"]}), True
    context = {"edition": poll.edition, "poll": poll, "form": form, "sent": sent, "inbox": _inbox()}
    return render(request, "voting/identity.html", context)


@login_not_required
@never_cache
def summary(request, pk):
    """What will be cast, once more, with the names."""
    poll, now = _poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    voter = codes.read_token(poll, draft.token, now=now)
    if not draft.picks:
        return redirect("voting:booth", poll.pk)
    if voter is None:
        return redirect("voting:identity", poll.pk)
    if casting.ballot_of(poll, voter, now):
        return redirect("voting:mine", poll.pk)
    chosen = [each for each in draft.order(polls.candidates_of(poll)) if each.number in draft.picks]
    slip = slips.write_slip(poll, ballot_id=draft.ballot, picks=draft.picks, token=draft.token)
    context = {"edition": poll.edition, "poll": poll, "chosen": chosen, "slip": slip}
    return render(request, "voting/summary.html", context)


@login_not_required
@never_cache
@require_POST
def cast(request, pk):
    """Cast, and answer only when it is on disk. Writes no session; the same slip is the same receipt."""
    poll, now = _poll(pk), timezone.now()
    try:
        ballot = slips.cast_slip(
            poll, request.POST.get("slip", ""), now=now, address=get_client_ip_address(request)
        )
    except casting.BallotRefused as refusal:
        first = getattr(refusal, "first", None)
        context = {
            "edition": poll.edition,
            "poll": poll,
            "sentence": said(refusal),
            "receipt": receipts.receipt_code(first) if first else "",
        }
        return render(request, "voting/not_cast.html", context, status=refusal.status)
    except OperationalError:
        return _busy(request, poll)
    draft = drafts.read(request, poll)
    response = redirect(reverse("voting:receipt", args=[receipts.receipt_code(ballot)]))
    return drafts.keep(response, poll, draft.done())


@login_not_required
@never_cache
def mine(request, pk):
    """Whether a ballot was cast under the number that was just proved, and which."""
    poll, now = _poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    voter = codes.read_token(poll, draft.token, now=now)
    if voter is None:
        return redirect("voting:identity", poll.pk)
    names = {each.number: each.nomination.subject_name for each in polls.candidates_of(poll)}
    ballots = [
        (receipts.standing(ballot), [names[number] for number in ballot.picks])
        for ballot in poll.ballots.filter(voter=voter).select_related("poll__edition").order_by("-cast_at")
    ]
    context = {
        "edition": poll.edition,
        "poll": poll,
        "ballots": ballots,
        "phase": casting.phase(poll, now),
        "again": bool(draft.picks and casting.ballot_of(poll, voter, now)),
    }
    return render(request, "voting/mine.html", context)


@login_not_required
def receipt(request, code):
    """A page one would like to keep: that a ballot was received, never what was picked."""
    standing = receipts.lookup(code)
    if standing is None:
        raise Http404
    context = {"edition": standing.poll.edition, "poll": standing.poll, "standing": standing}
    return render(request, "voting/receipt.html", context)


@login_not_required
def lookup(request):
    """查我的票."""
    form = LookupForm(request.GET or None)
    standing = None
    if form.is_valid():
        standing = receipts.lookup(form.cleaned_data["code"])
        if standing is None:
            form.add_error("code", _("没有找到这张回执，请核对回执号后再查。"))
    running = Poll.objects.public().select_related("edition__host").order_by("-opens")[:10]
    context = {"form": form, "standing": standing, "polls": running}
    return render(request, "voting/lookup.html", context)


@login_not_required
def result(request, pk):
    """The figures, as far as the edition lets anybody see them now."""
    poll, now = _poll(pk), timezone.now()
    until = counting.totals_until(poll, now=now)
    frozen = getattr(poll.edition, "vote_result", None) if poll.closed_at else None
    context = {
        "edition": poll.edition,
        "poll": poll,
        "until": until,
        "result": frozen,
        "lines": counting.lines(poll, until=until) if until else [],
    }
    return render(request, "voting/result.html", context)


@login_not_required
def inbox(request):
    """The development page that stands for a telephone; it does not exist in production."""
    box = _inbox()
    if box is None:
        raise Http404
    return render(request, "voting/inbox.html", {"messages_sent": box.messages()})


def _poll(pk) -> Poll:
    return get_object_or_404(Poll.objects.public().select_related("edition__host"), pk=pk)


def _numbers(values) -> list[int]:
    """What was ticked; anything else becomes a number no candidate has."""
    return [int(value) if value.isascii() and value.isdigit() and len(value) < 5 else 0 for value in values]


def _inbox():
    return sms.development_inbox()


def _busy(request, poll):
    context = {
        "edition": poll.edition,
        "poll": poll,
        "sentence": _("系统繁忙，这张选票还没有收到。请等几秒再提交一次，重复提交不会多计。"),
        "slip": request.POST.get("slip", ""),
    }
    response = render(request, "voting/not_cast.html", context, status=503)
    response.headers["Retry-After"] = "3"
    return response

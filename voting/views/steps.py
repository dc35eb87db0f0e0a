"""The vote without a script, page by page: say who one is, look it over, cast."""

from dataclasses import replace

from axes.helpers import get_client_ip_address
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from nominations.subjects import full_name
from portal.errors import Refused
from portal.speech import said
from voting import draft as drafts
from voting import sms
from voting.forms import CodeForm, PhoneForm
from voting.services import casting, codes, polls, proofs, receipts, slips, tokens
from voting.services.tokens import Start
from voting.views.booth import frame_of, public_poll
from voting.views.receipts import whole


@login_not_required
@never_cache
@sensitive_post_parameters("phone", "code")
def identity(request, pk):
    """A telephone number, then the code sent to it; the number lives only in this page's form."""
    poll, now = public_poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    visit, address = Start(poll.pk, draft.session, 0, ""), get_client_ip_address(request)
    form, sent = PhoneForm(), False
    if "code" in request.POST:
        form, sent = CodeForm(request.POST), True
        if form.perform(codes.check_code, poll, visit=visit, now=now):
            response = redirect("voting:summary" if draft.picks else "voting:mine", poll.pk)
            return drafts.keep(response, poll, draft.identified(tokens.write(form.result)))
    elif request.method == "POST":
        form = PhoneForm(request.POST)
        # A page without a script computes nothing; the limits are tighter for that.
        where = {"visit": visit, "address": address, "without_proof": True}
        if form.perform(codes.send_code, poll, now=now, **where):
            form, sent = CodeForm(initial={"phone": form.cleaned_data["phone"]}), True
    context = {"form": form, "sent": sent, "inbox": sms.development_inbox()}
    if not sent:
        context["challenge"] = _challenge(poll, visit, now, address)
    return drafts.keep(_page(request, "identity", poll, context), poll, draft)


@login_not_required
@never_cache
def summary(request, pk):
    """What will be cast, once more, with the names."""
    poll, now = public_poll(pk), timezone.now()
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
    return _page(request, "summary", poll, {"chosen": chosen, "slip": slip})


@login_not_required
@never_cache
@require_POST
def cast(request, pk):
    """Cast, and answer only when it is on disk: the whole receipt, at once, as it is kept nowhere.

    Writes no session; the same slip is the same receipt, so that sending the form again does no harm.
    """
    poll, now = public_poll(pk), timezone.now()
    try:
        ballot = slips.cast_slip(
            poll, request.POST.get("slip", ""), now=now, address=get_client_ip_address(request)
        )
        standing, given = receipts.standing(ballot), whole(request, receipts.receipt_of(ballot))
    except casting.BallotRefused as refusal:
        first = getattr(refusal, "first", None)
        context = {"sentence": said(refusal), "receipt": receipts.receipt_code(first) if first else ""}
        return _page(request, "not_cast", poll, context, status=refusal.status)
    except (OperationalError, Refused):
        # The database is away, or the poll's key: sent again, the same slip is the same ballot.
        return _busy(request, poll)
    draft = drafts.read(request, poll)
    context = {"standing": standing, "whole": given, "fresh": True}
    return drafts.keep(_page(request, "receipt", poll, context), poll, draft.done())


@login_not_required
@never_cache
def mine(request, pk):
    """Whether a ballot was cast under the number that was just proved, and which."""
    poll, now = public_poll(pk), timezone.now()
    draft = drafts.read(request, poll)
    voter = codes.read_token(poll, draft.token, now=now)
    if voter is None:
        return redirect("voting:identity", poll.pk)
    # Who withdrew later is still what was picked.
    stood = poll.candidates.select_related("nomination__enterprise", "nomination__declaration")
    names = {each.number: full_name(each.nomination) for each in stood}
    cast_ones = poll.ballots.filter(voter=voter).select_related("poll__edition").order_by("-cast_at")
    ballots = [
        (receipts.standing(ballot), [names[number] for number in ballot.picks]) for ballot in cast_ones
    ]
    # The answer to it was lost: what was picked did arrive.
    if any(str(ballot.pk) == draft.ballot for ballot in cast_ones):
        draft = replace(draft, picks=[], ballot="")
    context = {
        "ballots": ballots,
        "phase": casting.phase(poll, now),
        "again": bool(draft.picks and casting.ballot_of(poll, voter, now)),
    }
    return drafts.keep(_page(request, "mine", poll, context), poll, draft)


def _challenge(poll, visit, now, address):
    """For the script of the page, where there is one; without the poll's key, posting says what is wrong."""
    try:
        return codes.effort_of(poll, visit, proofs.CODE, now=now, address=address)
    except Refused:
        return None


def _page(request, name, poll, context, *, status=200):
    context = frame_of(request) | {"edition": poll.edition, "poll": poll} | context
    return render(request, f"voting/{name}.html", context, status=status)


def _busy(request, poll):
    context = {
        "sentence": _("系统繁忙，暂时不能确认收到这张选票。请等几秒再提交一次，重复提交不会多计。"),
        "slip": request.POST.get("slip", ""),
    }
    response = _page(request, "not_cast", poll, context, status=503)
    response.headers["Retry-After"] = "3"
    return response

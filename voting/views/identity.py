"""Who votes, as the voting page asks it (JSON): a code by telephone, then the token that may cast.

No session and no cookie: a ticket of the ballot tier says which visit it is.
"""

import json

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.errors import Refused
from portal.speech import said
from voting import sms
from voting.models import Poll
from voting.services import casting, codes, delivery, limits, proofs, receipts, tokens
from voting.sms import signing
from voting.views.origin import from_here

LONGEST = 4096  # bytes of a request
#: What a page is answered beside 422: the reason of the refusal → status, seconds to wait.
STATUS = {"limit": (429, None), "busy": (503, 5), "not_sent": (503, 60)}


@login_not_required
@never_cache
@require_GET
def challenge(request, pk):
    """`?ticket=` → {"challenge"}: what a telephone computes before it asks for a code."""
    return _answered(request, pk, _challenge, request.GET)


@login_not_required
@never_cache
@csrf_exempt
@require_POST
def code(request, pk):
    """{"ticket", "phone", "proof"} → {"sent", "wait", "skipped", "inbox"}.

    `wait`: seconds until another may be asked for; `skipped`: it went without a proof, which only a
    development machine allows; `inbox`: where messages are read on such a machine.
    """
    return _posted(request, pk, _code)


@login_not_required
@never_cache
@csrf_exempt
@require_POST
def check(request, pk):
    """{"ticket", "phone", "code"} → {"token", "challenge", "voted"}.

    `challenge` is for the proof that goes with the ballot; `voted` is the receipt code of the ballot this
    number cast in the turn that is now, or null.
    """
    return _posted(request, pk, _check)


@login_not_required
@never_cache
@csrf_exempt
@require_POST
def report(request):
    """What a message gateway says of a message; signed as the portal signs what it sends."""
    now = timezone.now()
    if _too_long(request):
        return HttpResponse(status=413)
    signed = signing.is_signed(
        settings.SMS_GATEWAY_SECRET,
        request.body,
        timestamp=request.headers.get(signing.TIMESTAMP, ""),
        said=request.headers.get(signing.SIGNATURE, ""),
        now=now,
    )
    if not signed:
        return HttpResponse(status=403)
    found = delivery.read_report(request.body)
    if found is None:
        return HttpResponse(status=400)
    # A message that is not known any more was delivered all the same: nothing to try again.
    return JsonResponse({"known": delivery.keep_delivery(*found)})


def _challenge(request, poll, visit, asked, now):
    address = get_client_ip_address(request)
    return {"challenge": codes.effort_of(poll, visit, proofs.CODE, now=now, address=address)}


def _code(request, poll, visit, asked, now):
    row = codes.send_code(
        poll,
        asked.get("phone", ""),
        visit=visit,
        now=now,
        address=get_client_ip_address(request),
        proof=asked.get("proof", ""),
        without_proof=not proofs.needed(secure=request.is_secure()),
    )
    return {
        "sent": True,
        "wait": int(limits.PAUSE.total_seconds()),
        "skipped": not row.proof,
        "inbox": reverse("voting:inbox") if sms.development_inbox() else None,
    }


def _check(request, poll, visit, asked, now):
    voter = codes.check_code(poll, asked.get("phone", ""), asked.get("code", ""), visit=visit, now=now)
    ballot = casting.ballot_of(poll, voter.key, now)
    address = get_client_ip_address(request)
    return {
        "token": tokens.write(voter),
        "challenge": codes.effort_of(poll, visit, proofs.CAST, now=now, address=address, voter=voter.key),
        "voted": receipts.receipt_code(ballot) if ballot else None,
    }


def _posted(request, pk, answer):
    if not from_here(request):
        return _no("origin", _("请从投票页面提交。"), 403)
    if _too_long(request):
        return _no("long", _("提交的内容过长，请刷新投票页面后重试。"), 413)
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
        return _no("form", _("提交的内容不完整，请刷新投票页面后重试。"), 400)
    return _answered(request, pk, answer, asked)


def _answered(request, pk, answer, asked):
    """JSON of what `answer` finds for the visit a ticket speaks of, or of why not."""
    try:
        poll, now = _poll(pk), timezone.now()
        visit = tokens.read_start(poll.pk, asked.get("ticket", ""), now=now)
        if visit is None:
            return _no("ticket", _("页面打开的时间过长，请刷新投票页面后重试。"), 422)
        return JsonResponse(answer(request, poll, visit, asked, now))
    except Refused as refusal:
        reason = getattr(refusal, "reason", "refused")
        status, wait = STATUS.get(reason, (422, None))
        return _no(reason, said(refusal), status, getattr(refusal, "retry_after", wait))
    except OperationalError:
        return _no("busy", _("系统繁忙，请等几秒再试。"), 503, 3)


def _no(reason, message, status, wait=None):
    response = JsonResponse({"reason": reason, "message": message}, status=status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _too_long(request) -> bool:
    return int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST


def _poll(pk) -> Poll:
    return get_object_or_404(Poll.objects.public().select_related("edition__host"), pk=pk)

"""Receipts as everybody sees them, the figures, and the development page that stands for a telephone."""

import base64
import json

import qrcode
import qrcode.image.svg
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from voting import sms
from voting.forms import LookupForm
from voting.models import Poll
from voting.services import counting, receipts
from voting.views.booth import frame_of, public_poll
from voting.words import RECEIPT


@login_not_required
def receipt(request, code):
    """A page one would like to keep. It knows the code; the whole receipt stays on the telephone."""
    standing = receipts.lookup(code)
    if standing is None:
        raise Http404
    context = {
        "edition": standing.poll.edition,
        "poll": standing.poll,
        "standing": standing,
        "words": {name: str(sentence) for name, sentence in RECEIPT.items()},
    }
    return render(request, "voting/receipt.html", frame_of(request) | context)


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
    return render(request, "voting/lookup.html", frame_of(request) | context)


@login_not_required
def result(request, pk):
    """The figures, as far as the edition lets anybody see them now."""
    poll, now = public_poll(pk), timezone.now()
    until = counting.totals_until(poll, now=now)
    frozen = getattr(poll.edition, "vote_result", None) if poll.closed_at else None
    context = {
        "edition": poll.edition,
        "poll": poll,
        "until": until,
        "result": frozen,
        "published": counting.published(poll) if frozen else None,
        "acts": poll.quarantines.select_related("case").annotate(size=Count("ballots")) if frozen else [],
        "lines": counting.lines(poll, until=until) if until else [],
    }
    return render(request, "voting/result.html", frame_of(request) | context)


@login_not_required
def inbox(request):
    """The development page that stands for a telephone; it does not exist in production."""
    box = sms.development_inbox()
    if box is None:
        raise Http404
    return render(request, "voting/inbox.html", {"messages_sent": box.messages()})


def whole(request, full: dict) -> dict:
    """The whole receipt for a page without a script: its text, its address, and that address as a QR code.

    What stands behind the # of an address is never sent to a server.
    """
    text = json.dumps(full, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fragment = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    address = request.build_absolute_uri(reverse("voting:receipt", args=[full["code"]])) + "#" + fragment
    return {"text": text, "fragment": fragment, "address": address, "qr": _qr(address)}


def _qr(text):
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_L,
        image_factory=qrcode.image.svg.SvgPathFillImage,
        border=4,
    )
    code.add_data(text)
    # An SVG of the library's own making, of squares; the text is not in it.
    return mark_safe(code.make_image().to_string(encoding="unicode"))

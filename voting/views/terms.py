"""投票办法: what a voter is told of the rules of a poll, and who decided them."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.shelf import Shelf, shelved
from voting.views.booth import frame_of, public_poll
from voting.views.running import meanings

TERMS = Shelf(fresh=timedelta(seconds=5))


@login_not_required
@require_safe
def terms(request, pk):
    """The same for everybody, off a shelf, as the voting page."""
    return shelved(request, TERMS, pk, lambda: _terms(pk, frame_of(request)), now=timezone.now())


def _terms(pk, frame):
    try:
        poll = public_poll(pk)
    except Http404:
        return None
    context = frame | {"poll": poll, "edition": poll.edition, "meaning": meanings()[poll.effort]}
    return render_to_string("voting/terms.html", context).encode(), "text/html; charset=utf-8"

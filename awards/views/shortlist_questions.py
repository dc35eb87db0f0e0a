"""What may be asked of a drawn list: why these two, what if, does this file hold. None of it is kept."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awards.forms.shortlisting import ResultFileForm, WhatIfForm, WhyForm
from awards.models import Shortlist
from awards.services import result_checking, whatif
from awards.services.board import board_of
from awards.services.frozen_results import name_of
from awards.views.framing import edition_of, framed
from portal.errors import Refused
from portal.speech import said
from voting.models import Poll
from voting.services import casewise, keys


def _drawn(request, pk):
    edition = edition_of(request, pk, "awards.see_shortlist")
    return edition, get_object_or_404(Shortlist, edition=edition, status=Shortlist.Status.DONE)


def _page(request, template, edition, **context):
    back = reverse("awards:shortlist", args=[edition.pk])
    context |= {"back": back, "list_name": _(name_of(edition))}
    return render(request, template, framed(request, edition, **context))


@require_GET
def why(request, pk):
    """Why one stands before the other, of any two; at first of those at the cut."""
    edition, shortlist = _drawn(request, pk)
    board = board_of(shortlist)
    lines = {line.row.nomination_id: line for line in board.lines}
    form = WhyForm(request.GET or _at_the_cut(board), lines=board.lines)
    context = {"form": form, "board": board}
    if form.is_valid():
        pair = [lines[form.cleaned_data[name]] for name in ("a", "b")]
        pair.sort(key=lambda line: line.row.rank)
        heading, *reasons = board.between(*pair)
        context |= {"pair": pair, "heading": said(heading), "reasons": [said(each) for each in reasons]}
    return _page(request, "awards/shortlist_why.html", edition, **context)


def _at_the_cut(board):
    if board.chosen and board.left_out:
        pair = board.chosen[-1], board.left_out[0]
    else:
        pair = board.lines[0], board.lines[-1]
    return {name: line.row.nomination_id for name, line in zip("ab", pair, strict=True)}


@require_GET
def what_if(request, pk):
    edition, shortlist = _drawn(request, pk)
    poll = Poll.objects.filter(edition=edition, closed_at__isnull=False).first()
    approved, declined = casewise.cases_of(poll) if poll else ([], [])
    board = board_of(shortlist)
    form = WhatIfForm(request.GET or None, board=board, approved=approved, declined=declined)
    context = {"form": form, "board": board}
    if form.is_bound and form.is_valid():
        try:
            found = whatif.of(edition, **form.asked())
        except Refused as refused:
            form.add_error(None, said(refused))
        else:
            warning = said(found.warning) if found.warning else ""
            context |= {"found": found, "warning": warning}
    return _page(request, "awards/shortlist_what_if.html", edition, **context)


@require_http_methods(["GET", "POST"])
def verify_file(request, pk):
    """A result.json handed in: computed again, compared, forgotten."""
    edition, shortlist = _drawn(request, pk)
    form = ResultFileForm(request.POST or None, request.FILES or None)
    context = {"form": form, "shortlist": shortlist, "key": keys.result_signer().verifier}
    if request.method == "POST" and form.perform(result_checking.check_file, shortlist):
        checked = form.result
        context |= {
            "checked": checked,
            "differences": [said(each) for each in checked.differences[:50]],
            "more": max(len(checked.differences) - 50, 0),
            "facts": [
                (_("届次"), checked.title),
                (_("企业"), checked.enterprises),
                (_("签名公钥"), checked.key),
                (_("摘要"), checked.digest),
            ],
        }
    return _page(request, "awards/shortlist_verify.html", edition, **context)

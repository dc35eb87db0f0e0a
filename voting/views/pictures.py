"""Pictures of candidates: the office's page, and the file everybody loads."""

import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.files import show
from voting.forms import ConfirmForm, PictureForm
from voting.models import Candidate
from voting.services import pictures
from voting.services.polls import candidates_of
from voting.views.frame import framed, poll_of

NAME = re.compile(r"([0-9a-f]{64})(-s)?")


def edit(request, pk):
    """One picture a candidate, each with a form of its own, until the poll is opened."""
    edition, poll = poll_of(request, pk, "voting.set_up_poll")
    now = timezone.now()
    candidates = candidates_of(poll)
    forms = {each: PictureForm(prefix=f"c{each.number}") for each in candidates}
    if request.method == "POST":
        meant = next((each for each in candidates if str(each.pk) == request.POST.get("candidate")), None)
        if meant is None:
            raise Http404
        if _done(request, meant, forms, now):
            return redirect("voting:pictures", edition.pk)
    context = framed(request, edition, now) | {"poll": poll, "rows": list(forms.items())}
    return render(request, "voting/pictures.html", context)


def _done(request, candidate, forms, now):
    if "away" in request.POST:
        forms[candidate] = form = ConfirmForm(request.POST)
        return form.perform(pictures.take_picture_away, candidate, by=request.hat, now=now)
    forms[candidate] = form = PictureForm(request.POST, request.FILES, prefix=f"c{candidate.number}")
    return form.perform(pictures.set_picture, candidate, by=request.hat, now=now)


@login_not_required
@require_safe
def picture(request, name):
    """A picture by its digest: it never changes, so it is kept for ever; the database is not asked."""
    found = NAME.fullmatch(name)
    storage = Candidate._meta.get_field("picture").storage
    if not found:
        raise Http404
    try:
        data = storage.open(pictures.file_name(found[1], small=bool(found[2]))).read()
    except FileNotFoundError:
        raise Http404 from None
    answer = show(data, "image/webp")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer

"""The page anybody checks a record or a receipt on; what it does, it does in the reader's own browser."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from voting.models import Publication
from voting.services import publishing
from voting.services.keys import signer
from voting.views.booth import frame_of
from voting.words import VERIFY


@login_not_required
@require_safe
def verify(request):
    """The newest published records to choose from, and the key this portal says is its own."""
    published = Publication.objects.filter(poll__edition__published=True, poll__opened_at__isnull=False)
    polls = [
        {"poll": each.poll, "bytes": each.files[publishing.BALLOTS]["bytes"]}
        for each in published.select_related("poll__edition__host").order_by("-published_at")[:50]
    ]
    context = {
        "polls": polls,
        "key": signer().verifier,
        "root": reverse("voting:verify").removesuffix("verify/"),
        "words": {name: str(sentence) for name, sentence in VERIFY.items()},
    }
    return render(request, "voting/verify.html", frame_of(request) | context)

"""What one would write first: the whole stack of Django around a view that asks, then saves, with the ORM.

Kept to be measured against, never served: `gunicorn bench.naive:application`. It answers the same address
as the ballot tier and takes the same body; two requests at once may pass its question, so the constraint of
the table is all that keeps a voter from two ballots.
"""

import json
import os
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

settings.ROOT_URLCONF = "bench.naive"
application = get_wsgi_application()


@login_not_required
@csrf_exempt
def cast(request, pk):
    from voting.models import Ballot, Poll
    from voting.services import casting, keys, receipts, tokens

    now, asked = timezone.now(), json.loads(request.body)
    poll = Poll.objects.select_related("edition").get(pk=pk)
    voter = tokens.read_voter(pk, asked["token"])
    if voter is None or voter.expired(now) or casting.phase(poll, now) != "open":
        return JsonResponse({"reason": "refused"}, status=403)
    picks = sorted(asked["picks"])
    if casting.refusal(poll, picks, now):
        return JsonResponse({"reason": "void"}, status=422)
    turn = casting.terms_of(poll).turn(now)
    if Ballot.objects.filter(poll=poll, voter=voter.key, turn=turn).exists():
        return JsonResponse({"reason": "again"}, status=409)
    row = casting.values(
        keys.poll_secret(poll),
        poll.pk,
        ballot_id=UUID(asked["ballot"]),
        voter=voter.key,
        turn=turn,
        picks=picks,
        at=now,
        address=request.META["REMOTE_ADDR"],
        signals=casting.Signals.of(voter, now=now),
    )
    ballot = Ballot.objects.create(**row | {"id": UUID(row["id"]), "record": UUID(row["record"])})
    return JsonResponse({"ballot": str(ballot.pk), "code": receipts.receipt_code(ballot)})


from portal.urls import urlpatterns as portals  # noqa: E402  needs the apps

urlpatterns = [path("ballot/<int:pk>/", cast), *portals]

"""What a voter has chosen so far, in a signed cookie on the voter's own telephone: nothing on the server."""

import random
import secrets
from dataclasses import asdict, dataclass, field, replace
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.urls import reverse

from voting.models import Candidate, Poll

SALT = "voting.draft"
DAYS = 30


@dataclass(frozen=True)
class Draft:
    # Shuffles the candidates for this voter, and stays.
    seed: int
    picks: list[int] = field(default_factory=list)
    ballot: str = ""
    token: str = ""
    # What a code asked for from this browser is bound to.
    session: str = field(default_factory=lambda: secrets.token_hex(8))

    def choose(self, picks: list[int]) -> "Draft":
        """Other picks are another ballot; the same picks are the same one again."""
        picks = sorted(picks)
        if self.ballot and picks == self.picks:
            return self
        return replace(self, picks=picks, ballot=str(uuid4()))

    def identified(self, token: str) -> "Draft":
        return replace(self, token=token)

    def done(self) -> "Draft":
        """After casting: the next person at this telephone begins anew."""
        return Draft(self.seed)

    def order(self, candidates: list[Candidate]) -> list[Candidate]:
        shuffled = sorted(candidates, key=lambda each: each.number)
        random.Random(self.seed).shuffle(shuffled)
        return shuffled


def read(request, poll: Poll) -> Draft:
    try:
        return Draft(**signing.Signer(salt=SALT).unsign_object(request.COOKIES.get(_name(poll), "")))
    except (signing.BadSignature, ValueError, TypeError):
        return Draft(secrets.randbits(32))


def keep(response, poll: Poll, draft: Draft):
    response.set_cookie(
        _name(poll),
        signing.Signer(salt=SALT).sign_object(asdict(draft)),
        max_age=DAYS * 86400,
        path=reverse("voting:booth", args=[poll.pk]),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _name(poll):
    return f"vote-{poll.pk}"

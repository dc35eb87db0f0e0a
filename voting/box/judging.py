"""A ballot as it was posted: its form, whose it is, whether it may be cast. Asks no database and no Redis."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from voting.box import refusals
from voting.box.polls import Known
from voting.box.writer import Item
from voting.services import casting, proofs, tokens
from voting.services.casting import BallotRefused
from voting.services.keys import poll_secret

MOST_PICKS = 500  # more than any poll has candidates


@dataclass(frozen=True)
class Posted:
    """What a telephone sent, in the right form."""

    ballot: UUID
    picks: list[int]
    token: str
    proof: str


def read(body: bytes) -> Posted:
    """The form of `body`; raises `BallotRefused`."""
    try:
        said = json.loads(body)
        ballot, picks, token = said["ballot"], said["picks"], said["token"]
        proof = said.get("proof") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise refusals.shape() from None
    whole = isinstance(picks, list) and len(picks) <= MOST_PICKS and all(type(pick) is int for pick in picks)
    if not whole or not all(isinstance(text, str) for text in (ballot, token, proof)) or len(ballot) != 36:
        raise refusals.shape()
    try:
        return Posted(UUID(ballot), sorted(picks), token, proof)
    except ValueError:
        raise refusals.shape() from None


def voter_of(known: Known, posted: Posted) -> tokens.Voter:
    """Whose ballot it is, even when the token is too old; raises `BallotRefused`."""
    voter = tokens.read_voter(known.poll.pk, posted.token)
    if voter is None:
        raise refusals.forged()
    return voter


def refusal(
    known: Known, posted: Posted, voter: tokens.Voter, *, now: datetime, secure: bool
) -> BallotRefused | None:
    """Why the ballot cannot be cast; it may have been before, when the answer was lost."""
    no = casting.judged(known.poll, known.terms, posted.picks, now, known.standing)
    if no is not None:
        return no
    if voter.expired(now):
        return refusals.expired()
    if not posted.proof and not proofs.needed(secure=secure):
        return None
    good = proofs.verify(posted.proof, known.poll.pk, voter.session, proofs.CAST, now=now, voter=voter.key)
    return None if good else refusals.proof()


def item(
    known: Known, posted: Posted, voter: tokens.Voter, *, now: datetime, address: str | None, insert: bool
) -> Item:
    """The ballot for the writer; one that may not be cast is only looked up."""
    if not insert:
        only = {"id": str(posted.ballot), "poll_id": known.poll.pk, "voter": voter.key, "picks": posted.picks}
        return Item(only, insert=False)
    row = casting.values(
        poll_secret(known.poll),
        known.poll.pk,
        ballot_id=posted.ballot,
        voter=voter.key,
        turn=known.terms.turn(now),
        picks=posted.picks,
        at=now,
        address=address,
        signals=casting.Signals.of(voter, now=now),
    )
    return Item(row)

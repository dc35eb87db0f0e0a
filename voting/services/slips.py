"""The filled-in ballot on its way to the box: signed, so that sending it twice is one ballot."""

from datetime import datetime
from uuid import UUID

from django.core import signing

from voting.models import Ballot, Poll
from voting.services import tokens
from voting.services.casting import BallotRefused, Signals, cast

SALT = "voting.slip"


def write_slip(poll: Poll, *, ballot_id: UUID, picks: list[int], token: str) -> str:
    said = {"poll": poll.pk, "ballot": str(ballot_id), "picks": sorted(picks), "token": token}
    return signing.Signer(salt=SALT).sign_object(said)


def cast_slip(poll: Poll, slip: str, *, now: datetime, address: str | None = None) -> Ballot:
    """Cast what the slip says. One that was cast already is that ballot, however late it comes again."""
    try:
        said = signing.Signer(salt=SALT).unsign_object(slip or "")
    except (signing.BadSignature, ValueError):
        said = {}
    voter = tokens.read_voter(poll.pk, said.get("token", "")) if said else None
    if voter is None or said["poll"] != poll.pk:
        raise BallotRefused("forged", "这张选票不完整或不属于本次投票，请返回投票页面重新选择。")
    ballot_id = UUID(said["ballot"])
    if voter.expired(now):
        earlier = Ballot.objects.filter(pk=ballot_id, poll=poll, voter=voter.key, picks=said["picks"]).first()
        if earlier:
            return earlier
        raise BallotRefused("expired", "身份核验已超过 30 分钟，请返回投票页面重新获取验证码。")
    return cast(
        poll,
        ballot_id=ballot_id,
        voter=voter.key,
        picks=said["picks"],
        now=now,
        address=address,
        signals=Signals.of(voter, now=now),
    )

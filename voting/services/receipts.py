"""The receipt of a ballot: a code short enough to write down, and the signed promise that it is logged."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from nominations.rules import normalise
from voting.models import Ballot, Poll
from voting.rules import entries
from voting.services.casting import CITY
from voting.services.counting import status_of
from voting.services.keys import Destroyed, origin, poll_secret, receipt_secret, signer

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # nobody reads I, L, O or U for something else
SPOKEN = str.maketrans("ILO", "110", " -\u2013\u2014_")
LENGTH, GROUP = 12, 4
# 40 bits find the ballot by its (random) number, 20 bits say that it was this poll that answered.
FOUND, SIGNED = 40, 20


@dataclass(frozen=True)
class Standing:
    """What a receipt says to whoever holds it."""

    code: str
    poll: Poll
    cast_at: datetime
    status: str  # received, counted, set_aside (and may be restored), void (set aside when counted)
    reason: str = ""
    case: int = 0  # its number, 0 where there is none


def receipt_code(ballot: Ballot) -> str:
    """7F3K-92QD-M4XA: found again through the ballot's number, and checkable by this portal only."""
    return _code(ballot.poll, ballot.pk)


def full_receipt(
    poll: Poll,
    *,
    ballot_id: UUID,
    record: UUID | str,
    picks: Sequence[int],
    cast_at: datetime,
    commitment: bytes,
) -> dict:
    """What a voter is handed, the same bytes whenever it is asked for; no query.

    code, note (the signed promise), record, cast_at, picks, and what opens the line: ballot and nonce (hex;
    None once the poll's secret is destroyed).
    """
    ballot_id, record = _uuid(ballot_id), _uuid(record)
    code = _code(poll, ballot_id)
    line = entries.line(poll.pk, record, picks, cast_at, commitment)
    leaf = base64.b64encode(entries.leaf(line)).decode()
    return {
        "code": code,
        "ballot": str(ballot_id),
        "nonce": _nonce(poll, ballot_id),
        "note": signer().sign(f"{origin(poll.pk)}/receipt\n{code}\n{leaf}\n{entries.bucket(cast_at)}\n"),
        "record": record.hex,
        "cast_at": cast_at.astimezone(CITY).isoformat(timespec="seconds"),
        "picks": sorted(picks),
    }


def receipt_of(ballot: Ballot) -> dict:
    """The whole receipt of a ballot that is on disk."""
    return full_receipt(
        ballot.poll,
        ballot_id=ballot.pk,
        record=ballot.record,
        picks=ballot.picks,
        cast_at=ballot.cast_at,
        commitment=ballot.commitment,
    )


def _code(poll, ballot_id):
    bits = (ballot_id.int >> (128 - FOUND)) << SIGNED | _signature(poll, ballot_id)
    letters = [ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH))]
    return "-".join("".join(letters[n : n + GROUP]) for n in range(0, LENGTH, GROUP))


def lookup(code: str) -> Standing | None:
    """What became of the ballot behind a receipt, however it was typed; None when there is none."""
    bits = _bits(code)
    if bits is None:
        return None
    lowest = bits >> SIGNED << (128 - FOUND)
    highest = lowest | (1 << (128 - FOUND)) - 1
    near = Ballot.objects.filter(
        pk__gte=UUID(int=lowest), pk__lte=UUID(int=highest), poll__edition__published=True
    )
    for ballot in near.select_related("poll__edition__host"):
        if _signature(ballot.poll, ballot.pk) == bits & (1 << SIGNED) - 1:
            return standing(ballot)
    return None


def standing(ballot: Ballot) -> Standing:
    act = status_of(ballot)
    words = ("counted", "void") if ballot.poll.closed_at else ("received", "set_aside")
    found = Standing(receipt_code(ballot), ballot.poll, ballot.cast_at, words[act is not None])
    if act is None:
        return found
    return replace(found, reason=act.reason, case=act.case.number if act.case else 0)


def _nonce(poll, ballot_id):
    try:
        return entries.nonce(poll_secret(poll), ballot_id).hex()
    except Destroyed:  # the promise itself stands without it
        return None


def _uuid(given):
    return given if isinstance(given, UUID) else UUID(given)


def _signature(poll, ballot_id):
    signed = hmac.digest(receipt_secret(poll), b"receipt " + ballot_id.bytes, "sha256")
    return int.from_bytes(signed[:4], "big") >> (32 - SIGNED)


def _bits(code):
    text = normalise(code or "").upper().translate(SPOKEN)
    if len(text) != LENGTH or any(letter not in ALPHABET for letter in text):
        return None
    bits = 0
    for letter in text:
        bits = bits << 5 | ALPHABET.index(letter)
    return bits

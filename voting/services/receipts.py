"""The receipt of a ballot: short enough to write down, and nothing in it says what was picked."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nominations.rules import normalise
from voting.models import Ballot, Poll
from voting.services.counting import status_of
from voting.services.keys import receipt_secret

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
    status: str  # received, counted, set_aside
    reason: str = ""


def receipt_code(ballot: Ballot) -> str:
    """7F3K-92QD-M4XA: found again through the ballot's number, and checkable by this portal only."""
    bits = (ballot.pk.int >> (128 - FOUND)) << SIGNED | _signature(ballot)
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
        if _signature(ballot) == bits & (1 << SIGNED) - 1:
            return standing(ballot)
    return None


def standing(ballot: Ballot) -> Standing:
    act = status_of(ballot)
    status = "set_aside" if act else "counted" if ballot.poll.closed_at else "received"
    return Standing(receipt_code(ballot), ballot.poll, ballot.cast_at, status, act.reason if act else "")


def _signature(ballot):
    signed = hmac.digest(receipt_secret(ballot.poll), b"receipt " + ballot.pk.bytes, "sha256")
    return int.from_bytes(signed[:4], "big") >> (32 - SIGNED)


def _bits(code):
    text = normalise(code or "").upper().translate(SPOKEN)
    if len(text) != LENGTH or any(letter not in ALPHABET for letter in text):
        return None
    bits = 0
    for letter in text:
        bits = bits << 5 | ALPHABET.index(letter)
    return bits

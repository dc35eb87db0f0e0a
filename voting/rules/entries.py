"""One ballot in the public record: a line of text, whose hash is a leaf of the log.

    1 7 3f2a…c4 2,5,9 2026-09-24T02:20Z 9b41…07

version, poll, record, picks ascending, the ten minutes it was cast in (UTC), commitment to the voter.
Nothing in it leads back to a telephone: the nonce that opens it stands on the voter's receipt only.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

VERSION = 1
BUCKET = 600  # seconds


def nonce(secret: bytes, ballot: UUID) -> bytes:
    """委员会决定: 16 bytes, the same whenever asked, and gone with the poll's secret."""
    return hmac.digest(secret, b"nonce " + ballot.bytes, "sha256")[:16]


def record(ballot: UUID, nonce: bytes) -> UUID:
    """委员会决定: the public name of a ballot, bound to the number the voter's own telephone chose.

    Two voters can therefore not be shown the same line as theirs.
    """
    return UUID(bytes=hashlib.sha256(b"xuanshu record 1" + ballot.bytes + nonce).digest()[:16])


def commitment(nonce: bytes, voter: str) -> bytes:
    """委员会决定: 32 bytes that fix the (keyed) voter without naming it."""
    return hashlib.sha256(b"xuanshu voter 1" + nonce + voter.encode()).digest()


def bucket(at: datetime) -> str:
    """委员会决定: the ten minutes a moment lies in, by their beginning, in UTC."""
    seconds = int(at.timestamp()) // BUCKET * BUCKET
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%MZ}"


def line(poll: int, record: UUID, picks: Sequence[int], at: datetime, commitment: bytes) -> str:
    """委员会决定: the canonical text of a ballot; `picks` are candidates' numbers."""
    numbers = ",".join(str(pick) for pick in sorted(picks))
    return f"{VERSION} {poll} {record.hex} {numbers} {bucket(at)} {bytes(commitment).hex()}"


def leaf(line: str) -> bytes:
    """委员会决定: the leaf hash of RFC 6962: SHA-256 of a zero byte and the line, without a line end."""
    return hashlib.sha256(b"\0" + line.encode()).digest()

"""What a telephone carries between two requests, signed: when it began, and whose ballot it may cast.

Nothing of it is kept on the server: reading one costs an HMAC and no query.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing

from voting.models import Poll

START_GOOD_FOR = timedelta(hours=2)
VOTER_GOOD_FOR = timedelta(minutes=30)
START, VOTER = "voting.start", "voting.voter"


@dataclass(frozen=True)
class Start:
    """A visit: the page was opened at `began` (seconds) on the telephone that calls itself `device`."""

    poll: int
    session: str
    began: int
    device: str


@dataclass(frozen=True)
class Voter:
    """A voter who proved a number, with the signals of the visit; good before `until` (seconds)."""

    poll: int
    key: str
    until: int
    session: str = ""
    began: int = 0
    device: str = ""
    block: str = ""
    home: str = ""

    def expired(self, now: datetime) -> bool:
        return now.timestamp() >= self.until

    def dwell(self, now: datetime) -> int | None:
        """Seconds from opening the page, as many as the column holds; None when it is not known."""
        return min(max(int(now.timestamp()) - self.began, 0), 32_000) if self.began else None


def start(poll_id: int, *, now: datetime, device: str = "") -> Start:
    return Start(poll_id, secrets.token_hex(8), int(now.timestamp()), device[:64])


def write(said: Start | Voter) -> str:
    return signing.Signer(salt=_salt(type(said))).sign_object(asdict(said))


def read_start(poll_id: int, token: str, *, now: datetime) -> Start | None:
    """The visit a ticket speaks of; None when it is forged, of another poll, or too old."""
    said = _read(Start, poll_id, token)
    return said if said and now < datetime.fromtimestamp(said.began, tz=UTC) + START_GOOD_FOR else None


def read_voter(poll_id: int, token: str) -> Voter | None:
    """The voter of a token, good or too old; None when it is forged or of another poll."""
    return _read(Voter, poll_id, token)


def voter(poll: Poll, key: str, *, now: datetime, visit: Start | None = None, block="", home="") -> Voter:
    until = int((now + VOTER_GOOD_FOR).timestamp())
    if visit is None:
        return Voter(poll.pk, key, until, block=block, home=home)
    return Voter(poll.pk, key, until, visit.session, visit.began, visit.device, block, home)


def _read(kind, poll_id, token):
    try:
        said = kind(**signing.Signer(salt=_salt(kind)).unsign_object(token or ""))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return said if said.poll == poll_id else None


def _salt(kind):
    return START if kind is Start else VOTER

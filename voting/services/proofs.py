"""Proof of work: a telephone computes a little before a code is sent, and before a ballot is taken.

A challenge is bound to its poll, its visit and its purpose, and signed; nothing of it is kept here. Its
making costs one PBKDF2 (under a millisecond); reading a proof costs two HMACs, no query and no PBKDF2.

What the worker of the `altcha` package (static/vendor/altcha/pbkdf2.js) is told and says:

    → {"type": "work", "challenge": <what `challenge` returns>, "counterStart": 0, "counterStep": 1,
       "timeout": milliseconds}          (n workers: starts 0 … n-1, step n; {"type": "abort"} stops one)
    ← {"counter": int, "derivedKey": hex, "time": ms} | null (too late, stopped) | {"error": …}

and a payload is base64 of the JSON {"challenge": …, "solution": <what the worker said>};
`solve` in static/js/proof.js does all of it. The worker needs crypto.subtle, thus a secure context.
"""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache

import altcha
from django.conf import settings
from django.utils.crypto import salted_hmac

from voting.models import Effort, Poll
from voting.services.tokens import VOTER_GOOD_FOR, Start

CODE, CAST = "code", "cast"
#: A proof for casting is made while the voter reads the summary, and is good as long as the voter's token.
GOOD_FOR = {CODE: timedelta(minutes=10), CAST: VOTER_GOOD_FOR}

ALGORITHM, ITERATIONS = "PBKDF2/SHA-256", 2_000
#: How many keys must be tried on an average: 200 are some tenths of a second on a simple telephone.
TRIES = 200
#: Each step doubles the work; a visit's risk adds steps, and nobody computes for more than `MOST`.
STEPS = {Effort.NORMAL: 0, Effort.RAISED: 2, Effort.HIGH: 4}
MOST = 5
LONGEST = 2_000  # characters of a payload; an honest one has about 900


def challenge(
    poll: Poll, visit: Start, purpose: str, *, now: datetime, risk: int = 0, voter: str = ""
) -> dict:
    """What a telephone has to solve: `{"parameters": …, "signature": …}`; `risk` in steps, from 0.

    `voter` is the (keyed) voter a proof for casting is good for: one proof serves one number.
    """
    tries = TRIES << min(STEPS[poll.effort] + risk, MOST)
    made = altcha.create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=tries // 2 + secrets.randbelow(tries),
        # Not the package's own field: that one is compared with a clock of its own.
        data=_bound(poll.pk, visit.session, purpose, voter)
        | {"until": int((now + GOOD_FOR[purpose]).timestamp())},
        hmac_secret=_key("challenge"),
        hmac_key_secret=_key("solution"),
    )
    return made.to_dict()


def verify(payload: str, poll_id: int, session: str, purpose: str, *, now: datetime, voter: str = "") -> bool:
    """Whether a payload solves a challenge made for this poll, visit, purpose and voter, not too long ago."""
    proof = _read(payload)
    if proof is None:
        return False
    result = altcha.verify_solution(proof, _key("challenge"), hmac_key_secret=_key("solution"))
    # Signed by us from here on: the data are what `challenge` wrote.
    if not result.verified:
        return False
    data = proof.challenge.parameters.data
    asked = _bound(poll_id, session, purpose, voter)
    return {name: data.get(name) for name in asked} == asked and now.timestamp() < data["until"]


def name(payload: str) -> str:
    """What a proof that was verified is known by, so that it is used once."""
    return _read(payload).challenge.signature


def needed(*, secure: bool) -> bool:
    """Whether a missing proof is refused: always, but on a development machine without HTTPS.

    There a telephone in the same network has no crypto.subtle, and the answer says that it went without.
    """
    return settings.PRODUCTION or secure


def _bound(poll_id, session, purpose, voter):
    return {"poll": poll_id, "session": session, "purpose": purpose, "voter": voter}


def _read(payload):
    if not isinstance(payload, str) or len(payload) > LONGEST:
        return None
    try:
        return altcha.Payload.from_base64(payload)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _key(purpose):
    return _derived(settings.SECRET_KEY, purpose)


@lru_cache(maxsize=4)
def _derived(secret: str, purpose: str) -> bytes:
    return salted_hmac("voting.proof", purpose, secret=secret, algorithm="sha256").digest()

"""The ballot tier in a test: a box on the test's own database, a clock that stands where it is put, posts."""

import json
import secrets
from contextlib import contextmanager
from io import BytesIO
from uuid import uuid4

import altcha
from django.conf import settings
from django.db import connection

from tests.voting import ground
from voting.box import inside
from voting.box.door import Answer, Box
from voting.services import keys, proofs, tokens


class Clock:
    """Says `at` until it is told another moment."""

    def __init__(self, at=ground.DURING):
        self.at = at

    def __call__(self):
        return self.at


@contextmanager
def box(*, at=ground.DURING, redis_url: str | None = None, parameters=None, **options):
    """A box, closed at the end so that the database can be dropped."""
    made = Box(
        inside.parameters(connection) | (parameters or {}),
        redis_url or settings.REDIS_URL,
        clock=Clock(at),
        **options,
    )
    try:
        yield made
    finally:
        made.close()


def unheard_of() -> None:
    """The next poll has a number no other run counted under: all of them share one Redis."""
    with connection.cursor() as cursor:
        number = secrets.randbelow(800_000_000) + 1_000_000
        cursor.execute("SELECT setval(pg_get_serial_sequence('voting_poll', 'id'), %s)", [number])


def solved(poll, visit, *, now, voter: str) -> str:
    """What a telephone sends after computing; the challenge is a small one."""
    effort, proofs.ITERATIONS, proofs.TRIES = (proofs.ITERATIONS, proofs.TRIES), 10, 3
    try:
        asked = proofs.challenge(poll, visit, proofs.CAST, now=now, voter=voter)
    finally:
        proofs.ITERATIONS, proofs.TRIES = effort
    challenge = altcha.Challenge.from_dict(asked)
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def ticket(
    poll, number: str = "19900000001", *, at=ground.DURING, proof: bool = True, visit=None, **said
) -> dict:
    """Token and proof of the holder of a number, given out at `at`."""
    visit = visit or tokens.start(poll.pk, now=at)
    voter = tokens.voter(poll, keys.voter_key(poll, number), now=at, visit=visit, **said)
    return {
        "token": tokens.write(voter),
        "proof": solved(poll, visit, now=at, voter=voter.key) if proof else "",
    }


def ballot(poll, picks=(1,), number: str = "19900000001", *, at=ground.DURING, **said) -> dict:
    """What is posted."""
    return {"ballot": str(uuid4()), "picks": list(picks), **ticket(poll, number, at=at), **said}


def post(box, poll, said, **environ) -> Answer:
    """Post to the box; `said` is what is posted, or the bytes of it."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return box.answer(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/ballot/{getattr(poll, 'pk', poll)}/",
            "HTTP_HOST": "localhost",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "203.0.113.9",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
        }
        | environ
    )


def get(box, path: str, query: str = "", **environ) -> Answer:
    return box.answer(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http",
        }
        | environ
    )


def read(answer: Answer) -> dict:
    return json.loads(answer.body)


def header(answer: Answer, name: str) -> str | None:
    return dict(answer.headers).get(name)

"""The two addresses of the tier, /ballot/<poll>/ and /ballot/<poll>/start/, as a WSGI application.

A request is read and judged by its own thread, handed to the writer, and answered only with what is on disk.
No session, no user, no cookie is set or believed.
"""

import json
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from django.utils import timezone, translation

from portal.errors import Refused
from portal.proxies import address_of
from portal.speech import said
from voting.box import asked, judging, refusals
from voting.box import writer as fates
from voting.box.figures import Figures
from voting.box.limits import Failures
from voting.box.polls import Known, Polls
from voting.box.wire import Away
from voting.box.writer import Kept, Writer
from voting.models import Ballot
from voting.services import casting, receipts, tier, tokens
from voting.services.casting import BallotRefused

#: Failures in a minute: of an address with what is no token, of a visit with what is no proof.
ADDRESS_FAILURES, VISIT_FAILURES = 120, 10

HEADERS = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
]


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: list[tuple[str, str]]


class Box:
    """The ballot tier of one process. `parameters` are psycopg2's, `clock` says what time it is."""

    def __init__(
        self, parameters: dict, redis_url: str, *, clock=timezone.now, depth: int = fates.DEPTH, name="ballot"
    ):
        self.polls = Polls()
        self.writer = Writer(
            parameters,
            wanted=lambda: self.polls.wanted,
            refresh=self.polls.refresh,
            unread=self.polls.settle,
            depth=depth,
            name=f"xuanshu {name}",
        )
        self.figures = Figures(redis_url, self._state)
        self._clock = clock
        self._addresses, self._visits = Failures(ADDRESS_FAILURES), Failures(VISIT_FAILURES)

    def __call__(self, environ, start_response):
        answer = self.answer(environ)
        length = ("Content-Length", str(len(answer.body)))
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, [*answer.headers, length])
        return [answer.body]

    def answer(self, environ: dict) -> Answer:
        try:
            if asked.path(environ) == ("ballot", "health"):
                return self._health()
            return _json(200, self._ask(environ))
        except BallotRefused as refusal:
            return refused(refusal, environ)
        except Refused as refusal:
            return refused(refusals.busy(), environ, refusal)

    def close(self) -> None:
        self.writer.close()
        self.figures.close()

    def _ask(self, environ):
        asked.host(environ)
        match asked.path(environ):
            case ("ballot", number, "start") if _is_number(number):
                if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                    raise refusals.method()
                return self._start(self._poll(int(number)), asked.query(environ, "device"))
            case ("ballot", number) if _is_number(number):
                if environ["REQUEST_METHOD"] != "POST":
                    raise refusals.method()
                return self._counted(int(number), environ)
        raise refusals.missing()

    def _poll(self, number) -> Known:
        try:
            known = self.polls.get(number, self.writer.knock, patient=not self.writer.down)
        except Away:
            raise refusals.busy() from None
        if known is None:
            raise refusals.missing()
        return known

    def _start(self, known, device):
        now = self._clock()
        visit = tokens.start(known.poll.pk, now=now, device=device or secrets.token_hex(16))
        return {
            "ticket": tokens.write(visit),
            "device": visit.device,
            "now": _moment(now),
            "phase": casting.phase(known.poll, now),
            "opens": _moment(known.poll.opens),
            "closes": _moment(known.poll.closes),
            "effort": known.poll.effort,
        }

    def _counted(self, number, environ):
        known = self._poll(number)
        try:
            receipt, repeated = self._cast(known, environ)
        except BallotRefused as refusal:
            self.figures.count(number, refusal.reason)
            raise
        self.figures.count(number, tier.REPEATED if repeated else tier.ACCEPTED)
        return receipt

    def _cast(self, known, environ):
        """The receipt, and whether the ballot was there before."""
        asked.check_origin(environ)
        body = asked.body(environ)
        now, address = self._clock(), address_of(environ)
        try:
            posted = judging.read(body)
            voter = judging.voter_of(known, posted)
        except BallotRefused:
            if wait := self._addresses.over(address):
                raise refusals.slow(wait) from None
            self._addresses.count(address)
            raise
        if wait := self._visits.over(voter.session):
            raise refusals.slow(wait)
        no = judging.refusal(known, posted, voter, now=now, secure=asked.secure(environ))
        if no is not None and no.reason == "proof":
            self._visits.count(voter.session)
        item = judging.item(known, posted, voter, now=now, address=address, insert=no is None)
        if not self.writer.hand_in(item):
            raise refusals.busy()
        match item.wait():
            case fates.TAKEN:
                return _receipt(known, item.kept), item.kept.cast_at != now
            case fates.VOTED:
                raise casting.VotedAlready(_ballot(known, item.kept))
            case fates.CONFLICT:
                raise casting.AnotherBallot
            case fates.BAD:
                raise refusals.shape()
            case fates.NEITHER:
                raise no or self._gone(known, now)
        raise refusals.busy()

    def _gone(self, known, now):
        """Why the database did not take what was good by what we knew: it was asked anew in between."""
        poll = self._poll(known.poll.pk).poll
        return refusals.busy() if casting.phase(poll, now) == "open" else casting.not_taking(poll, now)

    def _state(self):
        return {"queue": self.writer.depth, "postgres": not self.writer.down}

    def _health(self):
        """Whether ballots are taken; asking has the writer try."""
        if not self.writer.down:
            self.writer.knock()
        state = self._state() | {"trouble": self.writer.trouble}
        return _json(503 if self.writer.down else 200, state)


def _receipt(known: Known, kept: Kept):
    return receipts.full_receipt(
        known.poll,
        ballot_id=kept.id,
        record=kept.record,
        picks=kept.picks,
        cast_at=kept.cast_at,
        commitment=kept.commitment,
    )


def _ballot(known, kept):
    ballot = Ballot(id=kept.id, voter=kept.voter, turn=kept.turn, picks=kept.picks, cast_at=kept.cast_at)
    ballot.poll = known.poll
    return ballot


def refused(refusal: BallotRefused, environ: dict, why: Refused | None = None) -> Answer:
    """The answer to a refusal, in the reader's language; `why` says it in other words."""
    with translation.override(asked.language(environ)):
        answer = {"reason": refusal.reason, "message": said(why or refusal)}
    first = getattr(refusal, "first", None)
    if first is not None:
        answer["code"] = receipts.receipt_code(first)
    retry = getattr(refusal, "retry", 0)
    return _json(refusal.status, answer, *([("Retry-After", str(retry))] if retry else []))


def _json(status, answer, *more):
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, [*HEADERS, *more])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) < 10

"""What the box knows of the polls: read once a second, and believed for longer when they must be.

It is for judging early and for saying why. Whether a ballot is taken is decided by the insert.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Condition

from nominations.models import Edition
from nominations.states import State
from voting.box import statements
from voting.box.wire import Away, Wire
from voting.models import Poll
from voting.services.casting import Terms, terms_of

FRESH = 1.0  # seconds during which nobody asks again
UNHEARD = 0.2  # seconds after which one asks again for a poll nobody has heard of: it may just have opened
PATIENCE = 1.2  # seconds one waits for it

_POLL = ("id", "opens", "closes", "opened_at", "closed_at", "paused_at", "key_id", "secret_destroyed_at")


@dataclass(frozen=True)
class Known:
    """A poll, what it asks of a ballot, and who can be picked now."""

    poll: Poll
    terms: Terms
    standing: frozenset[int]


class Polls:
    """The polls anybody may walk into. Asked by many threads, filled by the writer's own."""

    def __init__(self):
        self._known: dict[int, Known] = {}
        self._read_at = float("-inf")
        self._news = Condition()
        self.wanted = False

    def get(self, poll_id: int, knock: Callable[[], None], *, patient: bool = True) -> Known | None:
        """The poll, or None where there is none; `Away` when nothing was ever read.

        `knock` calls the thread that reads; who is not `patient` takes what is known, however old.
        """
        good_for = FRESH if poll_id in self._known else UNHEARD
        if time.monotonic() - self._read_at > good_for:
            self._ask(knock, wait=patient)
            if self._read_at == float("-inf"):
                raise Away("the polls were never read")
        return self._known.get(poll_id)

    def _ask(self, knock, *, wait):
        with self._news:
            asked_of = self._read_at
            if not self.wanted:
                self.wanted = True
                knock()
            if wait:
                self._news.wait_for(lambda: self._read_at != asked_of or not self.wanted, PATIENCE)

    def refresh(self, wire: Wire) -> None:
        """Read them anew; called by the thread whose `wire` it is."""
        rows = wire.run(statements.POLLS, [State.WITHDRAWN], until=time.monotonic() + FRESH)
        with self._news:
            self._known = dict(_known(rows))
            self._read_at = time.monotonic()
            self.settle()

    def settle(self) -> None:
        """Whoever waits goes on with what is known; they may ask again."""
        with self._news:
            self.wanted = False
            self._news.notify_all()


def _known(rows: Iterable[tuple]):
    for *of_poll, effort, edition_id, least, most, per, standing in rows:
        poll = Poll(**dict(zip(_POLL, of_poll, strict=True)), effort=effort, edition_id=edition_id)
        poll.edition = Edition(id=edition_id, min_picks=least, max_picks=most, ballots_per=per)
        yield poll.pk, Known(poll, terms_of(poll), frozenset(standing))

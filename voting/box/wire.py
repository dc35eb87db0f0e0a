"""The box's own line to PostgreSQL: it never waits longer than it was told.

The connection is asynchronous, so that an engine that hangs is given up like one that is gone; one statement
is one transaction and one round trip, committed before its rows are handed back.
"""

import select
import time

import psycopg2
from psycopg2 import extensions

CONNECT_WITHIN = 1.0  # seconds
STATEMENT_TIMEOUT = 1500  # milliseconds, the server's own limit

SETTLE = f"SET statement_timeout = {STATEMENT_TIMEOUT}; SET TIME ZONE 'UTC'; SHOW synchronous_commit"
DURABLE = ("on", "remote_apply")


class Away(Exception):
    """The database is gone, hangs, or is not to be trusted; nothing is known of a statement under way."""


class NotDurable(Away):
    """`synchronous_commit` is off: a ballot that was thanked for could be lost."""


class Wire:
    """One connection. `parameters` are psycopg2's; what goes wrong with the line is `Away`."""

    def __init__(self, parameters: dict, name: str):
        self._parameters = parameters | {"application_name": name, "async_": True}
        self._line = None

    @property
    def up(self) -> bool:
        return self._line is not None and not self._line.closed

    def open(self) -> None:
        """Connect, and ask whether commits are durable; `Away` when not within `CONNECT_WITHIN`."""
        self.close()
        until = time.monotonic() + CONNECT_WITHIN
        try:
            self._line = psycopg2.connect(**self._parameters)
            self._wait(until)
            (durable,) = self._rows(SETTLE, until)[0]
        except psycopg2.Error as error:
            self.close()
            raise Away(str(error).strip()) from error
        if durable not in DURABLE:
            self.close()
            raise NotDurable(f"synchronous_commit is {durable}, ballots are refused until it is on")
        # Pinned: what the server is set to later does not loosen a line that was found durable.
        self.run(f"SET synchronous_commit = {durable}", until=until)

    def run(self, sql: str | bytes, values=None, *, until: float) -> list[tuple]:
        """The rows of one statement; `until` is a moment of the monotonic clock.

        What the statement itself did wrong (`DataError`, `IntegrityError`) and a lost race with another
        (`TransactionRollbackError`) are raised as they are; whatever else happens is `Away`.
        """
        if not self.up:
            raise Away("no connection")
        try:
            return self._rows(sql, until, values)
        except (psycopg2.DataError, psycopg2.IntegrityError, extensions.TransactionRollbackError):
            raise
        except psycopg2.Error as error:
            self.close()
            raise Away(str(error).strip()) from error

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def mogrify(self, sql: str, values) -> bytes:
        with self._line.cursor() as cursor:
            return cursor.mogrify(sql, values)

    def _rows(self, sql, until, values=None):
        with self._line.cursor() as cursor:
            cursor.execute(sql, values)
            self._wait(until)
            return cursor.fetchall() if cursor.description else []

    def _wait(self, until):
        while (state := self._line.poll()) != extensions.POLL_OK:
            left = until - time.monotonic()
            ready = select.poll()
            ready.register(self._line.fileno(), _EVENTS[state])
            if left <= 0 or not ready.poll(left * 1000):
                self.close()
                raise Away("no answer in time")


_EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}

"""One thread that puts ballots on disk, as many at a time as came while it was busy with those before.

Whoever hands in a ballot waits for its fate. The writer never hangs and never ends: when the database is
away everybody is told at once, and it tries again by itself.
"""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import NamedTuple
from uuid import UUID

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from voting.box import statements
from voting.box.wire import Away, NotDurable, Wire

log = logging.getLogger(__name__)

DEPTH = 2_000  # ballots that may wait in a process
BATCH = 200  # ballots in one statement
BUDGET = 1.5  # seconds for a batch, with everything that must be asked about it
PATIENCE = 1.8  # seconds somebody waits for an answer; the contract says two
AGAIN = 0.25  # seconds between two attempts to connect
IDLE = 2.0  # seconds without a ballot after which the line is tried

#: What became of a ballot.
TAKEN, VOTED, CONFLICT, NEITHER, BAD, BUSY = "taken", "voted", "conflict", "neither", "bad", "busy"


class Kept(NamedTuple):
    """A ballot on disk."""

    id: UUID
    poll_id: int
    voter: str
    turn: date
    picks: list[int]
    cast_at: datetime
    record: UUID
    commitment: bytes


class Item:
    """A ballot on its way: its `casting.values`, whether it may be inserted or only looked up, its fate."""

    __slots__ = ("_done", "fate", "given_up", "insert", "kept", "row", "settled")

    def __init__(self, row: dict, *, insert: bool = True):
        self.row, self.insert = row, insert
        self.fate, self.kept, self.settled, self.given_up = BUSY, None, False, False
        self._done = Lock()
        self._done.acquire()

    def settle(self, fate: str, kept: Kept | None = None) -> None:
        if not self.settled:
            self.fate, self.kept, self.settled = fate, kept, True
            self._done.release()

    def wait(self) -> str:
        """The fate; `BUSY` when it is not known in time. The ballot may still be there then."""
        if not self._done.acquire(timeout=PATIENCE):
            self.given_up = True
            return BUSY
        return self.fate


class Writer:
    """`parameters` are psycopg2's; `refresh(wire)` reads the polls, `wanted()` says whether it should."""

    def __init__(
        self,
        parameters: dict,
        *,
        wanted: Callable[[], bool] = lambda: False,
        refresh: Callable[[Wire], None] = lambda wire: None,
        unread: Callable[[], None] = lambda: None,
        depth: int = DEPTH,
        name: str = "xuanshu ballot",
    ):
        self._wire = Wire(parameters, name)
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._wanted, self._refresh, self._unread = wanted, refresh, unread
        self._depth = depth
        self._starting = Lock()
        self._stopping = False
        self._thread = None
        self.trouble = ""  # why the database is not used now
        self.batches = 0

    @property
    def depth(self) -> int:
        return self._queue.qsize()

    @property
    def down(self) -> bool:
        """Whether an attempt to reach the database failed, and none has succeeded since."""
        return bool(self.trouble)

    def hand_in(self, item: Item) -> bool:
        """Queue a ballot; False when nobody would take it in time."""
        self._live()
        if self.down or self._queue.qsize() >= self._depth:
            return False
        self._queue.put(item)
        return True

    def knock(self) -> None:
        """Have the thread look whether anything is wanted."""
        self._live()
        self._queue.put(None)

    def close(self) -> None:
        self._stopping = True
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(BUDGET * 2)

    def _live(self):
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if not self._stopping and (self._thread is None or not self._thread.is_alive()):
                    self._thread = Thread(target=self._run, name="ballots", daemon=True)
                    self._thread.start()

    def _run(self):
        try:
            while not self._stopping:
                batch = self._gather(AGAIN if self.down else IDLE)
                try:
                    self._turn(batch)
                except Exception:
                    log.exception("a batch of ballots failed")
                    self._wire.close()
                    self._unread()
                finally:
                    for item in batch:
                        item.settle(BUSY)
        finally:
            self._wire.close()

    def _gather(self, patience):
        batch = []
        try:
            first = self._queue.get(timeout=patience)
            while True:
                if first is not None and not first.given_up:
                    batch.append(first)
                if len(batch) == BATCH:
                    break
                first = self._queue.get_nowait()
        except Empty:
            pass
        return batch

    def _turn(self, batch):
        until = time.monotonic() + BUDGET
        try:
            if not self._wire.up:
                self._open()
            wanted = self._wanted()
            if wanted:
                self._refresh(self._wire)
            if batch:
                self._write(batch, until)
            elif not wanted:
                self._wire.run("SELECT 1", until=until)
        except (Away, TransactionRollbackError) as error:
            self._told(error)
            self._unread()

    def _open(self):
        self._wire.open()
        if self.trouble:
            log.warning("the database takes ballots again")
        self.trouble = ""

    def _told(self, error):
        if self._wire.up:
            return
        if not self.trouble:
            log.error("ballots wait for the database: %s", error)
        self.trouble = "not durable" if isinstance(error, NotDurable) else "away"

    def _write(self, batch, until):
        self.batches += 1
        new = {}
        for item in batch:
            if item.insert:
                new.setdefault(item.row["id"], item)
        taken = self._insert(list(new.values()), until) if new else set()
        rest = []
        for item in batch:
            if item.settled:
                continue
            if new.get(item.row["id"]) is item and item.row["id"] in taken:
                item.settle(TAKEN, _kept(item.row))
            else:
                rest.append(item)
        if rest:
            self._explain(rest, until)

    def _insert(self, items, until):
        """The numbers of those that were inserted. Tried once more when the line broke or a race was lost."""
        try:
            return self._try(items, until)
        except TransactionRollbackError:
            return self._try(items, until)
        except Away:
            if time.monotonic() > until:
                raise
            self._open()
            return self._try(items, until)

    def _try(self, items, until):
        # By voter, so that two processes with the same voters wait for each other in one order.
        rows = []
        for item in sorted(items, key=lambda item: item.row["voter"]):
            try:
                rows.append((item, self._wire.mogrify(statements.ROW, item.row)))
            except (ValueError, psycopg2.DataError):
                item.settle(BAD)
        return self._halves(rows, until)

    def _halves(self, rows, until):
        if not rows:
            return set()
        statement = _HEAD + b", ".join(row for _item, row in rows) + _TAIL
        try:
            return {str(number) for (number,) in self._wire.run(statement, until=until)}
        except (psycopg2.DataError, psycopg2.IntegrityError) as error:
            if len(rows) == 1:
                log.error("a ballot the database refuses: %s", type(error).__name__)
                rows[0][0].settle(BAD)
                return set()
            middle = len(rows) // 2
            return self._halves(rows[:middle], until) | self._halves(rows[middle:], until)

    def _explain(self, items, until):
        """Why those were not inserted: the same ballot is there, another of the voter's, or neither."""
        found = self._look_up(statements.BY_ID, [[item.row["id"] for item in items]], until)
        there = {str(kept.id): kept for kept in found}
        rest = []
        for item in items:
            kept = there.get(item.row["id"])
            if kept is None:
                rest.append(item)
            elif all(getattr(kept, name) == item.row[name] for name in ("poll_id", "voter", "picks")):
                item.settle(TAKEN, kept)
            else:
                item.settle(CONFLICT)
        turns = tuple({_turn_of(item.row) for item in rest if item.insert})
        found = self._look_up(statements.BY_TURN, [turns], until) if turns else []
        firsts = {(kept.poll_id, kept.voter, kept.turn): kept for kept in found}
        neither = []
        for item in rest:
            first = firsts.get(_turn_of(item.row)) if item.insert else None
            if first:
                item.settle(VOTED, first)
            elif item.insert:
                neither.append(item)
            else:
                item.settle(NEITHER)
        if neither:
            # So that whoever asks why is told what the poll is like now.
            self._refresh(self._wire)
            for item in neither:
                item.settle(NEITHER)

    def _look_up(self, sql, values, until):
        return [
            Kept(*row)._replace(commitment=bytes(row[-1])) for row in self._wire.run(sql, values, until=until)
        ]


def _kept(row):
    return Kept(
        UUID(row["id"]),
        *(row[name] for name in ("poll_id", "voter", "turn", "picks", "cast_at")),
        UUID(row["record"]),
        row["commitment"],
    )


def _turn_of(row):
    return row["poll_id"], row["voter"], row["turn"]


_HEAD, _TAIL = (part.encode() for part in statements.INSERT.split("%s"))

"""Answers kept for a moment in this process, so that a crowd asks the database once, not once each."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError


@dataclass
class _Place:
    turn: threading.Lock = field(default_factory=threading.Lock)
    at: datetime | None = None
    value: object = None

    def within(self, now: datetime, span: timedelta) -> bool:
        # A clock that was set back makes everything old rather than fresh for ever.
        return self.at is not None and timedelta(0) <= now - self.at < span


class Shelf:
    """Keeps what `make()` gave for `fresh`; while the database is away, or one makes it anew, for `stale`.

    At most `most` answers; the one made longest ago makes room.
    """

    def __init__(self, *, fresh: timedelta, stale: timedelta = timedelta(seconds=30), most: int = 500):
        self.fresh, self.stale, self.most = fresh, stale, most
        self._places: dict[Hashable, _Place] = {}
        self._door = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], object], *, now: datetime):
        place = self._places.get(key) or self._make_room(key)
        if place.within(now, self.fresh):
            return place.value
        at_hand = place.within(now, self.stale)
        # Whoever comes while another thread makes it anew is not kept waiting, if there is anything to show.
        if not place.turn.acquire(blocking=not at_hand):
            return place.value
        try:
            if not place.within(now, self.fresh):
                place.value, place.at = make(), now
        except (OperationalError, InterfaceError):
            if not at_hand:
                raise
        finally:
            place.turn.release()
        return place.value

    def clear(self) -> None:
        with self._door:
            self._places.clear()

    def _make_room(self, key) -> _Place:
        with self._door:
            if key not in self._places and len(self._places) >= self.most:
                self._places.pop(next(iter(self._places)))
            return self._places.setdefault(key, _Place())

"""Answers kept for a moment in this process, so that a crowd asks the database once, not once each."""

import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakSet, WeakValueDictionary

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language


@dataclass
class _Place:
    turn: threading.Lock = field(default_factory=threading.Lock)
    at: datetime | None = None
    mark: str = ""
    value: object = None

    def within(self, now: datetime, span: timedelta) -> bool:
        # A clock that was set back makes everything old rather than fresh for ever.
        return self.at is not None and timedelta(0) <= now - self.at < span


class Shelf:
    """Keeps what `make()` gave for `fresh`; while the database is away, or one makes it anew, for `stale`.

    At most `most` answers; the one made longest ago makes room. Nothing (None) and what was refused take no
    room.
    """

    every: WeakSet["Shelf"] = WeakSet()

    def __init__(self, *, fresh: timedelta, stale: timedelta = timedelta(seconds=30), most: int = 500):
        self.fresh, self.stale, self.most = fresh, stale, most
        # In the order they were made.
        self._places: dict[Hashable, _Place] = {}
        # Those a thread is at, so that a crowd waits at one place before there is anything to keep.
        self._begun: WeakValueDictionary[Hashable, _Place] = WeakValueDictionary()
        self._door = threading.Lock()
        self.every.add(self)

    def get(self, key: Hashable, make: Callable[[], object], *, now: datetime, mark: str = ""):
        """An answer made under another mark is old, however young; it only stands in for a database away."""
        place = self._place(key)
        if place.mark == mark and place.within(now, self.fresh):
            return place.value
        at_hand = place.within(now, self.stale)
        # Whoever comes while another thread makes it anew is not kept waiting, if there is anything to show.
        if not place.turn.acquire(blocking=not at_hand or place.mark != mark):
            return place.value
        try:
            if place.mark != mark or not place.within(now, self.fresh):
                place.value, place.at, place.mark = make(), now, mark
                self._keep(key, place, now)
        except (OperationalError, InterfaceError):
            if not at_hand:
                raise
        finally:
            place.turn.release()
        return place.value

    def __len__(self) -> int:
        return len(self._places)

    def clear(self) -> None:
        with self._door:
            self._places.clear()

    def _place(self, key) -> _Place:
        with self._door:
            return self._places.get(key) or self._begun.setdefault(key, _Place())

    def _keep(self, key, place: _Place, now: datetime) -> None:
        with self._door:
            self._places.pop(key, None)
            if place.value is not None:
                self._make_room(now)
                self._places[key] = place

    def _make_room(self, now: datetime) -> None:
        """For one more; what may not even stand in any longer goes whether there is room or not."""
        span = max(self.fresh, self.stale)
        while self._places:
            oldest = next(iter(self._places))
            if len(self._places) < self.most and self._places[oldest].within(now, span):
                return
            del self._places[oldest]


def is_large(request) -> bool:
    """Whether a visitor reads in large letters: that and the language are all that differs for anybody."""
    return request.COOKIES.get("letters") == "large"


def shelved(
    request, shelf: Shelf, key, make, *, now: datetime, mark: str | None = None, headers: dict | None = None
) -> HttpResponse:
    """What `make` gave (bytes and their type; None is a 404), the same for everybody of one language.

    With a `mark` it shows what is so now, so that a browser asks each time whether what it has still is.
    """

    def marked():
        made = make()
        return made and (*made, f'"{hashlib.md5(made[0], usedforsecurity=False).hexdigest()}"')

    kept = shelf.get((key, get_language(), is_large(request)), marked, now=now, mark=mark or "")
    if kept is None:
        raise Http404
    body, mime, etag = kept
    response = HttpResponse(body, content_type=mime, headers=headers)
    fresh, stale = int(shelf.fresh.total_seconds()), int(shelf.stale.total_seconds())
    young = f"max-age={fresh}, stale-while-revalidate={stale}" if mark is None else "no-cache"
    response.headers["Cache-Control"] = f"public, {young}"
    # Large letters and the language are cookies; whoever has none has the same page as everybody.
    response.headers["Vary"] = "Cookie"
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)

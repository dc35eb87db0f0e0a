"""How often somebody may fail before being told to wait: counted here, in the memory of the process.

Who holds a voter's token is never refused for the address it comes from: behind one address there may be a
whole factory. An address is only slowed down in presenting what is no token; a visit in presenting what is
no proof.
"""

import time
from threading import Lock

WITHIN = 60  # seconds
MOST_KEPT = 50_000


class Failures:
    """At most `most` failures of one name in a minute."""

    def __init__(self, most: int):
        self._most, self._lock = most, Lock()
        self._minute, self._counts = 0, {}

    def over(self, name: str) -> int:
        """Seconds to wait; 0 for who may try."""
        now = int(time.monotonic())
        if now // WITHIN != self._minute or self._counts.get(name, 0) < self._most:
            return 0
        return WITHIN - now % WITHIN

    def count(self, name: str) -> None:
        minute = int(time.monotonic()) // WITHIN
        with self._lock:
            if minute != self._minute or len(self._counts) > MOST_KEPT:
                self._minute, self._counts = minute, {}
            self._counts[name] = self._counts.get(name, 0) + 1

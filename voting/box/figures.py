"""What the tier counts for the office, put into Redis once a second by a thread of its own.

No ballot waits for Redis: while it is away or hangs the counts are kept here, and added when it is back.
"""

import contextlib
import json
import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Lock, Thread

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from voting.services import tier

EVERY = 1.0  # seconds
WAIT = 0.05  # seconds Redis may take to answer
SHUN = (1.0, 2.0, 5.0, 15.0)  # seconds it is left alone after its first, second … failure
KEPT = 7200  # seconds the counts of a minute are kept
SUM_KEPT = 180 * 86400
SWEEP = 60  # rounds after which processes that are gone are forgotten
MOST = 10_000  # counts kept while Redis is away


class Figures:
    """`state()` is what is said of this process: {"queue": n, "postgres": bool}."""

    def __init__(self, url: str, state: Callable[[], dict]):
        self._redis = redis.Redis.from_url(
            url, socket_timeout=WAIT, socket_connect_timeout=WAIT, retry=Retry(NoBackoff(), 0)
        )
        self._state = state
        self._counts: Counter[tuple[int, int, str]] = Counter()
        self._lock, self._stop = Lock(), Event()
        self._failures, self._not_before = 0, 0.0
        self._thread, self._rounds = None, 0
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def count(self, poll_id: int, what: str) -> None:
        """One more ballot that was accepted, repeated, or refused for a reason."""
        with self._lock:
            self._counts[poll_id, int(time.time()) // 60, what] += 1
        self.begin()

    def begin(self) -> None:
        """Say from now on that this process is there."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = Thread(target=self._run, name="figures", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(EVERY * 2)
        with contextlib.suppress(redis.RedisError, OSError):
            self._redis.hdel(tier.PROCESSES, self.name)
        self._redis.close()

    def _run(self):
        while not self._stop.wait(EVERY):
            if time.monotonic() >= self._not_before:
                self.flush()

    def flush(self) -> bool:
        """Put the counts where the office reads them; False when Redis did not take them."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            with self._redis.pipeline() as line:
                said = {"at": int(time.time())} | self._state()
                line.hset(tier.PROCESSES, self.name, json.dumps(said))
                line.expire(tier.PROCESSES, KEPT)
                for (poll_id, minute, what), number in counts.items():
                    line.hincrby(tier.minute_key(poll_id, minute), what, number)
                    line.expire(tier.minute_key(poll_id, minute), KEPT)
                    line.hincrby(tier.sum_key(poll_id), what, number)
                    line.expire(tier.sum_key(poll_id), SUM_KEPT)
                line.execute()
        except (redis.RedisError, OSError):
            self._keep(counts)
            self._not_before = time.monotonic() + SHUN[min(self._failures, len(SHUN) - 1)]
            self._failures += 1
            return False
        self._failures = 0
        with contextlib.suppress(redis.RedisError, OSError, ValueError, KeyError, TypeError):
            self._sweep()
        return True

    def _sweep(self):
        """Forget processes that ended without a word."""
        self._rounds += 1
        if self._rounds % SWEEP == 1:
            before = time.time() - SWEEP
            said = self._redis.hgetall(tier.PROCESSES).items()
            gone = [name for name, text in said if json.loads(text)["at"] < before]
            if gone:
                self._redis.hdel(tier.PROCESSES, *gone)

    def _keep(self, counts):
        with self._lock:
            self._counts.update(counts)
            if len(self._counts) > MOST:
                self._counts.clear()

"""The public 名录: whoever changes what it shows says so, and the kept answers of every process are old."""

from uuid import uuid4

import structlog
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_MARK = "awards.registry.mark"


def changed() -> None:
    """What the public reads of namings and releases is another once this transaction is committed.

    Called inside it by every service that writes an `Honour` or decides or withdraws a `Release`.
    """
    transaction.on_commit(_turn)


def mark() -> str:
    """What kept answers are held against: another after every change, none while the cache is away.

    A change said to a cache that is away is lost; what it held for is made anew when its time is over.
    """
    try:
        return cache.get(_MARK) or ""
    except (RedisError, OSError):
        return ""


def _turn() -> None:
    try:
        # Not a count: a cache that forgot would begin again at numbers that were used before.
        cache.set(_MARK, uuid4().hex, None)
    except (RedisError, OSError):
        log.warning("registry_mark_lost")

"""How often an unknown caller may knock at a public form. Advisory: without the cache everybody may."""

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.errors import Refused

HOUR = 3600


def full(what: str, who: str, *, most: int) -> bool:
    """Whether the knocks counted so far are past `most`."""
    try:
        return (cache.get(_key(what, who)) or 0) > most
    except (RedisError, OSError):
        return False


def admit(what: str, who: str, *, most: int, seconds: int = HOUR) -> None:
    """Count one knock; refuse past `most` in the time."""
    key = _key(what, who)
    try:
        cache.add(key, 0, seconds)
        knocks = cache.incr(key)
    except (RedisError, OSError, ValueError):
        return
    if knocks > most:
        raise Refused("办理过于频繁，请一小时后再试，或按公告上的方式联系办公室。")


def _key(what: str, who: str) -> str:
    return f"portal.gate.{what}.{who}"

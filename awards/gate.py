"""How often an unknown caller may knock at a public form. Advisory: without the cache everybody may."""

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.errors import Refused

HOUR = 3600


def admit(what: str, who: str, *, most: int, seconds: int = HOUR) -> None:
    """Count one knock; refuse past `most` in the time."""
    key = f"awards.gate.{what}.{who}"
    try:
        cache.add(key, 0, seconds)
        knocks = cache.incr(key)
    except (RedisError, OSError, ValueError):
        return
    if knocks > most:
        raise Refused("办理过于频繁，请一小时后再试，或按公告上的方式联系办公室。")

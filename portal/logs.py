"""What a line of the log must not say: the key in the address of an answer link opens a page, and a name
beside the minute in which somebody objected says who it was."""

import re

_OBJECTING = re.compile(r"/awards/(notices/\d+/object|objections/status(/letter)?)/?(?=[?\s]|$)")
_PERSONAL = ("user_id", "user_agent", "ip")
_KEY = re.compile(r"(/by-link/)[^/\s?\"']+")


def hide_keys(_logger, _method, event: dict) -> dict:
    """A processor of structlog: addresses of answer links without their key."""
    for field, value in event.items():
        if isinstance(value, str) and "/by-link/" in value:
            event[field] = _KEY.sub(r"\1…", value)
    return event


def is_objecting(address: str) -> bool:
    """Whether the address is one under which a citizen objects or follows an objection."""
    return bool(_OBJECTING.search(address))


def hide_objectors(_logger, _method, event: dict) -> dict:
    """A processor of structlog: nothing about who asked, in what is said of a request of an objector."""
    if is_objecting(str(event.get("request", ""))):
        for field in _PERSONAL:
            event.pop(field, None)
    return event

"""What a line of the log must not say: the key in the address of an answer link opens a page."""

import re

_KEY = re.compile(r"(/by-link/)[^/\s?\"']+")


def hide_keys(_logger, _method, event: dict) -> dict:
    """A processor of structlog: addresses of answer links without their key."""
    for field, value in event.items():
        if isinstance(value, str) and "/by-link/" in value:
            event[field] = _KEY.sub(r"\1…", value)
    return event

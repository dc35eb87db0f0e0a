"""The box of this process: made when it is first asked for, for the database the process uses then."""

import os
from threading import Lock

from django.conf import settings
from django.db import connections
from django.utils import timezone

from voting.box.door import Box

_lock = Lock()
_made: dict = {}


def box(name: str = "ballot") -> Box:
    """One box a process and database: a process that was forked, or given another database, has its own."""
    line = connections["default"]
    key = os.getpid(), line.settings_dict["NAME"]
    found = _made.get(key)
    if found is None:
        with _lock:
            found = _made.get(key)
            if found is None:
                found = _made[key] = Box(parameters(line), settings.REDIS_URL, clock=_now, name=name)
    return found


def _now():
    # Looked up each time: the tests move the portal's clock, and the box goes by it.
    return timezone.now()


def close() -> None:
    """End the boxes of this process, as tests do before they drop their database."""
    with _lock:
        for (pid, _name), made in list(_made.items()):
            if pid == os.getpid():
                made.close()
        _made.clear()


def parameters(line) -> dict:
    """Where the database is, without what only the portal's own connections need."""
    found = line.get_connection_params()
    return {name: value for name, value in found.items() if name not in ("cursor_factory", "isolation_level")}

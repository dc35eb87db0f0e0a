"""What waits for a hat: each app tells its own, the home page puts them together."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Todo:
    """One line: a verb, an object, a due date. `count` folds several alike into one line."""

    verb: str
    object: str
    url: str
    due: date | None = None
    count: int = 1
    # True when somebody else has to act first.
    waiting: bool = False


def todos(hat, *, now: datetime) -> list[Todo]:
    lines = []
    for source in settings.TODO_SOURCES:
        lines += import_string(source)(hat, now=now)
    return sorted(lines, key=lambda line: (line.due is None, line.due or date.max))

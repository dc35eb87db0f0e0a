"""Deadlines as people speak of them: how many working days are left, or how far they are past."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from portal.workdays import Calendar, YearNotPublished

#: 委员会决定: what is usual for mending, offered and not imposed; in working days.
USUAL = 5


@dataclass(frozen=True)
class Due:
    """A deadline on a page: the day, the words beside it, and whether it is past."""

    day: date
    words: str
    late: bool


def due(day: date, today: date, calendar: Calendar) -> Due:
    """A deadline counts as kept through its whole day."""
    if day == today:
        return Due(day, _("今天到期"), late=False)
    first, last = min(day, today), max(day, today)
    late = day < today
    try:
        n = workdays_between(first + timedelta(days=1), last, calendar)
    except YearNotPublished:
        n = (last - first).days
        words = _("已逾期 {n} 天") if late else _("还有 {n} 天")
        return Due(day, words.format(n=n), late)
    if n:
        words = _("已逾期 {n} 个工作日") if late else _("还有 {n} 个工作日")
        return Due(day, words.format(n=n), late)
    n = (last - first).days
    words = _("已逾期 {n} 天") if late else _("还有 {n} 天，都不是工作日")
    return Due(day, words.format(n=n), late)


def workdays_between(start: date, end: date, calendar: Calendar) -> int:
    """Working days from `start` to `end`, both counted."""
    return sum(calendar.is_workday(start + timedelta(days=n)) for n in range((end - start).days + 1))


def usual_deadline(today: date, calendar: Calendar) -> date:
    """The working day people usually name; seven days on where the calendar does not reach."""
    try:
        return calendar.add(today, USUAL)
    except YearNotPublished:
        return today + timedelta(days=7)


def period_words(start: date, end: date, calendar: Calendar) -> str:
    """How long something was shown: in working days, the days at both ends counted."""
    try:
        return _("{n} 个工作日").format(n=workdays_between(start, end, calendar))
    except YearNotPublished:
        return _("{n} 天").format(n=(end - start).days + 1)

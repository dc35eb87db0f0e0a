"""The published working days as a calendar that rules can count with."""

from portal.models import CalendarYear
from portal.workdays import Calendar, read_year


def published() -> Calendar:
    """All years the office has entered; a year that is not there raises when it is asked for."""
    rows = CalendarYear.objects.values("year", "source", "holidays", "workdays", "provisional")
    return Calendar.of(read_year(row) for row in rows)

"""When things happened in the demonstration: office hours on working days, counted from its own today."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from portal import calendar
from portal.models import CalendarYear, Membership

#: How far the running editions reach back, and the notice and the poll ahead, in days.
BACK, AHEAD = 200, 45


class Days:
    """Working days around `now`. What was done is done on a day before, never later than `now` itself."""

    def __init__(self, now: datetime):
        self.now = now
        self.today = timezone.localdate(now)
        self.calendar = calendar.published()

    def back(self, n: int, hour: int = 9, minute: int = 0) -> datetime:
        """That hour of the n-th working day before today."""
        day = self.today
        while n:
            day -= timedelta(days=1)
            n -= self.calendar.is_workday(day)
        return moment(day, hour, minute)

    def ahead(self, n: int) -> date:
        """The n-th working day after today."""
        return self.calendar.add(self.today, n)

    def on(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """That hour of the first working day from a date on."""
        found = date(year, month, day)
        while not self.calendar.is_workday(found):
            found += timedelta(days=1)
        return moment(found, hour, minute)

    def spread(self, start: datetime, end: datetime, count: int) -> list[datetime]:
        """`count` moments in office hours between two, in order."""
        first, last = timezone.localdate(start), timezone.localdate(end)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        minutes = [
            moment
            for day in days
            if self.calendar.is_workday(day)
            for moment in _office_hours(day)
            if start < moment < end
        ]
        return [minutes[len(minutes) * n // count] for n in range(count)]


def _office_hours(day: date) -> list[datetime]:
    """Every seven minutes of the mornings and the afternoons."""
    starts = [*range(9 * 60, 11 * 60 + 30, 7), *range(13 * 60 + 30, 17 * 60, 7)]
    return [moment(day, minutes // 60, minutes % 60) for minutes in starts]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def cover(now: datetime, *, by: Membership) -> list[int]:
    """Enter the years the demonstration needs and nobody has published, as provisional: weekends off.

    Returns them. Notices whose period touches such a year are confirmed as 暂定 by hand, as everywhere.
    """
    today = timezone.localdate(now)
    needed = {today.year - 1, (today - timedelta(days=BACK)).year, (today + timedelta(days=AHEAD)).year}
    missing = sorted({*needed, today.year} - set(CalendarYear.objects.values_list("year", flat=True)))
    for year in missing:
        calendar.set_year(
            year=year,
            source="演示：放假安排尚未录入，暂按周末休息推算",
            provisional=True,
            holidays=[],
            workdays=[],
            by=by,
            now=now,
        )
    return missing

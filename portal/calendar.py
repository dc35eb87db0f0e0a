"""The published working days as a calendar that rules can count with."""

from datetime import datetime

from django.db import transaction

from portal import audit
from portal.errors import N_, Refused
from portal.models import CalendarYear, Membership
from portal.permissions import require
from portal.workdays import Calendar, read_year


def published() -> Calendar:
    """All years the office has entered; a year that is not there raises when it is asked for."""
    rows = CalendarYear.objects.values("year", "source", "holidays", "workdays", "provisional")
    return Calendar.of(read_year(row) for row in rows)


@transaction.atomic
def set_year(
    *,
    year: int,
    source: str,
    provisional: bool,
    holidays: list,
    workdays: list,
    by: Membership,
    now: datetime,
) -> CalendarYear:
    """Enter or correct the arrangement of a year. What was counted with it before stays as it was stored."""
    require(by, "portal.manage_calendar")
    if not source.strip():
        raise Refused(N_("请写明依据，例如放假通知的名称和文号；尚未公布的，写明暂按什么推算。"))
    data = {"year": year, "source": source.strip(), "provisional": provisional}
    read = read_year({**data, "holidays": holidays, "workdays": workdays})
    data |= {key: [day.isoformat() for day in sorted(getattr(read, key))] for key in ("holidays", "workdays")}
    row = CalendarYear.objects.select_for_update().filter(pk=year).first()
    before = {key: getattr(row, key) for key in data} if row else {}
    row = row or CalendarYear(pk=year)
    for key, value in data.items():
        setattr(row, key, value)
    row.save()
    changed = {key: [before.get(key), value] for key, value in data.items() if before.get(key) != value}
    audit.record("portal.manage_calendar", row, by=by, now=now, changed=changed)
    return row


@transaction.atomic
def confirm_year(year: int, *, by: Membership, now: datetime) -> CalendarYear:
    """Say that a provisional year is as published; periods may then end in it without a reservation."""
    require(by, "portal.manage_calendar")
    row = CalendarYear.objects.select_for_update().get(pk=year)
    if not row.provisional:
        raise Refused(N_("{year} 年的放假安排已经确认过。"), year=year)
    row.provisional = False
    row.save()
    audit.record("portal.manage_calendar", row, by=by, now=now, changed={"provisional": [True, False]})
    return row

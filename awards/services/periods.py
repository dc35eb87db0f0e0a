"""A period counted on a provisional calendar: whether it still is, and the recount once it is not."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import documents, rules
from awards.models import Notice
from portal import audit, calendar
from portal.models import Membership, Role
from portal.notify import notify
from portal.workdays import Calendar, YearNotPublished


def counted_from(notice: Notice) -> date:
    """The day the period is counted from: when the version was published that started it."""
    while notice.supersedes_id and not notice.restarted:
        notice = notice.supersedes
    return timezone.localdate(notice.published_at)


def recounted_end(notice: Notice, days: Calendar) -> date:
    """The last day by the calendar of today. Raises `YearNotPublished`."""
    return rules.notice_ends(counted_from(notice), notice.workdays, days)


def provisional_now(notice: Notice, days: Calendar | None = None) -> bool:
    """Whether the stored end may still turn out too early; while it may, nobody on the notice is named.

    So it is while a year of the period is provisional, and, once it is confirmed, where the recount ends
    later than what was published: then a correction has to say the later day.
    """
    days = days or calendar.published()
    try:
        if days.provisional(counted_from(notice), notice.ends_on):
            return True
        return notice.provisional_confirmed and recounted_end(notice, days) > notice.ends_on
    except YearNotPublished:
        return True


@transaction.atomic
def recount_notices(*, now: datetime) -> int:
    """Recount, once, each period published on a provisional calendar that was confirmed since.

    Returns how many. The office is told; what was published stays, a later day needs a correction.
    """
    days, done = calendar.published(), 0
    waiting = (
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(in_force=True, provisional_confirmed=True, recount__isnull=True)
        .filter(edition__concluded_at__isnull=True)
        .select_related("edition__host", "supersedes")
        .order_by("pk")
    )
    for notice in waiting:
        try:
            if days.provisional(counted_from(notice), notice.ends_on):
                continue
            ends = recounted_end(notice, days)
        except YearNotPublished:
            continue
        notice.recount = {"at": now.isoformat(), "ends_on": ends.isoformat()}
        notice.save(update_fields=["recount"])
        audit.record(
            "awards.recount_notice",
            notice,
            by=Membership.objects.system(),
            now=now,
            published=notice.ends_on,
            recounted=ends,
        )
        _tell(notice, ends, now)
        done += 1
    return done


def _tell(notice, ends, now):
    later = ends > notice.ends_on
    notify(
        "awards.notice_recounted",
        Membership.objects.at(notice.edition.host, Role.OFFICE).select_related("user"),
        subject=f"{notice.title}的截止日按正式的放假安排复核："
        + (f"应为{documents.end_text(ends)}，请更正公示" if later else "不需要更正"),
        url=reverse("awards:publicity", args=[notice.edition_id]),
        now=now,
        edition=notice.edition,
    )

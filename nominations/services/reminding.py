"""Reminders before a deadline: to those who still have something to do, once a day, and to nobody else."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.models import Membership, Notification, Role
from portal.notify import notify

EVENT = "nominations.remind"
#: 委员会决定: three days and one day before the deadline, and on the day itself.
DAYS_BEFORE = (3, 1, 0)


@transaction.atomic
def remind(edition: Edition, *, now: datetime) -> int:
    """Tell each recommender with unfinished work how long there is; returns how many people were told.

    A second run on the same day finds whom the first has told: it may be run as often as one likes.
    """
    # Two workers at once: the second waits here, and then sees what the first has written.
    edition = Edition.objects.select_for_update().prefetch_related("steps").get(pk=edition.pk)
    today = timezone.localdate(now)
    told = _told_today(edition, today)
    count = 0
    for organisation, rows in _unfinished(edition, today).items():
        hats = Membership.objects.at(organisation, Role.RECOMMENDER).select_related("user")
        hats = [hat for hat in hats if hat.user_id not in told]
        due = min(deadline for _row, deadline in rows)
        count += notify(
            EVENT,
            hats,
            subject=f"{edition.title}：还有 {len(rows)} 家没有办完，{due.month}月{due.day}日截止",
            body="、".join(row.subject_name for row, _deadline in rows),
            url=reverse("nominations:desk", args=[edition.pk]),
            now=now,
            edition=edition,
        )
    return count


def due_editions() -> list[Edition]:
    """Editions in which somebody may still have to be reminded."""
    open_steps = {
        "steps__kind__in": (StepKind.RECOMMENDATION, StepKind.SCREENING),
        "steps__enabled": True,
        "steps__closed_at__isnull": True,
    }
    return list(Edition.objects.running().filter(published=True, **open_steps).distinct().order_by("pk"))


def _unfinished(edition, today: date) -> dict:
    """Recommender → its (nomination, deadline) that fall due on one of the days one reminds of."""
    step = edition.step(StepKind.RECOMMENDATION)
    open_until = (
        timezone.localdate(step.closes) if step.enabled and not step.closed_at and step.closes else None
    )
    rows = (
        Nomination.objects.filter(edition=edition, state__in=(State.DRAFT, State.RECOMMENDATION))
        .select_related("recommender")
        .prefetch_related("returns")
        .order_by("recommender__position", "rank", "pk")
    )
    found = defaultdict(list)
    for row in rows:
        back = next((each for each in row.returns.all() if each.mended_at is None), None)
        deadline = back.deadline if back else open_until
        if deadline is not None and (deadline - today).days in DAYS_BEFORE:
            found[row.recommender].append((row, deadline))
    return found


def _told_today(edition, today: date) -> set[int]:
    start = timezone.make_aware(datetime.combine(today, time.min))
    rows = Notification.objects.filter(
        event=EVENT,
        edition_id=edition.pk,
        created_at__gte=start,
        created_at__lt=start + timedelta(days=1),
    )
    return set(rows.values_list("recipient", flat=True))

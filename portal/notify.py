"""The outbox: what people are told. A row is written with the act; delivery comes after commit."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Notification
from portal.permissions import require

GIVE_UP_AFTER = 6


def notify(
    event: str,
    hats: Iterable[Membership],
    *,
    subject: str,
    body: str = "",
    url: str = "",
    now: datetime,
    edition=None,
    nomination=None,
) -> int:
    """Tell each person behind these hats once, in the site and by mail where there is an address."""
    people = {hat.user_id: hat.user for hat in hats}
    rows = []
    for user in people.values():
        channels = [Notification.Channel.SITE]
        if user.email:
            channels.append(Notification.Channel.MAIL)
        rows += [
            Notification(
                event=event,
                recipient=user,
                channel=channel,
                subject=subject[:200],
                body=body,
                url=url,
                edition_id=getattr(edition, "pk", None) or getattr(nomination, "edition_id", None),
                nomination_id=getattr(nomination, "pk", None),
                created_at=now,
                due_at=now,
                **_delivered(channel, now),
            )
            for channel in channels
        ]
    Notification.objects.bulk_create(rows)
    return len(people)


def told_today(edition, event: str, today: date) -> set[int]:
    """Whom (by user) an edition told of an event on a day: a reminder asks before it repeats itself.

    Hold a lock on the edition while asking and telling, else two workers at once both find nobody told.
    """
    start = timezone.make_aware(datetime.combine(today, time.min))
    rows = Notification.objects.filter(
        event=event, edition_id=edition.pk, created_at__gte=start, created_at__lt=start + timedelta(days=1)
    )
    return set(rows.values_list("recipient", flat=True))


def _delivered(channel, now):
    # A row in the site is its own delivery.
    if channel == Notification.Channel.SITE:
        return {"state": Notification.State.SENT, "sent_at": now}
    return {}


def deliver(notification_id: int, *, now: datetime) -> Notification:
    """Send one queued row; on failure try again later, each time twice as late, at last give up visibly."""
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update(skip_locked=True)
            .filter(pk=notification_id, state=Notification.State.QUEUED, due_at__lte=now)
            .select_related("recipient")
            .first()
        )
        if row is None:
            return Notification.objects.get(pk=notification_id)
        row.attempts += 1
        try:
            send_mail(row.subject, row.body or row.subject, None, [row.recipient.email])
        except OSError as problem:
            row.error = str(problem)[:300]
            row.due_at = now + timedelta(minutes=2**row.attempts)
            if row.attempts >= GIVE_UP_AFTER:
                row.state = Notification.State.FAILED
        else:
            row.state, row.sent_at, row.error = Notification.State.SENT, now, ""
        row.save()
    return row


@transaction.atomic
def try_again(notification: Notification, *, by: Membership, now: datetime) -> None:
    """Put a failed row back into the queue."""
    require(by, "portal.send_again", notification)
    row = Notification.objects.select_for_update().get(pk=notification.pk)
    if row.state != Notification.State.FAILED:
        raise Refused(N_("这条通知没有失败，不需要重发。"))
    row.state, row.attempts, row.due_at = Notification.State.QUEUED, 0, now
    row.save(update_fields=["state", "attempts", "due_at"])
    edition = row.edition_id
    audit.record("portal.send_again", row, by=by, now=now, edition=edition, recipient=str(row.recipient))

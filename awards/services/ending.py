"""The end of a publicity period: the office is told, once, and of what still stands in the way."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards.models import Notice
from awards.services.naming import preview_naming
from portal import audit
from portal.models import Membership, Role
from portal.notify import notify


@transaction.atomic
def tell_of_ended_notices(*, now: datetime) -> int:
    """Tell the office once that a period is over and what stands in the way of naming, if anything does."""
    today = timezone.localdate(now)
    ended = list(
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(ended_told_at__isnull=True, ends_on__lt=today, in_force=True)
        .filter(edition__concluded_at__isnull=True)
        .select_related("edition__host")
        .order_by("pk")
    )
    for notice in ended:
        notice.ended_told_at = now
        notice.save(update_fields=["ended_told_at"])
        preview = preview_naming(notice.edition, today)
        audit.record("awards.notice_ended", notice, by=Membership.objects.system(), now=now)
        notify(
            "awards.notice_ended",
            Membership.objects.at(notice.edition.host, Role.OFFICE).select_related("user"),
            subject=f"{notice.title}已期满，" + ("尚有事项未办结" if preview.blocked else "可以办理命名"),
            body="\n".join(str(reason) for reason in preview.reasons),
            url=reverse("awards:publicity", args=[notice.edition_id]),
            now=now,
            edition=notice.edition,
        )
    return len(ended)

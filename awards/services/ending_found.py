"""不予通过 on what the office itself found when it looked the exclusions up again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from awards.services.looks import fresh, looked_at
from nominations.models import Edition, Nomination
from nominations.services import advance
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def refuse_found(nomination: Nomination, *, reason: str, by: Membership, now: datetime) -> Nomination:
    """S1 四.1: whom a look-up of the office found in an exclusion ends here, with the reason."""
    require(by, "nominations.reject", nomination)
    Edition.objects.select_for_update(no_key=True).get(pk=nomination.edition_id)
    nomination = (
        Nomination.objects.select_for_update(of=("self",)).select_related("edition").get(pk=nomination.pk)
    )
    found = fresh([nomination.pk], timezone.localdate(now))[nomination.pk].found
    if not found or not Nomination.objects.filter(looked_at(), pk=nomination.pk).exists():
        raise Refused("“{name}”没有复核发现的问题，不能据此不予通过。", name=nomination.subject_name)
    if not reason.strip():
        raise Refused("请写明不予通过的理由。")
    ended = advance(nomination, "reject", by=by, now=now, note=reason.strip())
    audit.record(
        "review.find",
        ended,
        by=by,
        now=now,
        verdict="failed",
        reason=reason.strip(),
        looks=[look.pk for look in found.values()],
    )
    return ended

"""工作人员回避: somebody of the office with ties to an enterprise sees nothing of its review.

委员会决定: the grounds are those of the experts. Anyone of the office records it, oneself included; somebody
else lifts it, with a reason.
"""

from datetime import datetime

from django.db import transaction

from nominations.models import Edition, Nomination
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.permissions import require
from review.models import OfficeRecusal


def colleagues(edition: Edition) -> list[User]:
    """Who works in the office of the host, by name."""
    hats = Membership.objects.at(edition.host, Role.OFFICE).select_related("user")
    return sorted({hat.user for hat in hats}, key=lambda user: (user.full_name, user.pk))


def standing(edition: Edition) -> list[OfficeRecusal]:
    """Those that hold, by enterprise."""
    rows = OfficeRecusal.objects.filter(nomination__edition=edition, lifted_at__isnull=True)
    return list(rows.select_related("user", "nomination").order_by("nomination__subject_key", "pk"))


@transaction.atomic
def record(
    nomination: Nomination, user: User, *, reason: str, by: Membership, now: datetime
) -> OfficeRecusal:
    """From now on this person sees nothing of the review of this nomination."""
    require(by, "review.recuse_office", nomination)
    # Two at once wait here, and the second finds it recorded.
    nomination = (
        Nomination.objects.select_related("edition__host")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=nomination.pk)
    )
    if not reason.strip():
        raise Refused("请写明回避的理由。")
    if not Membership.objects.at(nomination.edition.host, Role.OFFICE).filter(user=user).exists():
        raise Refused("{name}不是本届办公室的工作人员。", name=str(user))
    if OfficeRecusal.objects.filter(user=user, nomination=nomination, lifted_at__isnull=True).exists():
        raise Refused("{name}已登记回避“{subject}”。", name=str(user), subject=nomination.subject_name)
    row = OfficeRecusal.objects.create(
        user=user, nomination=nomination, reason=reason.strip()[:300], recorded_at=now, recorded_by=by
    )
    audit.record("review.recuse_office", nomination, by=by, now=now, person=user.username, reason=row.reason)
    return row


@transaction.atomic
def lift(row: OfficeRecusal, *, reason: str, by: Membership, now: datetime) -> OfficeRecusal:
    """It holds no more; never lifted by the person it is about."""
    require(by, "review.recuse_office", row.nomination)
    row = (
        OfficeRecusal.objects.select_for_update(of=("self",))
        .select_related("nomination", "user")
        .get(pk=row.pk)
    )
    if row.lifted_at:
        raise Refused("这一回避已经解除。")
    if row.user_id == by.user_id:
        raise Refused("本人的回避须由办公室其他工作人员解除。")
    if not reason.strip():
        raise Refused("请写明解除回避的理由。")
    row.lifted_at = now
    row.save(update_fields=["lifted_at"])
    audit.record(
        "review.lift_office_recusal",
        row.nomination,
        by=by,
        now=now,
        person=row.user.username,
        reason=reason.strip()[:300],
    )
    return row

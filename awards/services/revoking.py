"""撤销命名: what is taken back, and what may then no longer be changed."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Honour
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def revoke_honour(honour: Honour, *, reason: str, by: Membership, now: datetime) -> Honour:
    """撤销命名: the honour stays in the registry, shown as revoked."""
    honour = locked(honour)
    require(by, "awards.name", honour)
    refuse_revoked(honour)
    if not reason.strip():
        raise Refused("撤销命名须写明理由。")
    honour.revoked_on, honour.revoked_reason = timezone.localdate(now), reason.strip()
    honour.full_clean()
    honour.save()
    audit.record("awards.revoke_honour", honour, by=by, now=now, reason=honour.revoked_reason)
    return honour


def locked(honour):
    return (
        Honour.objects.select_for_update(of=("self",))
        .select_related("host", "enterprise", "nomination__edition")
        .get(pk=honour.pk)
    )


def refuse_revoked(honour):
    if honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不能再作修改。", name=honour.enterprise.name)

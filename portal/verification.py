"""Checking the record from first to last link, and remembering that it was checked."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from portal import audit
from portal.models import AuditEntry, AuditLink, Membership
from portal.permissions import require

ACT = "portal.check_record"
SHOWN = 20


@dataclass(frozen=True)
class Check:
    """What a check came to: up to which link, its hash, and the first broken links (none: whole)."""

    seq: int
    hash: str
    broken: tuple[str, ...]
    at: datetime | None = None
    by: str = ""


def verify() -> Check:
    """Read the whole chain; writes nothing."""
    with transaction.atomic():
        seq, digest = audit.head()
        broken = tuple(islice(audit.broken_links(), SHOWN))
    return Check(seq, digest, broken)


@transaction.atomic
def check_record(*, by: Membership, now: datetime) -> Check:
    """Verify the record and put the outcome on it."""
    require(by, "portal.check_record")
    found = verify()
    subject = AuditLink.objects.order_by("-seq").first() or by
    audit.record(ACT, subject, by=by, now=now, seq=found.seq, hash=found.hash, broken=list(found.broken))
    return found


def last_check() -> Check | None:
    """The newest check on the record."""
    entry = AuditEntry.objects.filter(act=ACT).order_by("-pk").first()
    if entry is None:
        return None
    detail = entry.detail
    return Check(detail["seq"], detail["hash"], tuple(detail["broken"]), entry.at, entry.actor_name)

"""The one log: who did what, to what, when, and why. Append-only, chained, written with the act itself."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, models, transaction

from portal.models import AuditEntry, AuditLink, Membership

GENESIS = "0" * 64


def record(
    act: str, subject: models.Model, *, by: Membership, now: datetime, edition=None, **detail
) -> AuditEntry:
    """Write one line of the record. Must run in the transaction of the act it records."""
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs in the transaction of the act it records")
    nomination_id, edition_id = _places(subject, edition)
    entry = AuditEntry(
        at=now,
        act=act,
        actor_id=by.user_id,
        actor_name=str(by.user),
        role=by.role,
        organisation_name=by.organisation.name if by.organisation_id else "",
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:200],
        edition_id=edition_id,
        nomination_id=nomination_id,
        detail=json.loads(_canonical(detail)),
    )
    entry.body = body_of(entry)
    entry.save()
    return entry


def body_of(entry: AuditEntry) -> str:
    """The canonical text of an entry, as the chain covers it."""
    return _canonical(
        {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "act": entry.act,
            "actor": entry.actor_id,
            "actor_name": entry.actor_name,
            "role": entry.role,
            "organisation": entry.organisation_name,
            "subject": [entry.subject_type, entry.subject_id, entry.subject_label],
            "edition": entry.edition_id,
            "nomination": entry.nomination_id,
            "detail": entry.detail,
        }
    )


def broken_links() -> Iterator[str]:
    """Say, link by link, where the record is not what was written. Nothing yielded: the record is whole."""
    with transaction.atomic():
        before, expected = GENESIS, 1
        links = AuditLink.objects.select_related("entry").order_by("seq").iterator(chunk_size=2000)
        for link in links:
            if link.seq != expected:
                yield f"{expected}: the link is missing (the next one is {link.seq})"
            entry = link.entry
            if body_of(entry) != entry.body:
                yield f"{link.seq}: entry {entry.pk} was changed after it was written"
            if hashlib.sha256((before + entry.body).encode()).hexdigest() != link.hash:
                yield f"{link.seq}: the hash does not follow from the link before and entry {entry.pk}"
            before, expected = link.hash, link.seq + 1
        for pk in AuditEntry.objects.filter(link__isnull=True).values_list("pk", flat=True):
            yield f"entry {pk} has no link"
        # The loop above joins; a link whose entry is gone, being the last, would pass it unseen.
        entry = AuditEntry.objects.filter(pk=models.OuterRef("entry_id"))
        for seq in AuditLink.objects.filter(~models.Exists(entry)).values_list("seq", flat=True):
            yield f"{seq}: the entry of this link is gone"


def head() -> tuple[int, str]:
    """Number and hash of the newest link: what an auditor writes down today to compare tomorrow."""
    link = AuditLink.objects.order_by("-seq").first()
    return (link.seq, link.hash) if link else (0, GENESIS)


def _canonical(data) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _places(subject, edition):
    nomination = subject if subject._meta.label_lower == "nominations.nomination" else None
    nomination = nomination or getattr(subject, "nomination", None)
    if edition is None:
        if subject._meta.label_lower == "nominations.edition":
            edition = subject
        elif nomination is not None:
            edition = nomination.edition_id
        else:
            edition = getattr(subject, "edition_id", None)
    return getattr(nomination, "pk", None), getattr(edition, "pk", edition)

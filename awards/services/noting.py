"""What the team was shown and whom it talked with. Sent twice by a phone, it is there once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from awards.models import CheckedDocument, Inspection, Interview
from awards.services.open_visits import locked
from awards.services.photos import line_of
from awards.services.standing_signatures import void_signatures
from awards.services.writable_visits import open_visit
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

MOST_NOTES = 100
_LENGTHS = {"title": 160, "number": 80, "issuer": 120, "note": 300, "name": 60, "post": 60, "words": 3000}


@transaction.atomic
def note_document(
    inspection: Inspection,
    *,
    client_id: UUID,
    title: str,
    number: str = "",
    issuer: str = "",
    original: bool = True,
    note: str = "",
    line: str = "",
    seen_at: datetime | None = None,
    by: Membership,
    now: datetime,
) -> CheckedDocument:
    """A document seen on the spot; `line` is the key of its line, `seen_at` is now where not said."""
    if not title.strip():
        raise Refused("请写明查看的是什么材料。")
    said = _fitting(title=title, number=number, issuer=issuer, note=note)
    inspection, earlier = _opened(CheckedDocument, inspection, client_id, by=by)
    if earlier is not None:
        return earlier
    made = CheckedDocument.objects.create(
        inspection=inspection,
        line=line_of(inspection, line),
        client_id=client_id,
        original=original,
        seen_at=min(seen_at or now, now),
        noted_by=by,
        **said,
    )
    _recorded("awards.note_document", made, inspection, by=by, now=now, number=made.number)
    return made


@transaction.atomic
def note_interview(
    inspection: Inspection,
    *,
    client_id: UUID,
    name: str,
    post: str = "",
    kind: str = Interview.Kind.WORKER,
    words: str,
    held_at: datetime | None = None,
    by: Membership,
    now: datetime,
) -> Interview:
    """A talk on the spot: with whom, and what was said."""
    if not name.strip() or not words.strip():
        raise Refused("请写明谈话对象的姓名和谈话要点。")
    if kind not in Interview.Kind.values:
        raise Refused("请选择谈话对象的身份。")
    said = _fitting(name=name, post=post, words=words)
    inspection, earlier = _opened(Interview, inspection, client_id, by=by)
    if earlier is not None:
        return earlier
    made = Interview.objects.create(
        inspection=inspection,
        client_id=client_id,
        kind=kind,
        held_at=min(held_at or now, now),
        noted_by=by,
        **said,
    )
    _recorded("awards.note_interview", made, inspection, by=by, now=now, kind=kind)
    return made


@transaction.atomic
def void_note(thing: CheckedDocument | Interview, *, reason: str, by: Membership, now: datetime):
    """Set aside what was noted by mistake; it is kept and marked."""
    inspection = open_visit(thing.inspection, by=by)
    thing = type(thing).objects.select_for_update(of=("self",)).get(pk=thing.pk)
    if thing.voided_at:
        raise Refused("这一条已经作废，不需要再次作废。")
    if not reason.strip():
        raise Refused("请写明作废的原因。")
    thing.voided_at, thing.void_reason = now, reason.strip()
    thing.save(update_fields=["voided_at", "void_reason"])
    _recorded("awards.void_note", thing, inspection, by=by, now=now, reason=thing.void_reason)
    return thing


def _fitting(**texts: str) -> dict[str, str]:
    kept = {name: text.strip().replace("\r\n", "\n").replace("\0", "") for name, text in texts.items()}
    for name, text in kept.items():
        if len(text) > _LENGTHS[name]:
            raise Refused("写得太长：最多 {most} 字，请精简后再存。", most=_LENGTHS[name])
    return kept


def _opened(model, inspection, client_id, *, by):
    """The visit under lock, and what this number of the phone has made already."""
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    earlier = model.objects.filter(client_id=client_id).first()
    if earlier is not None:
        if earlier.inspection_id != inspection.pk:
            raise Refused("这一条已经记在另一家企业的考察里，请重新填写。")
        return inspection, earlier
    inspection = open_visit(inspection, by=by)
    if model.objects.filter(inspection=inspection, voided_at__isnull=True).count() >= MOST_NOTES:
        raise Refused("已记满 {most} 条，请合并后再记。", most=MOST_NOTES)
    return inspection, None


def _recorded(act, thing, inspection, *, by, now, **detail):
    voided = void_signatures(inspection, now=now)
    audit.record(
        act,
        thing,
        by=by,
        now=now,
        edition=inspection.nomination.edition,
        inspection=inspection.pk,
        enterprise=str(inspection),
        voided=voided,
        **detail,
    )

"""The signatures under a visit's record: which stand, what a change does to them, what two make."""

from datetime import datetime

from awards.models import Inspection, VisitSignature
from awards.services.inspector_conflicts import refuse_barred
from portal import audit
from portal.models import Membership


def void_signatures(inspection: Inspection, *, now: datetime) -> list[str]:
    """What was signed has changed: nobody stands by it any more. Returns whose signatures these were."""
    standing = inspection.signatures.filter(void_at__isnull=True)
    names = list(standing.values_list("name", flat=True))
    if names:
        standing.update(void_at=now)
    return names


def standing_of(inspection: Inspection, digest: str) -> dict[str, VisitSignature]:
    """By part, the signatures that stand under this very record."""
    return {each.part: each for each in inspection.signatures.filter(void_at__isnull=True, digest=digest)}


def conclude(inspection: Inspection, *, digest: str, by: Membership, now: datetime) -> Inspection:
    """Two have signed: what was proposed is the verdict. The visit is locked; nothing more is changed."""
    refuse_barred(inspection)
    signed = standing_of(inspection, digest)
    inspection.verdict = inspection.proposed
    inspection.leader_signature = signed[VisitSignature.Part.LEADER].name
    inspection.member_signature = signed[VisitSignature.Part.MEMBER].name
    inspection.recorded_at, inspection.recorded_by = now, by
    inspection.signed_digest = digest
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    lines = list(inspection.lines.all())
    audit.record(
        "awards.record_inspection",
        inspection,
        by=by,
        now=now,
        visited_on=inspection.visited_on,
        verdict=inspection.verdict,
        problem=inspection.problem,
        signatures=[inspection.leader_signature, inspection.member_signature],
        digest=digest,
        differing={line.item: line.found for line in lines if line.agrees is False},
        lines=len(lines),
    )
    return inspection

"""重新考察: a recorded visit is taken up again; what it said is kept beside it."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from awards.models import Inspection, VisitReopening
from awards.services import inspector_conflicts
from awards.services.open_visits import locked
from awards.services.standing_signatures import void_signatures
from awards.services.visit_facts import digest_of
from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require


@transaction.atomic
def reopen_visit(visit: Inspection, *, reason: str, by: Membership, now: datetime) -> VisitReopening:
    """Take the verdict back so that the team can go on. Nobody stands by the record until two sign anew."""
    require(by, "awards.reopen_visit", visit)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=visit.nomination.edition_id)
    require_open(edition, StepKind.INSPECTION)
    nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=visit.nomination_id)
    visit = locked(visit)
    name = nomination.subject_name
    if nomination.state != State.INSPECTION:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能重新考察。", name=name, state=str(nomination.state_label)
        )
    if not visit.verdict:
        raise Refused("“{name}”还没有考察结论，可以直接填写，不需要重新考察。", name=name)
    if not reason.strip():
        raise Refused("请写明重新考察的理由。")
    reopening = VisitReopening.objects.create(
        inspection=visit,
        reason=reason.strip()[:300],
        before=_said(visit),
        reopened_at=now,
        reopened_by=by,
    )
    void_signatures(visit, now=now)
    visit.verdict = visit.leader_signature = visit.member_signature = visit.signed_digest = ""
    visit.recorded_at = visit.recorded_by = None
    visit.disposition = visit.disposal_reason = ""
    visit.disposed_at = visit.disposed_by = None
    visit.version += 1
    visit.save()
    audit.record("awards.reopen_visit", visit, by=by, now=now, before=reopening.before, note=reopening.reason)
    # While it was recorded nobody left it or was put on it.
    inspector_conflicts.refill(edition, [nomination], by=by, now=now)
    notify(
        "awards.visit_reopened",
        Membership.objects.active()
        .filter(user__in=visit.inspectors.all(), role=Role.INSPECTOR)
        .select_related("user"),
        subject=f"请重新考察：{name}",
        body=reopening.reason,
        url=reverse("awards:inspection", args=[visit.pk]),
        now=now,
        nomination=nomination,
    )
    return reopening


def _said(visit: Inspection) -> dict:
    """What the visit came to, so that nothing of it is lost; the lines stay and may be changed."""
    return {
        "verdict": visit.verdict,
        "problem": visit.problem,
        "visited_on": visit.visited_on.isoformat() if visit.visited_on else None,
        "signatures": [visit.leader_signature, visit.member_signature],
        "signed_digest": visit.signed_digest,
        "digest": digest_of(visit),
        "recorded_at": visit.recorded_at.isoformat(),
        "recorded_by": str(visit.recorded_by.user),
        "disposition": visit.disposition,
        "disposal_reason": visit.disposal_reason,
        "lines": [
            {
                "key": line.key,
                "found": line.found,
                "agrees": line.agrees,
                "difference": line.difference,
                "weight": line.weight,
            }
            for line in visit.lines.all()
        ],
    }

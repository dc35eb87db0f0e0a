"""What the office makes of a visit's differences: they do not matter, or they end it here."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from awards.models import CheckLine, Inspection
from awards.services.open_visits import locked
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

HERE = (Inspection.Disposition.ACCEPTED, Inspection.Disposition.ENDED)


@transaction.atomic
def dispose(visit: Inspection, *, disposition: str, reason: str, by: Membership, now: datetime) -> Inspection:
    """Say what the differences of a recorded visit come to, with the reason; `ended` ends it at once.

    Sending it back to screening is `referring.refer`.
    """
    require(by, "awards.dispose", visit)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=visit.nomination.edition_id)
    require_open(edition, StepKind.INSPECTION)
    nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=visit.nomination_id)
    visit = locked(visit)
    name = nomination.subject_name
    if nomination.state != State.INSPECTION:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再处理考察差异。", name=name, state=str(nomination.state_label)
        )
    if not visit.verdict:
        raise Refused("“{name}”还没有考察结论，请先登记考察结论，再处理差异。", name=name)
    failed = visit.verdict == Inspection.Verdict.FAILED
    if not failed and not visit.lines.filter(agrees=False).exists():
        raise Refused("“{name}”的核对清单没有不符的事项，不需要处理。", name=name)
    if disposition not in HERE:
        raise Refused("请选择如何处理：差异不影响结论，或不予通过。")
    if failed and disposition == Inspection.Disposition.ACCEPTED:
        raise Refused(
            "“{name}”的考察结论是不合格，不能按不影响结论处理。结论有误的，请先重新考察。", name=name
        )
    if not reason.strip():
        raise Refused("请写明这样处理的理由和依据。")
    before = [visit.disposition, visit.disposal_reason]
    visit.disposition, visit.disposal_reason = disposition, reason.strip()[:500]
    visit.disposed_at, visit.disposed_by = now, by
    visit.save(update_fields=["disposition", "disposal_reason", "disposed_at", "disposed_by"])
    audit.record(
        "awards.dispose",
        visit,
        by=by,
        now=now,
        disposition=disposition,
        before=before,
        differing=list(visit.lines.filter(agrees=False).values_list("key", flat=True)),
        note=visit.disposal_reason,
    )
    if disposition == Inspection.Disposition.ENDED:
        _end(visit, by=by, now=now)
    return visit


def _end(visit, *, by, now) -> None:
    note = f"实地考察发现与申报不符，不予通过：{visit.disposal_reason}"[:500]
    nomination = advance(visit.nomination, "reject", by=by, now=now, note=note)
    notify(
        "awards.inspection_failed",
        Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user"),
        subject=f"{nomination.subject_name}：差额考察不予通过",
        body=note,
        now=now,
        nomination=nomination,
    )


def undisposed() -> QuerySet[Inspection]:
    """委员会决定: passed, with a material difference nobody has disposed of; these keep the step open."""
    grave = CheckLine.objects.filter(
        inspection=OuterRef("pk"), agrees=False, weight=CheckLine.Weight.MATERIAL
    )
    return Inspection.objects.filter(
        Exists(grave),
        nomination__state=State.INSPECTION,
        verdict=Inspection.Verdict.PASSED,
        disposition="",
    )


def undisposed_in(edition: Edition) -> list[Inspection]:
    return list(undisposed().filter(nomination__edition=edition).select_related("nomination").order_by("pk"))

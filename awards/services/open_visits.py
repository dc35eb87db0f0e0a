"""A visit under lock, for whoever changes it, and whether it is still open to change."""

from awards.models import Inspection
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


def locked(inspection):
    return (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("nomination__edition", "nomination__enterprise")
        .get(pk=inspection.pk)
    )


def refuse_recorded(inspection):
    if inspection.verdict:
        raise Refused("“{name}”的考察结论已经登记，不能重复登记。", name=str(inspection.nomination))


def open_visit(inspection: Inspection, *, by: Membership) -> Inspection:
    """The visit, locked, for somebody who may write on it while it can be written on."""
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    if inspection.verdict:
        raise Refused(
            "“{name}”的考察结论已经登记，考察记录不能再改。确需更正的，请办公室重新考察。",
            name=str(inspection.nomination),
        )
    return inspection

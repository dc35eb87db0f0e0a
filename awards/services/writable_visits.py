"""A visit for somebody who may write on it, while it can be written on."""

from awards.models import Inspection
from awards.services.inspector_conflicts import refuse_away, require_clear
from awards.services.open_visits import locked
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal.errors import Refused
from portal.models import Membership, Role
from portal.permissions import require


def open_visit(inspection: Inspection, *, by: Membership) -> Inspection:
    """The visit, locked. Who must stay away is refused in any hat; an inspector also before declaring."""
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    if inspection.verdict:
        raise Refused(
            "“{name}”的考察结论已经登记，考察记录不能再改。确需更正的，请办公室重新考察。",
            name=str(inspection.nomination),
        )
    if by.role == Role.INSPECTOR:
        require_clear(inspection, by.user)
    else:
        refuse_away(inspection, by.user)
    return inspection

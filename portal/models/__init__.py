from portal.models.calendar import CalendarYear
from portal.models.invariants import InvariantRun
from portal.models.outbox import Notification
from portal.models.people import Membership, Organisation, Role, User
from portal.models.record import AuditEntry, AuditLink

__all__ = [
    "AuditEntry",
    "AuditLink",
    "CalendarYear",
    "InvariantRun",
    "Membership",
    "Notification",
    "Organisation",
    "Role",
    "User",
]

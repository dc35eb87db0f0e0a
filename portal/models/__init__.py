from portal.models.calendar import CalendarYear
from portal.models.outbox import Notification
from portal.models.people import Membership, Organisation, Role, User
from portal.models.record import AuditEntry, AuditLink

__all__ = [
    "AuditEntry",
    "AuditLink",
    "CalendarYear",
    "Membership",
    "Notification",
    "Organisation",
    "Role",
    "User",
]

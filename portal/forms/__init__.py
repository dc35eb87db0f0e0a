from portal.forms.calendar import CalendarForm
from portal.forms.diff import Clash, DiffForm
from portal.forms.record import RecordFilter
from portal.forms.service import CellLine, ServiceForm

__all__ = ["CalendarForm", "CellLine", "Clash", "DiffForm", "RecordFilter", "ServiceForm"]

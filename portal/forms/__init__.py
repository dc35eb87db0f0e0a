from portal.forms.calendar import CalendarForm
from portal.forms.record import RecordFilter
from portal.forms.service import CellLine, ServiceForm

__all__ = ["CalendarForm", "CellLine", "RecordFilter", "ServiceForm"]

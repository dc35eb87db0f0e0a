from awards.models.honours import Disbursement, Expense, Grant, Honour
from awards.models.inspections import Inspection, InspectionFile, InspectionPhoto
from awards.models.notices import Notice, NoticeRow, Objection
from awards.models.shortlists import Shortlist, ShortlistRow

__all__ = [
    "Disbursement",
    "Expense",
    "Grant",
    "Honour",
    "Inspection",
    "InspectionFile",
    "InspectionPhoto",
    "Notice",
    "NoticeRow",
    "Objection",
    "Shortlist",
    "ShortlistRow",
]

from awards.models.grants import (
    Disbursement,
    Expense,
    Grant,
    GrantPlan,
    PlanLine,
    QuarterReport,
    Repayment,
    Use,
    Voucher,
)
from awards.models.honours import Decision, Honour, MedalPerson, Promotion
from awards.models.inspections import (
    CheckedDocument,
    CheckLine,
    Inspection,
    InspectionFile,
    InspectionPhoto,
    Interview,
    VisitSignature,
    VisitSync,
)
from awards.models.notices import Look, Notice, NoticeRow
from awards.models.objections import (
    DutyTurn,
    Extension,
    Handler,
    Hearing,
    Objection,
    ObjectionPaper,
    Objector,
)
from awards.models.papers import IssuedPaper, PaperTemplate
from awards.models.referrals import Referral, VisitReopening
from awards.models.releases import Release
from awards.models.shortlists import Shortlist, ShortlistAddition, ShortlistRow
from awards.models.teams import Inspector, InspectorConflict, Team, TeamMember

__all__ = [
    "CheckLine",
    "CheckedDocument",
    "Decision",
    "Disbursement",
    "DutyTurn",
    "Expense",
    "Extension",
    "Grant",
    "GrantPlan",
    "Handler",
    "Hearing",
    "Honour",
    "Inspection",
    "InspectionFile",
    "InspectionPhoto",
    "Inspector",
    "InspectorConflict",
    "Interview",
    "IssuedPaper",
    "Look",
    "MedalPerson",
    "Notice",
    "NoticeRow",
    "Objection",
    "ObjectionPaper",
    "Objector",
    "PaperTemplate",
    "PlanLine",
    "Promotion",
    "QuarterReport",
    "Referral",
    "Release",
    "Repayment",
    "Shortlist",
    "ShortlistAddition",
    "ShortlistRow",
    "Team",
    "TeamMember",
    "Use",
    "VisitReopening",
    "VisitSignature",
    "VisitSync",
    "Voucher",
]

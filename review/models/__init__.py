from review.models.panel import Assignment, Expert, PanelMember, Recusal, Score, ScoreSheet
from review.models.results import Result, ResultRow
from review.models.screening import Consultation, Finding, Opinion

__all__ = [
    "Assignment",
    "Consultation",
    "Expert",
    "Finding",
    "Opinion",
    "PanelMember",
    "Recusal",
    "Result",
    "ResultRow",
    "Score",
    "ScoreSheet",
]

from review.models.panel import Assignment, Expert, PanelMember, Recusal, Score, ScoreSheet
from review.models.results import Result, ResultRow
from review.models.screening import AnswerLink, Batch, Consultation, Finding, Opinion, Overrule, Proof

__all__ = [
    "AnswerLink",
    "Assignment",
    "Batch",
    "Consultation",
    "Expert",
    "Finding",
    "Opinion",
    "Overrule",
    "PanelMember",
    "Proof",
    "Recusal",
    "Result",
    "ResultRow",
    "Score",
    "ScoreSheet",
]

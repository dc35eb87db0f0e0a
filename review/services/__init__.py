"""What is done in screening and review, by subject."""

from review.services.batches import preview_batch, send_batch, unsent
from review.services.consultations import consult, default_questions
from review.services.declaring import declare_clear, recuse
from review.services.findings import find, propose_findings
from review.services.freezing import close_review
from review.services.opinion_lists import apply_opinions, read_opinions
from review.services.opinion_sheets import apply_answers, handout_answers, keep_answers, read_answers
from review.services.opinions import answer, answer_rest_clear
from review.services.panel import Seat, assign_all, seat_panel
from review.services.reopening import reopen_sheet
from review.services.reviewing import preview_review
from review.services.scores import apply_scores, panel_from_scores, read_scores
from review.services.screening import close_screening, preview_screening
from review.services.screening_tables import write_screening_table
from review.services.sheets import Moved, save_sheet, submit_sheet
from review.services.tables import write_score_table

__all__ = [
    "Moved",
    "Seat",
    "answer",
    "answer_rest_clear",
    "apply_answers",
    "apply_opinions",
    "apply_scores",
    "assign_all",
    "close_review",
    "close_screening",
    "consult",
    "declare_clear",
    "default_questions",
    "find",
    "handout_answers",
    "keep_answers",
    "panel_from_scores",
    "preview_batch",
    "preview_review",
    "preview_screening",
    "propose_findings",
    "read_answers",
    "read_opinions",
    "read_scores",
    "recuse",
    "reopen_sheet",
    "save_sheet",
    "seat_panel",
    "send_batch",
    "submit_sheet",
    "unsent",
    "write_score_table",
    "write_screening_table",
]

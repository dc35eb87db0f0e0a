"""How far the panel is, for the office, expert by expert."""

from collections.abc import Collection
from dataclasses import dataclass

from nominations.models import Edition
from nominations.states import State, StepKind
from review.models import Assignment, PanelMember
from review.services.reviewing import GONE


@dataclass
class ExpertLine:
    """One member: how many were assigned, declared, handed in, recused (by oneself or by a conflict)."""

    member: PanelMember
    assigned: int = 0
    undeclared: int = 0
    drafts: int = 0
    submitted: int = 0
    recused: int = 0
    open: int = 0  # not handed in, of nominations that are still under review

    @property
    def due(self) -> int:
        return self.assigned - self.recused

    @property
    def has_left(self) -> bool:
        return self.member.standing in GONE


def of_experts(edition: Edition, *, without: Collection[int] = ()) -> list[ExpertLine]:
    """Every member in the order of the panel's numbers. Withdrawn nominations are not counted, nor those
    `without` which the reader has to do."""
    lines = {member.pk: ExpertLine(member) for member in edition.panel.select_related("expert", "user")}
    assignments = (
        Assignment.objects.filter(nomination__edition=edition)
        .exclude(nomination__state=State.WITHDRAWN)
        .exclude(nomination__in=without)
        .with_barred()
        .select_related("sheet", "recusal", "nomination")
    )
    is_open = edition.is_open(StepKind.REVIEW)
    for assignment in assignments:
        line = lines[assignment.member_id]
        sheet = getattr(assignment, "sheet", None)
        line.assigned += 1
        if assignment.barred or hasattr(assignment, "recusal"):
            line.recused += 1
        elif sheet and sheet.submitted_at:
            line.submitted += 1
        else:
            line.drafts += sheet is not None
            line.undeclared += not assignment.declared_at
            line.open += is_open and assignment.nomination.state == State.REVIEW
    return list(lines.values())

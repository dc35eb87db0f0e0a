"""How far the panel is, for the office: by expert, and where its members are far apart."""

from dataclasses import dataclass
from fractions import Fraction

from nominations.models import Edition
from nominations.states import State
from review.models import Assignment, PanelMember
from review.rules import sheet_total
from review.services.reviewing import Standing


@dataclass
class ExpertLine:
    """One member: how many were assigned, declared, handed in, recused, and the mean of what was given."""

    member: PanelMember
    assigned: int = 0
    undeclared: int = 0
    drafts: int = 0
    submitted: int = 0
    recused: int = 0
    mean: Fraction | None = None

    @property
    def due(self) -> int:
        return self.assigned - self.recused

    @property
    def left(self) -> int:
        return self.due - self.submitted


def of_experts(edition: Edition) -> list[ExpertLine]:
    """Every member in the order of the panel's numbers; withdrawn nominations are not counted."""
    lines = {member.pk: ExpertLine(member) for member in edition.panel.select_related("expert", "user")}
    weights = {each.pk: each.weight for each in edition.dimensions.all()}
    totals = {pk: [] for pk in lines}
    assignments = (
        Assignment.objects.filter(nomination__edition=edition)
        .exclude(nomination__state=State.WITHDRAWN)
        .select_related("sheet", "recusal")
        .prefetch_related("sheet__scores")
    )
    for assignment in assignments:
        line = lines[assignment.member_id]
        sheet = getattr(assignment, "sheet", None)
        line.assigned += 1
        if hasattr(assignment, "recusal"):
            line.recused += 1
        elif sheet and sheet.submitted_at:
            line.submitted += 1
            points = {score.dimension_id: score.points for score in sheet.scores.all()}
            totals[assignment.member_id].append(sheet_total(points, weights))
        else:
            line.drafts += sheet is not None
            line.undeclared += not assignment.declared_at
    for pk, given in totals.items():
        lines[pk].mean = sum(given, Fraction(0)) / len(given) if given else None
    return list(lines.values())


def disagreement(standings: list[Standing]) -> list[Standing]:
    """委员会决定: shown for information are the tenth of the nominations whose sheets lie furthest apart."""
    spread = [each for each in standings if each.spread]
    spread.sort(key=lambda each: (-each.spread, each.nomination.pk))
    return spread[: -(-len(spread) // 10)]

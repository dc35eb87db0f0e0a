"""What this app adds to the record page of a nomination: the joint check, and what the panel made of it."""

from django.utils import timezone

from nominations.states import State, StepKind
from portal.models import Role
from portal.permissions import can
from review.models import Opinion, ResultRow
from review.services.cases import case_record
from review.services.freezing import standings_of
from review.services.office_sight import is_hidden_from, seen_by
from review.services.reviewing import VALID
from review.services.statistics import refitted

BEFORE = (State.DRAFT, State.RECOMMENDATION)


def sections(hat, nomination) -> list[tuple[str, dict]]:
    """Templates with their contexts: each hat gets what it may see, and nothing of an open review."""
    if nomination.state in BEFORE:
        return []
    found = []
    if hat.role in (Role.OFFICE, Role.AUDITOR, Role.DEPARTMENT):
        found.append(("review/section_screening.html", _screening(hat, nomination)))
    if can(hat, "review.see_scores", nomination):
        found += _scores(hat, nomination)
    elif hat.role in (Role.RECOMMENDER, Role.APPLICANT):
        found += _outcome(nomination)
    return found


def _screening(hat, nomination) -> dict:
    if hat.role != Role.DEPARTMENT:
        return {"record": case_record(nomination, now=timezone.now())}
    questions = nomination.edition.consultations.select_related("department")
    opinions = Opinion.objects.visible_to(hat).filter(nomination=nomination)
    given = {each.consultation_id: each for each in opinions.select_related("answered_by__user")}
    asked = questions.filter(department=hat.organisation)
    return {"opinions": [(question, given.get(question.pk)) for question in asked]}


def _scores(hat, nomination) -> list[tuple[str, dict]]:
    """For those who may see scores: every sheet, and what it comes to; who has to avoid it is told so."""
    if is_hidden_from(hat, nomination):
        return [("review/section_scores.html", {"kept": True})]
    edition = nomination.edition
    row = ResultRow.objects.filter(nomination=nomination).first()
    standings, kept = seen_by(hat, edition, standings_of(edition), closed=row is not None)
    standing = next((each for each in standings if each.nomination.pk == nomination.pk), None)
    if standing is None or not standing.marks:
        return []
    fit = refitted(standings)[nomination.pk].by_expert
    marks = [
        (marks, standing.dropped.get(marks.expert), marks.status == VALID, fit.get(marks.expert))
        for marks in standing.marks
    ]
    context = {"standing": standing, "marks": marks, "frozen": row, "is_part": bool(kept)}
    return [("review/section_scores.html", context)]


def _outcome(nomination) -> list[tuple[str, dict]]:
    """For those who are judged: the result, once it is frozen; never who gave what."""
    row = ResultRow.objects.filter(nomination=nomination).first()
    if row is None:
        return []
    has_vote = nomination.edition.has(StepKind.VOTING)
    return [("review/section_outcome.html", {"row": row, "has_vote": has_vote})]

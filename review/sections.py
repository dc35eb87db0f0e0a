"""What this app adds to the record page of a nomination: the joint check, and what the panel made of it."""

from django.utils import timezone

from nominations.states import State
from portal.models import Role
from portal.permissions import can
from review.models import Opinion, ResultRow
from review.services.cases import case_record
from review.services.freezing import standings_of
from review.services.reviewing import VALID

BEFORE = (State.DRAFT, State.RECOMMENDATION)


def sections(hat, nomination) -> list[tuple[str, dict]]:
    """Templates with their contexts: each hat gets what it may see, and nothing of an open review."""
    if nomination.state in BEFORE:
        return []
    found = []
    if hat.role in (Role.OFFICE, Role.AUDITOR, Role.DEPARTMENT):
        found.append(("review/section_screening.html", _screening(hat, nomination)))
    if can(hat, "review.see_scores", nomination):
        found += _scores(nomination)
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


def _scores(nomination) -> list[tuple[str, dict]]:
    """For those who may see scores: every sheet, and what it comes to."""
    mine = [each for each in standings_of(nomination.edition) if each.nomination.pk == nomination.pk]
    if not mine or not mine[0].marks:
        return []
    standing = mine[0]
    row = ResultRow.objects.filter(nomination=nomination).first()
    marks = [(marks, standing.dropped.get(marks.expert), marks.status == VALID) for marks in standing.marks]
    return [("review/section_scores.html", {"standing": standing, "marks": marks, "frozen": row})]


def _outcome(nomination) -> list[tuple[str, dict]]:
    """For those who are judged: the result, once it is frozen; never who gave what."""
    row = ResultRow.objects.filter(nomination=nomination).first()
    return [("review/section_outcome.html", {"row": row})] if row else []

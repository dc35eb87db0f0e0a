"""What an expert has before them: each task with how far it is, and which comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from nominations.states import State, StepKind
from review.models import Assignment, PanelMember, ScoreSheet

TODO, DRAFT, DONE, ASIDE, CLOSED = "todo", "draft", "done", "aside", "closed"
_RANK = {TODO: 0, DRAFT: 1, DONE: 2, ASIDE: 3, CLOSED: 4}


@dataclass(frozen=True)
class Task:
    """One nomination of mine: how many of the dimensions are scored, and the total once it is handed in."""

    assignment: Assignment
    status: str
    scored: int
    of: int
    reopened: bool
    discussed: bool
    total: Fraction | None

    @property
    def nomination(self):
        return self.assignment.nomination

    @property
    def undeclared(self) -> bool:
        return self.status == TODO and not self.assignment.declared_at

    @property
    def live(self) -> bool:
        return self.status in (TODO, DRAFT, DONE)

    @property
    def order(self) -> tuple:
        return (_RANK[self.status], self.scored, self.nomination.subject_key)


def invitations_of(hat):
    """The invitations this expert has not answered, while the panel is still of use."""
    return PanelMember.objects.filter(
        user=hat.user_id,
        standing=PanelMember.Standing.INVITED,
        edition__steps__kind=StepKind.REVIEW,
        edition__steps__enabled=True,
        edition__steps__closed_at__isnull=True,
    ).select_related("edition")


def is_under_review(nomination) -> bool:
    """Without a vote a nomination stays where it is when the step is closed."""
    return nomination.state == State.REVIEW and nomination.edition.is_open(StepKind.REVIEW)


def tasks_of(hat, **within) -> list[Task]:
    """Mine alone, edition by edition (the latest first), the least finished first."""
    rows = (
        Assignment.objects.visible_to(hat)
        .filter(**within)
        .exclude(nomination__state=State.WITHDRAWN)
        .with_barred()
        .select_related("nomination__edition", "nomination__recommender", "sheet", "recusal", "member")
        .prefetch_related(
            "sheet__scores",
            "sheet__reopenings",
            "nomination__edition__steps",
            "nomination__edition__dimensions",
        )
    )
    found = [_task(each) for each in rows]
    found.sort(key=lambda task: (-task.nomination.edition.year, task.nomination.edition_id, *task.order))
    return found


def next_of(hat, current: Assignment) -> Assignment | None:
    """The least finished of mine in the same edition, not this one."""
    tasks = tasks_of(hat, nomination__edition=current.nomination.edition_id)
    following = first_of(each for each in tasks if each.assignment.pk != current.pk)
    return following.assignment if following else None


def first_of(tasks: Iterable[Task]) -> Task | None:
    """Which to turn to: the least finished of those that may be opened; then those to be declared first."""
    left = [each for each in tasks if each.status in (TODO, DRAFT)]
    return min(left, key=lambda task: (task.undeclared, *task.order), default=None)


def total_of(sheet: ScoreSheet, dimensions: Iterable) -> Fraction:
    """The weighted sum of what is scored so far."""
    weights = {each.pk: each.weight for each in dimensions}
    return sum(
        (
            Fraction(score.points) * Fraction(weights[score.dimension_id]) / 100
            for score in sheet.scores.all()
        ),
        Fraction(0),
    )


def _task(assignment) -> Task:
    sheet = getattr(assignment, "sheet", None)
    dimensions = assignment.nomination.edition.dimensions.all()
    status = _status(assignment, sheet)
    return Task(
        assignment,
        status,
        len(sheet.scores.all()) if sheet else 0,
        len(dimensions),
        status == DRAFT and len(sheet.reopenings.all()) > 0,
        status == DRAFT and sheet.before_discussion is not None,
        total_of(sheet, dimensions) if sheet and sheet.submitted_at else None,
    )


def _status(assignment, sheet) -> str:
    if assignment.barred or hasattr(assignment, "recusal"):
        return ASIDE
    if sheet and sheet.submitted_at:
        return DONE
    if not is_under_review(assignment.nomination):
        return CLOSED
    return DRAFT if sheet else TODO

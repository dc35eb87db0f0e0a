"""Who is at 资格审查 because a visit sent it back there (ADR 18): at it although the step is closed.

Everybody else at 资格审查 is there while the step runs: its lists, counts and papers are about them alone.
"""

from django.db.models import Exists, OuterRef

from nominations.models import Nomination, Step
from nominations.states import State, StepKind


def screening_over(edition: str = "edition") -> Exists:
    """For a query: 资格审查 is closed in the edition; `edition` is the way there (`nomination__edition`)."""
    return Exists(
        Step.objects.filter(edition=OuterRef(edition), kind=StepKind.SCREENING, closed_at__isnull=False)
    )


def is_referred(nomination: Nomination) -> bool:
    if nomination.state != State.SCREENING:
        return False
    return nomination.edition.step(StepKind.SCREENING).closed_at is not None

"""The last step before the publicity, and who stands there: who may be listed comes from it."""

from django.db.models import Exists, OuterRef, Q

from nominations.models import Edition, Nomination, Step
from nominations.order import SCORING, preceding, scored_last
from nominations.states import State, StepKind


def last_step(edition: Edition) -> Step:
    """差额考察; where the edition leaves it out, the last step that scores."""
    return edition.step(preceding(StepKind.PUBLICITY, edition.enabled))


def ranked_at(edition: Edition) -> Step:
    """The step after which the order of the edition is computed."""
    return edition.step(scored_last(edition.enabled))


def without_inspection(edition: str = "edition") -> Exists:
    """For a filter: the edition a row names leaves 差额考察 out."""
    return Exists(Step.objects.filter(edition=OuterRef(edition), kind=StepKind.INSPECTION, enabled=False))


def at_last_step(nomination: str = "") -> Q:
    """For a filter: who stands in the last step before the publicity, over several editions.

    Where that is a step that scores, only once it is closed: before that nobody is sure to be ranked.
    `nomination`: the path to the nomination, with its `__`; empty for nominations themselves.
    """
    return Q(**{f"{nomination}state": State.INSPECTION}) | after_scoring(nomination)


def after_scoring(nomination: str = "") -> Q:
    """For a filter: who stands in a closed step that scores, in an edition without 差额考察."""
    closed = Step.objects.filter(
        edition=OuterRef(f"{nomination}edition"), kind=OuterRef(f"{nomination}state"), closed_at__isnull=False
    )
    return (
        Q(**{f"{nomination}state__in": SCORING}) & Exists(closed) & without_inspection(f"{nomination}edition")
    )


def stands_at_last_step(nomination: Nomination) -> bool:
    """The same of one nomination."""
    step = last_step(nomination.edition)
    return nomination.state == step.kind and (step.kind == StepKind.INSPECTION or step.closed_at is not None)

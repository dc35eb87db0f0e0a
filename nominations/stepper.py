"""The six steps of an edition as a page shows them, each a link to where this hat does its part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nominations.models import Edition, Step
from nominations.states import StepKind
from portal.addresses import address
from portal.models import Membership, Role

_DESKS = (Role.OFFICE, Role.AUDITOR, Role.RECOMMENDER, Role.APPLICANT)
_HOST = (Role.OFFICE, Role.AUDITOR)


@dataclass(frozen=True)
class StepLine:
    kind: str
    title: str
    opens: datetime | None
    closes: datetime | None
    phase: str  # done, now, todo, off
    url: str


def stepper(edition: Edition, hat: Membership | None, *, now: datetime) -> list[StepLine]:
    """What `components/stepper.html` shows. `hat` is None for an anonymous reader."""
    lines, current = [], edition.current_step
    for step in edition.steps.all():
        phase = _phase(step, current)
        url = _PAGES[step.kind](edition, hat, now) if hat and phase != "off" else ""
        lines.append(StepLine(step.kind, str(step.get_kind_display()), step.opens, step.closes, phase, url))
    return lines


def _phase(step: Step, current: Step | None) -> str:
    if not step.enabled:
        return "off"
    if step.closed_at:
        return "done"
    return "now" if step == current else "todo"


def _recommendation(edition, hat, now):
    return address("nominations:desk", edition.pk) if hat.role in _DESKS else ""


def _screening(edition, hat, now):
    return address("review:screening", edition.pk) if hat.role in (*_HOST, Role.DEPARTMENT) else ""


def _review(edition, hat, now):
    if hat.role == Role.EXPERT:
        return address("review:sheets")
    return address("review:progress", edition.pk) if hat.role in _HOST else ""


def _voting(edition, hat, now):
    if hat.role in _HOST:
        return address("voting:poll", edition.pk)
    poll = getattr(edition, "poll", None)
    is_open = poll and poll.opened_at and not poll.closed_at and poll.opens <= now < poll.closes
    return address("voting:booth", poll.pk) if is_open else ""


def _inspection(edition, hat, now):
    return address("awards:inspections", edition.pk) if hat.role in (*_HOST, Role.INSPECTOR) else ""


def _publicity(edition, hat, now):
    if hat.role in _HOST:
        return address("awards:publicity", edition.pk)
    notice = edition.notices.order_by("-published_at", "-pk").values_list("pk", flat=True).first()
    return address("awards:notice", notice) if notice else ""


_PAGES: dict[str, Callable] = {
    StepKind.RECOMMENDATION: _recommendation,
    StepKind.SCREENING: _screening,
    StepKind.REVIEW: _review,
    StepKind.VOTING: _voting,
    StepKind.INSPECTION: _inspection,
    StepKind.PUBLICITY: _publicity,
}

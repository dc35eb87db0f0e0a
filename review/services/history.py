"""What was found before: every state a finding ever had, as the database kept it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps

from nominations.models import Nomination
from review.models import Finding
from review.services.findings import title_of


@dataclass(frozen=True)
class Past:
    """One state of a finding; `by` is empty for the rule's own."""

    when: datetime
    title: str
    word: str
    reason: str
    source: str
    day: date
    by: str


def finding_history(nomination: Nomination) -> list[Past]:
    """Of all items, the latest first."""
    events = apps.get_model("review", "FindingEvent").objects.filter(nomination=nomination)
    return [
        Past(
            when=event.found_at,
            title=title_of(event.item),
            word=str(Finding.Verdict(event.verdict).label),
            reason=event.reason,
            source=event.source,
            day=event.looked_up_on,
            by="" if event.proposed else str(event.found_by.user),
        )
        for event in events.select_related("found_by__user").order_by("-pgh_id")
    ]

"""What the last two steps have waiting, one file per matter."""

from datetime import datetime

from django.utils import timezone

from awards.todos import grants, objections, publicity, referrals, releases, shortlist, visits
from portal.models import Role
from portal.todo import Todo


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None:
        return []
    match hat.role:
        case Role.OFFICE:
            pending = objections.pending(hat)
            return [
                *_inspecting(hat),
                *shortlist.ranking(hat),
                *referrals.todos(hat, timezone.localdate(now)),
                *publicity.todos(hat, pending, timezone.localdate(now)),
                *objections.todos(hat, pending),
                *grants.of_office(hat, timezone.localdate(now)),
                *releases.of_office(hat),
            ]
        case Role.INSPECTOR:
            return visits.own(hat)
        case Role.APPLICANT:
            today = timezone.localdate(now)
            return [
                *objections.to_answer(hat),
                *grants.of_enterprise(hat, today),
                *releases.of_speaker(hat, today),
            ]
        case Role.RECOMMENDER:
            return [*grants.of_union(hat), *releases.of_speaker(hat, timezone.localdate(now))]
    return []


def _inspecting(hat) -> list[Todo]:
    """Edition by edition, first its list, then its visits."""
    return [
        line
        for edition in visits.editions(hat).select_related("shortlist")
        for line in (*shortlist.of(edition), *visits.of(edition))
    ]

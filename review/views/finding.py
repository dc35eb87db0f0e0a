"""What every page here begins with: the edition, asked of the hat worn, and the frame around it."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from nominations.models import Edition, Nomination
from nominations.states import StepKind
from nominations.stepper import stepper
from portal.models import Role
from review.models import Assignment


def find_edition(request, pk: int) -> Edition:
    """The edition; of another host than the office's own it is not found."""
    found = Edition.objects.visible_to(request.hat).select_related("host", "category")
    edition = get_object_or_404(found.prefetch_related("steps"), pk=pk)
    if request.hat.role == Role.OFFICE and edition.host_id != request.hat.organisation_id:
        raise Http404
    return edition


def find_review(request, pk: int) -> Edition:
    """The same for a page of the panel: where the edition has no 专家评审 there is none."""
    edition = find_edition(request, pk)
    if not edition.has(StepKind.REVIEW):
        raise Http404
    return edition


def find_nomination(request, pk: int) -> Nomination:
    found = Nomination.objects.visible_to(request.hat).select_related(
        "edition__host", "enterprise", "recommender", "declaration"
    )
    return get_object_or_404(found.prefetch_related("edition__steps"), pk=pk)


def find_assignment(request, pk: int) -> Assignment:
    found = Assignment.objects.visible_to(request.hat).select_related(
        "member__expert",
        "nomination__edition__host",
        "nomination__enterprise",
        "nomination__recommender",
        "nomination__declaration",
        "sheet",
        "recusal",
    )
    return get_object_or_404(found.prefetch_related("nomination__edition__steps"), pk=pk)


def framed(request, edition, **context) -> dict:
    """The context of a page that belongs to an edition."""
    return {"edition": edition, "steps": stepper(edition, request.hat, now=timezone.now()), **context}

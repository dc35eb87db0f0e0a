"""Who of the office, of supervision and of the administration sees nothing of a review, and where.

Two kinds of people are kept out by `kept_from`: who stepped aside for a nomination, for good; and who scores
it as an expert, until its review is closed, whatever other hat is worn.
"""

from dataclasses import replace
from fractions import Fraction

from django.db.models import Q

from nominations.models import Edition, Nomination
from nominations.rules import competition_ranks
from portal.errors import Refused
from portal.models import Membership, Role
from review.models import kept_from

#: What the record says of a nomination before its review; all else of this app belongs to the review.
_BEFORE = ("review.find", "review.answer", "review.overrule", "review.decide_overrule", "review.attach_proof")
#: What carries points, for those who may not read scores at all.
_SCORES = Q(act__in=("review.score", "review.reopen_sheet")) | Q(act__startswith="review.discuss")


def hidden_from(hat: Membership, edition: Edition) -> frozenset[int]:
    """The nominations of an edition of whose review this person sees nothing: no sheet, figure or count."""
    return frozenset(kept_from(hat).filter(edition=edition).values_list("pk", flat=True))


def is_hidden_from(hat: Membership, nomination: Nomination) -> bool:
    return kept_from(hat).filter(pk=nomination.pk).exists()


def refuse_hidden(hat: Membership, edition: Edition) -> None:
    """For what is done to the whole panel's result: another of the office does it."""
    names = list(kept_from(hat).filter(edition=edition).order_by("pk").values_list("subject_name", flat=True))
    if names:
        raise Refused(
            "您须回避其中 {count} 家企业的评审（{names}），不能办理此事项，请由办公室其他工作人员办理。",
            count=len(names),
            names="、".join(names[:3]),
        )


def seen_by(
    hat: Membership, edition: Edition, standings: list, *, closed: bool
) -> tuple[list, list[Nomination]]:
    """The standings this person may see, and the nominations left out.

    Where some are left out, places are counted among those seen, and before closing nobody is marked as a
    nominee: both would tell where the others stand.
    """
    hidden = hidden_from(hat, edition)
    if not hidden:
        return standings, []
    seen = [each for each in standings if each.nomination.pk not in hidden]
    scores: dict[int, Fraction] = {
        each.nomination.pk: each.outcome.score for each in seen if each.outcome.score is not None
    }
    ranks = competition_ranks(scores)
    shown = [
        replace(
            each,
            rank=ranks.get(each.nomination.pk),
            nominee=each.nominee and closed,
            missed_by=None,
        )
        for each in seen
    ]
    left = [each.nomination for each in standings if each.nomination.pk in hidden]
    return shown, sorted(left, key=lambda each: each.subject_key)


def curtain(hat: Membership) -> Q:
    """The entries of the record this person is not shown. Supervision without anything to avoid reads all."""
    mine = kept_from(hat)
    of_review = Q(act__startswith="review.") & ~Q(act__in=_BEFORE)
    kept = of_review & Q(nomination_id__in=mine.values("pk"))
    # What is said of the scores of a whole edition would tell of the one hidden.
    kept |= _SCORES & Q(nomination_id__isnull=True, edition_id__in=mine.values("edition"))
    match hat.role:
        case Role.AUDITOR | Role.SYSTEM:
            return kept
        case Role.OFFICE:
            others = Edition.objects.exclude(host=hat.organisation_id)
            return kept | (_SCORES & Q(edition_id__in=others.values("pk")))
    return kept | _SCORES

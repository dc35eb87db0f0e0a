"""递补考察: the next in line takes the place of one who left after the list was drawn.

The draw stays as it is, rows and file; what was added stands beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from awards.models import Inspection, Referral, Shortlist, ShortlistAddition, ShortlistRow
from awards.rules.ranking import next_in_line, places_to_fill
from awards.services.board import LEFT
from awards.services.inspecting import plan_inspections
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.last_step import ranked_at
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Listing, Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

ON_THE_LIST = Q(shortlisted=True) | Q(addition__isnull=False)
# Inspected and found wanting, at once or by the departments asked about what was found: the ratio is there
# for that, and nobody is taken in instead.
INSPECTED_OUT = (
    Q(nomination__inspection__verdict=Inspection.Verdict.FAILED)
    | Q(nomination__inspection__disposition=Inspection.Disposition.ENDED)
    | Exists(Referral.objects.filter(nomination=OuterRef("nomination"), outcome=Referral.Outcome.REFUSED))
)


@dataclass(frozen=True)
class Proposal:
    """Who left and was not yet refilled, how many places are to be filled, and who is next by rank.

    `following` are several only where equals stand in one place; they come together.
    """

    leavers: list[ShortlistRow]
    places: int
    following: list[ShortlistRow]

    @property
    def possible(self) -> bool:
        return bool(self.places and self.following)


def listed(edition: Edition) -> QuerySet[ShortlistRow]:
    """Who is to be inspected: drawn and added, also those who left meanwhile; in rank."""
    return (
        _rows(edition)
        .filter(ON_THE_LIST)
        .select_related("nomination__enterprise", "nomination__recommender", "addition__instead_of")
    )


def propose(edition: Edition) -> Proposal:
    """What is to be filled and by whom. Reads only; nothing without a list, or where nobody is visited."""
    shortlist = Shortlist.objects.filter(edition=edition, status=Shortlist.Status.DONE).first()
    if shortlist is None or not edition.has(StepKind.INSPECTION):
        return Proposal([], 0, [])
    gone = listed(edition).filter(nomination__state__in=LEFT).exclude(INSPECTED_OUT)
    leavers = list(gone.filter(nomination__refilled_by__isnull=True))
    held = listed(edition).count() - gone.count()
    waiting = {
        row.nomination_id: row
        for row in _rows(edition)
        .filter(nomination__state=ranked_at(edition).kind, shortlisted=False, addition__isnull=True)
        .select_related("nomination__enterprise", "nomination__recommender")
    }
    following = next_in_line({each: row.rank for each, row in waiting.items()})
    return Proposal(
        leavers,
        places_to_fill(shortlist.size, held, len(leavers)),
        [row for each, row in waiting.items() if each in following],
    )


@transaction.atomic
def top_up(
    edition: Edition,
    *,
    instead_of: Nomination,
    chosen: Iterable[Nomination | int],
    reason: str,
    minute: str = "",
    by: Membership,
    now: datetime,
) -> list[ShortlistAddition]:
    """Take the next in line in for one who left. `chosen` is who was shown as next: nominations or their ids.

    Equals in that place all come in; only one of them stands for the one who left. Where visits are planned
    already, theirs is planned too.
    """
    require(by, "awards.top_up", edition)
    edition = Edition.objects.select_for_update(of=("self",), no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    if not reason.strip():
        raise Refused("请写明递补的理由。")
    # Who withdraws meanwhile is waited for.
    list(Nomination.objects.filter(edition=edition).select_for_update(of=("self",)).order_by("pk"))
    proposal = propose(edition)
    _refuse_leaver(proposal, instead_of)
    rows = {row.nomination_id: row for row in proposal.following}
    if {getattr(each, "pk", each) for each in chosen} != set(rows):
        raise Refused(
            "按名次应递补的是{names}，与您确认的不同。请刷新页面核对后再办理。",
            names=Listing(row.nomination.subject_name for row in proposal.following),
        )
    additions = []
    for place, pk in enumerate(sorted(rows)):
        row = rows[pk]
        advance(
            row.nomination, "shortlist", by=by, now=now,
            note=f"综合第 {row.rank} 名，递补考察（{instead_of.subject_name}退出）：{reason.strip()}"[:500],
        )  # fmt: skip
        additions.append(
            ShortlistAddition.objects.create(
                row=row,
                instead_of=None if place else instead_of,
                reason=reason.strip()[:300],
                minute=minute.strip(),
                added_at=now,
                added_by=by,
            )
        )
    audit.record(
        "awards.top_up",
        edition.shortlist,
        by=by,
        now=now,
        instead_of=instead_of.subject_key,
        added=[rows[pk].nomination.subject_key for pk in sorted(rows)],
        reason=reason.strip(),
        minute=minute.strip(),
    )
    if Inspection.objects.filter(nomination__edition=edition).exists():
        plan_inspections(edition, by=by, now=now)
    _tell(edition, rows.values(), now)
    return additions


def _rows(edition):
    found = ShortlistRow.objects.filter(shortlist__edition=edition, shortlist__status=Shortlist.Status.DONE)
    return found.order_by("rank", "nomination__subject_key")


def _refuse_leaver(proposal, instead_of):
    if all(row.nomination_id != instead_of.pk for row in proposal.leavers):
        raise Refused(
            "“{name}”没有空出考察名额，或已经递补过。请刷新页面查看最新情况。", name=instead_of.subject_name
        )
    if not proposal.places:
        raise Refused("名单上仍有应考察的家数，不需要递补。")
    if not proposal.following:
        raise Refused("没有可以递补的企业：参加排序的企业都已列入名单或退出评选。")


def _tell(edition, rows, now):
    for row in rows:
        nomination = row.nomination
        notify(
            "awards.topped_up",
            Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user"),
            subject=f"{nomination.subject_name}已递补列入考察名单",
            url=reverse("nominations:nomination", args=[nomination.pk]),
            now=now,
            nomination=nomination,
        )

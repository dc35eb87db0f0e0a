"""An edition at the door of the publicity: a list by composite, visited, the visits closed."""

from datetime import UTC, date, datetime
from fractions import Fraction

from awards.models import Inspection, Notice, Shortlist, ShortlistRow
from awards.services import closing_inspection, publishing
from nominations.models import Edition, Nomination
from nominations.services.steps import close_step
from nominations.states import StepKind
from tests import factories

#: 2026年9月24日 (周四) 10:00 in Qingdao; mid-autumn and national holidays follow.
PUBLISHING = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
#: 2026年10月10日 10:00, the day after the fifth working day.
AFTER = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)
LAST_DAY = date(2026, 10, 9)
EARLIER = (StepKind.RECOMMENDATION, StepKind.SCREENING, StepKind.REVIEW, StepKind.VOTING)


def visited(ranks=(1, 2, 3), *, failed=(), host="city", close=True, **fields) -> Edition:
    """Seats for two, one nomination a rank, all visited on 2026-09-10; `failed` ranks did not pass."""
    edition = factories.edition(host=host, seats=fields.pop("seats", 2), **fields)
    office = factories.hat("office", edition.host)
    shortlist = Shortlist.objects.create(
        edition=edition,
        status="done",
        size=len(ranks),
        digest="0" * 64,
        asked_at=PUBLISHING,
        asked_by=office,
    )
    for number, rank in enumerate(ranks, start=1):
        nomination = factories.nomination(edition, state="inspection")
        ShortlistRow.objects.create(
            shortlist=shortlist,
            nomination=nomination,
            rank=rank,
            expert_score=Fraction(100 - rank),
            vote_score=Fraction(100 - rank),
            composite=Fraction(100 - rank),
            picks=100 - rank,
            shortlisted=True,
        )
        Inspection.objects.create(
            nomination=nomination,
            visited_on=date(2026, 9, 10),
            verdict="failed" if rank in failed else "passed",
            problem="演示问题" if rank in failed else "",
            leader_signature="演示组长",
            member_signature=f"演示组员{number}",
            recorded_at=PUBLISHING,
            recorded_by=office,
        )
    if close:
        for kind in EARLIER:
            close_step(edition, kind, by=office, now=PUBLISHING)
        closing_inspection.close_inspection(edition, by=office, now=PUBLISHING)
    return edition


def office_of(edition: Edition):
    return factories.hat("office", edition.host)


def at_rank(edition: Edition, rank: int) -> Nomination:
    return Nomination.objects.get(edition=edition, shortlist_row__rank=rank)


def ids(edition: Edition, *ranks: int) -> list[int]:
    return [at_rank(edition, rank).pk for rank in ranks]


def published(ranks=(1, 2, 3), *, chosen=(1, 2), now=PUBLISHING, **fields) -> Notice:
    edition = visited(ranks, **fields)
    return publishing.publish_notice(edition, chosen=ids(edition, *chosen), by=office_of(edition), now=now)

"""Setting ballots aside and restoring them: appended acts, each with a reason and a person."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from voting.models import Ballot, Poll, Quarantine
from voting.services.counting import ASIDE
from voting.services.polls import locked

LINK = """
    INSERT INTO voting_quarantine_ballots (quarantine_id, ballot_id)
    SELECT %(act)s, id FROM voting_ballot
    WHERE poll_id = %(poll)s AND id = ANY(%(ids)s::uuid[])
"""


def selection(
    poll: Poll, *, since: datetime | None = None, until: datetime | None = None, network: str = ""
) -> QuerySet[Ballot]:
    """The ballots that count, cast in `[since, until)`, from one (keyed) network."""
    newest = Quarantine.objects.filter(ballots=OuterRef("pk")).order_by("-pk").values("kind")[:1]
    act = Coalesce(Subquery(newest), Value(""))  # most ballots have no act at all
    ballots = poll.ballots.annotate(act=act).exclude(act=Quarantine.Kind.SET_ASIDE)
    if since:
        ballots = ballots.filter(cast_at__gte=since)
    if until:
        ballots = ballots.filter(cast_at__lt=until)
    return ballots.filter(network=network) if network else ballots


def aside(poll: Poll) -> set[UUID]:
    """The ballots that are set aside now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ballot_id FROM ({ASIDE}) aside", {"poll": poll.pk})
        return {row[0] for row in cursor.fetchall()}


@transaction.atomic
def set_aside(
    poll: Poll, ballots: Iterable[Ballot | UUID], *, by: Membership, now: datetime, reason: str
) -> Quarantine:
    """Take ballots out of the count; `reason` is published. Nothing is deleted, and it can be undone."""
    return _act(Quarantine.Kind.SET_ASIDE, poll, ballots, by=by, now=now, reason=reason)


@transaction.atomic
def restore(
    poll: Poll, ballots: Iterable[Ballot | UUID], *, by: Membership, now: datetime, reason: str
) -> Quarantine:
    """Put ballots that were set aside back into the count."""
    return _act(Quarantine.Kind.RESTORE, poll, ballots, by=by, now=now, reason=reason)


def of_act(act: Quarantine) -> set[UUID]:
    """Those ballots of an act that are set aside now: what undoing it restores."""
    return aside(act.poll) & set(act.ballots.values_list("pk", flat=True))


def _act(kind, poll, ballots, *, by, now, reason):
    require(by, "voting.quarantine", poll)
    poll = locked(poll)
    if poll.closed_at:
        raise Refused("投票已经计票，结果已冻结，不能再隔离或恢复选票。")
    if not reason.strip():
        raise Refused("请写明理由，理由会随结果公布。")
    asked = {getattr(each, "pk", each) for each in ballots}
    asked = asked & aside(poll) if kind == Quarantine.Kind.RESTORE else asked - aside(poll)
    ids = sorted(Ballot.objects.filter(poll=poll, pk__in=asked).values_list("pk", flat=True))
    if not ids:
        raise Refused("所选范围内没有可以处理的选票，请调整后再试。")
    act = Quarantine.objects.create(
        poll=poll, kind=kind, reason=reason.strip()[:300], done_at=now, done_by=by
    )
    with connection.cursor() as cursor:
        cursor.execute(LINK, {"act": act.pk, "poll": poll.pk, "ids": [str(pk) for pk in ids]})
    audit.record(
        "voting.quarantine",
        poll,
        by=by,
        now=now,
        kind=kind,
        quarantine=act.pk,
        ballots=len(ids),
        reason=act.reason,
    )
    return act

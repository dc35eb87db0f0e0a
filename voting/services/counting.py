"""The tally, from the ballots themselves, and who may see how much of it when."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone

from nominations.models import Edition
from nominations.rules import competition_ranks
from nominations.states import State
from portal.models import Membership
from voting.models import Candidate, Poll, Quarantine, Result, ResultRow
from voting.rules import vote_scores
from voting.services.sequencing import complete

# A ballot counts unless the newest act on it set it aside.
ASIDE = """
    SELECT ballot_id, reason FROM (
        SELECT DISTINCT ON (link.ballot_id) link.ballot_id, act.kind, act.reason
        FROM voting_quarantine act
        JOIN voting_quarantine_ballots link ON link.quarantine_id = act.id
        WHERE act.poll_id = %(poll)s
        ORDER BY link.ballot_id, act.id DESC
    ) newest WHERE kind = 'set_aside'
"""
TALLY = f"""
    SELECT pick, count(*) FROM voting_ballot ballot, unnest(ballot.picks) pick
    WHERE ballot.poll_id = %(poll)s AND ballot.cast_at < %(until)s
      AND NOT EXISTS (SELECT 1 FROM ({ASIDE}) aside WHERE aside.ballot_id = ballot.id)
    GROUP BY pick
"""
REASONS = f"SELECT reason, count(*) FROM ({ASIDE}) aside GROUP BY reason ORDER BY count(*) DESC, reason"


@dataclass(frozen=True)
class Figures:
    cast: int
    set_aside: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def valid(self) -> int:
        return self.cast - self.set_aside


def tally(poll: Poll, *, until: datetime | None = None) -> dict[int, int]:
    """Picks of each candidate's number among the ballots that count (cast before `until`); 0 where none."""
    picks = dict.fromkeys(poll.candidates.values_list("number", flat=True), 0)
    return picks | dict(_rows(TALLY, poll, until=until or "infinity"))


def figures(poll: Poll) -> Figures:
    """How many ballots were cast, how many are set aside, and why."""
    reasons = tuple(_rows(REASONS, poll))
    return Figures(poll.ballots.count(), sum(n for _reason, n in reasons), reasons)


def ballots_by_hour(poll: Poll) -> list[tuple[datetime, int]]:
    return by_hour(poll.ballots.all())


def by_hour(ballots) -> list[tuple[datetime, int]]:
    """How many ballots of a query set were cast in each hour: moments, never picks."""
    hours = ballots.annotate(hour=TruncHour("cast_at")).values_list("hour").annotate(n=Count("pk"))
    return list(hours.order_by("hour"))


def sizes_of(acts: Iterable[Quarantine]) -> dict[int, int]:
    """How many ballots each act dealt with."""
    links = Quarantine.ballots.through.objects.filter(quarantine__in=acts)
    return dict(links.values_list("quarantine_id").annotate(n=Count("pk")))


def networks(poll: Poll, most: int = 12) -> list[tuple[str, int]]:
    """The (keyed) networks most ballots came from: a signal to look at, never a verdict."""
    rows = poll.ballots.exclude(network="").values_list("network").annotate(n=Count("pk"))
    return list(rows.filter(n__gt=1).order_by("-n", "network")[:most])


def refused(poll: Poll) -> dict[str, int]:
    """What a paper record had and the rules refused: reason → number."""
    return dict(poll.refused.values_list("reason", "number"))


def totals_until(poll: Poll, *, now: datetime) -> datetime | None:
    """委员会决定: up to which moment anybody may see totals; None while they are hidden.

    Hidden is hidden from the office too, until the poll is closed and counted.
    """
    if poll.closed_at:
        return poll.closes
    if not poll.opened_at or poll.edition.totals == Edition.Totals.HIDDEN:
        return None
    if poll.edition.totals == Edition.Totals.SHOWN:
        return now
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight > poll.opens else None


@dataclass(frozen=True)
class Line:
    """One candidate's line in the public figures."""

    candidate: Candidate
    picks: int
    score: Fraction | None = None
    rank: int | None = None


def lines(poll: Poll, *, until: datetime) -> list[Line]:
    """The most picked first: the frozen rows once counted, before that the tally so far."""
    candidates = list(poll.candidates.select_related("nomination__vote_row"))
    if poll.closed_at:
        rows = [(each, getattr(each.nomination, "vote_row", None)) for each in candidates]
        found = [Line(each, row.picks, row.score, row.rank) for each, row in rows if row]
    else:
        picks = tally(poll, until=until)
        found = [Line(each, picks[each.number]) for each in candidates]
    return sorted(found, key=lambda line: (-line.picks, line.candidate.number))


def freeze_count(poll: Poll, *, by: Membership, now: datetime) -> Result:
    """The frozen tally of a poll whose row is locked, over a log that is complete.

    Those who withdrew meanwhile get no row.
    """
    log = complete(poll, now=now)
    candidates = list(poll.candidates.select_related("nomination").order_by("number"))
    picks, counted = tally(poll), figures(poll)
    inputs = {
        "rules": poll.edition.digest,
        "opens": timezone.localtime(poll.opens).isoformat(),
        "closes": timezone.localtime(poll.closes).isoformat(),
        "cast": counted.cast,
        "set_aside": counted.set_aside,
        "reasons": [list(line) for line in counted.reasons],
        "refused": refused(poll),
        "log": {"size": log.size, "root": bytes(log.root).hex()},
        "picks": {each.nomination.subject_key: picks[each.number] for each in candidates},
    }
    result = Result.objects.create(
        edition=poll.edition,
        cast=counted.cast,
        set_aside=counted.set_aside,
        inputs=inputs,
        digest=digest(inputs),
        frozen_at=now,
        frozen_by=by,
    )
    standing = {each.nomination: picks[each.number] for each in candidates if _stands(each)}
    scores = vote_scores(standing)
    ranks = competition_ranks(scores)
    ResultRow.objects.bulk_create(
        ResultRow(
            result=result,
            nomination=nomination,
            picks=number,
            score=scores[nomination],
            rank=ranks[nomination],
        )
        for nomination, number in standing.items()
    )
    return result


def digest(inputs: dict) -> str:
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def status_of(ballot) -> Quarantine | None:
    """The act that sets this ballot aside now; None when it counts."""
    newest = ballot.quarantines.order_by("-pk").first()
    return newest if newest and newest.kind == Quarantine.Kind.SET_ASIDE else None


def _stands(candidate):
    return candidate.nomination.state == State.VOTING


def _rows(sql, poll, **params):
    with connection.cursor() as cursor:
        cursor.execute(sql, {"poll": poll.pk, **params})
        return cursor.fetchall()

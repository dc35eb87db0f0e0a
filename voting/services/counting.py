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
from nominations.subjects import full_name
from portal.models import Membership
from voting.models import Candidate, Case, Poll, Quarantine, Result, ResultRow
from voting.rules import vote_scores
from voting.services.sequencing import complete

# A ballot counts unless the newest act on it set it aside. Acts from before there were cases have no grounds.
ASIDE = """
    SELECT ballot_id, reason, grounds FROM (
        SELECT DISTINCT ON (link.ballot_id) link.ballot_id, act.kind, act.reason,
               coalesce(opened.grounds, 'other') AS grounds
        FROM voting_quarantine act
        LEFT JOIN voting_case opened ON opened.id = act.case_id
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
GROUNDS = f"SELECT grounds, count(*) FROM ({ASIDE}) aside GROUP BY grounds ORDER BY count(*) DESC, grounds"
PICKED_ASIDE = f"""
    SELECT pick, grounds, count(*)
    FROM ({ASIDE}) aside JOIN voting_ballot ballot ON ballot.id = aside.ballot_id, unnest(ballot.picks) pick
    GROUP BY pick, grounds ORDER BY pick, count(*) DESC, grounds
"""
PICKED_IN = """
    SELECT pick, count(*) FROM voting_case_ballots link
    JOIN voting_ballot ballot ON ballot.id = link.ballot_id, unnest(ballot.picks) pick
    WHERE link.case_id = %(case)s AND ballot.cast_at < %(until)s GROUP BY pick
"""


@dataclass(frozen=True)
class Figures:
    cast: int
    set_aside: int
    reasons: tuple[tuple[str, int], ...]
    grounds: tuple[tuple[str, int], ...] = ()

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
    grounds = tuple(_rows(GROUNDS, poll))
    return Figures(poll.ballots.count(), sum(n for _reason, n in reasons), reasons, grounds)


def picks_aside(poll: Poll) -> dict[int, dict[str, int]]:
    """Picks among the ballots that are set aside: candidate's number → grounds → picks."""
    found: dict[int, dict[str, int]] = {}
    for number, grounds, picks in _rows(PICKED_ASIDE, poll):
        found.setdefault(number, {})[grounds] = picks
    return found


def picked_in(case: Case, *, now: datetime) -> list["Line"]:
    """Whom the ballots of a case picked, as far as the totals may be seen; nothing while they are hidden."""
    until = totals_until(case.poll, now=now)
    if until is None:
        return []
    picks = dict(_rows(PICKED_IN, case.poll, case=case.pk, until=until))
    named = case.poll.candidates.filter(number__in=picks).select_related("nomination")
    return sorted((Line(each, picks[each.number]) for each in named), key=_order)


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
    candidates = list(poll.candidates.select_related("nomination__vote_row", "nomination__enterprise"))
    if poll.closed_at:
        rows = [(each, getattr(each.nomination, "vote_row", None)) for each in candidates]
        found = [Line(each, row.picks, row.score, row.rank) for each, row in rows if row]
    else:
        picks = tally(poll, until=until)
        found = [Line(each, picks[each.number]) for each in candidates]
    return sorted(found, key=_order)


@dataclass(frozen=True)
class Counted:
    """One candidate in the published figures: valid picks, and those of ballots set aside, by grounds."""

    number: int
    name: str
    picks: int
    aside: dict[str, int]

    @property
    def by_grounds(self) -> list[tuple[str, int]]:
        return _named(self.aside)

    @property
    def set_aside(self) -> int:
        return sum(self.aside.values())

    @property
    def cast(self) -> int:
        return self.picks + self.set_aside


@dataclass(frozen=True)
class Published:
    """What is published of a counted poll: valid is cast less set aside, in all and for each candidate."""

    cast: int
    set_aside: int
    grounds: dict[str, int]
    candidates: tuple[Counted, ...]

    @property
    def by_grounds(self) -> list[tuple[str, int]]:
        return _named(self.grounds)

    @property
    def valid(self) -> int:
        return self.cast - self.set_aside

    @property
    def touched(self) -> list[Counted]:
        """The candidates who lost picks with the ballots set aside."""
        return [each for each in self.candidates if each.set_aside]

    @property
    def untouched(self) -> int:
        return len(self.candidates) - len(self.touched)


def published(poll: Poll) -> Published | None:
    """The frozen figures, by candidate's number; None before the count.

    A count from before there were cases says how many were set aside, not on which grounds nor for whom.
    """
    result = Result.objects.filter(edition=poll.edition_id).first()
    if result is None:
        return None
    picks, aside = result.inputs["picks"], result.inputs.get("aside", {})
    # As they were when it was counted: what is signed is not corrected afterwards.
    names = result.inputs.get("names", {})
    candidates = poll.candidates.select_related("nomination__enterprise").order_by("number")
    return Published(
        cast=result.cast,
        set_aside=result.set_aside,
        grounds=result.inputs.get("grounds")
        or ({Case.Grounds.OTHER.value: result.set_aside} if result.set_aside else {}),
        candidates=tuple(
            Counted(each.number, names.get(key) or full_name(each.nomination), picks[key], aside.get(key, {}))
            for each in candidates
            if (key := each.nomination.subject_key) in picks
        ),
    )


def freeze_count(poll: Poll, *, by: Membership, now: datetime) -> Result:
    """The frozen tally of a poll whose row is locked, over a log that is complete.

    Those who withdrew meanwhile get no row.
    """
    log = complete(poll, now=now)
    candidates = list(poll.candidates.select_related("nomination__enterprise").order_by("number"))
    picks, counted, aside = tally(poll), figures(poll), picks_aside(poll)
    inputs = {
        "rules": poll.edition.digest,
        "title": poll.edition.title,
        "names": {each.nomination.subject_key: full_name(each.nomination) for each in candidates},
        "opens": timezone.localtime(poll.opens).isoformat(),
        "closes": timezone.localtime(poll.closes).isoformat(),
        "cast": counted.cast,
        "set_aside": counted.set_aside,
        "reasons": [list(line) for line in counted.reasons],
        "grounds": dict(counted.grounds),
        "refused": refused(poll),
        "log": {"size": log.size, "root": bytes(log.root).hex()},
        "picks": {each.nomination.subject_key: picks[each.number] for each in candidates},
        "aside": {each.nomination.subject_key: aside.get(each.number, {}) for each in candidates},
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


def _named(grounds: dict[str, int]) -> list[tuple[str, int]]:
    """Grounds in words, the most frequent first."""
    pairs = [(str(Case.Grounds(code).label), number) for code, number in grounds.items()]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _order(line):
    return -line.picks, line.candidate.number


def _stands(candidate):
    return candidate.nomination.state == State.VOTING


def _rows(sql, poll, **params):
    with connection.cursor() as cursor:
        cursor.execute(sql, {"poll": poll.pk, **params})
        return cursor.fetchall()

"""One ballot: judged, inserted once, acknowledged only when it is on disk.

Nothing here touches a session, a user, a counter or the record: a unique constraint is the only authority
on who has voted, and the ballot's own number makes a repeated request the same ballot.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from nominations.states import State
from portal.errors import N_, Refused
from voting import rules
from voting.models import Ballot, Poll
from voting.rules import entries
from voting.services.keys import address_names, keyed, poll_secret
from voting.services.tokens import Voter

#: A voting day is a day in the city, wherever the server stands.
CITY = ZoneInfo("Asia/Shanghai")

#: The columns of a ballot, in the order of a multi-row insert.
COLUMNS = (
    *("id", "poll_id", "voter", "turn", "picks", "cast_at", "record", "commitment"),
    *("address", "network", "device", "block", "home", "dwell"),
)

# The share of the poll's row makes closing wait for this ballot, and this ballot see that it was closed.
INSERT = """
    INSERT INTO voting_ballot (id, poll_id, voter, turn, picks, cast_at, record, commitment, address,
                               network, device, block, home, dwell)
    SELECT %(id)s, poll.id, %(voter)s, %(turn)s, %(picks)s::smallint[], %(at)s, %(record)s, %(commitment)s,
           %(address)s, %(network)s, %(device)s, %(block)s, %(home)s, %(dwell)s::smallint
    FROM voting_poll poll
    WHERE poll.id = %(poll)s AND poll.opened_at IS NOT NULL AND poll.closed_at IS NULL
      AND poll.paused_at IS NULL
    FOR KEY SHARE OF poll
    ON CONFLICT DO NOTHING
    RETURNING id
"""


class BallotRefused(Refused):
    """Why a ballot was not taken: `reason` for the figures, `status` for the answer."""

    status = 422

    def __init__(self, reason: str, message: str, **params):
        super().__init__(message, **params)
        self.reason = reason


class VotedAlready(BallotRefused):
    """This voter's ballot of this turn is there; `first` is it."""

    status = 409

    def __init__(self, first: Ballot):
        super().__init__(
            "again",
            N_("您已于 {when} 投过票，那一张选票有效，本次提交没有计入。"),
            when=f"{timezone.localtime(first.cast_at, CITY):%Y-%m-%d %H:%M:%S}",
        )
        self.first = first


class AnotherBallot(BallotRefused):
    """The same request number with other picks, or from somebody else."""

    status = 409

    def __init__(self):
        super().__init__(
            "conflict", N_("这张选票已经提交过，内容不能更改。请凭回执号查询，或重新打开投票页面。")
        )


@dataclass(frozen=True)
class Terms:
    """What a poll asks of a ballot."""

    opens: datetime
    closes: datetime
    min_picks: int
    max_picks: int
    ballots_per: str

    def verdict(self, picks: Iterable, at: datetime, candidates: Collection) -> str | None:
        return rules.judge(
            list(picks),
            at=at,
            opens=self.opens,
            closes=self.closes,
            candidates=candidates,
            min_picks=self.min_picks,
            max_picks=self.max_picks,
        )

    def turn(self, at: datetime) -> date:
        """The voting day; the opening day where there is one ballot for the whole poll."""
        return rules.turn(at, self.ballots_per, CITY) or self.opens.astimezone(CITY).date()


@dataclass(frozen=True)
class Signals:
    """What a voter's token says of the visit: hints for people, never identity."""

    device: str = ""
    block: str = ""
    home: str = ""
    dwell: int | None = None

    @classmethod
    def of(cls, voter: Voter, *, now: datetime) -> "Signals":
        return cls(voter.device, voter.block, voter.home, voter.dwell(now))


def phase(poll: Poll, now: datetime) -> str:
    """Where a poll is by the server's clock: not_open, waiting, open, paused, over, counted."""
    if not poll.opened_at:
        return "not_open"
    if poll.closed_at:
        return "counted"
    if now < poll.opens:
        return "waiting"
    if now >= poll.closes:
        return "over"
    return "paused" if poll.paused_at else "open"


def terms_of(poll: Poll) -> Terms:
    edition = poll.edition
    return Terms(poll.opens, poll.closes, edition.min_picks, edition.max_picks, edition.ballots_per)


def cast(
    poll: Poll,
    *,
    ballot_id: UUID,
    voter: str,
    picks: Iterable[int],
    now: datetime,
    address: str | None = None,
    signals: Signals = Signals(),
) -> Ballot:
    """Take one ballot, or raise `BallotRefused`. A request repeated after a lost answer is the same ballot.

    `picks` are numbers of candidates, `voter` is the keyed number. Must not run inside a transaction that
    is still open when the voter is thanked.
    """
    picks = sorted(picks)
    no = refusal(poll, picks, now)
    if no is None:
        turn = terms_of(poll).turn(now)
        ballot = _insert(poll, ballot_id, voter, turn, picks, now, address, signals)
        if ballot:
            return ballot
    earlier = Ballot.objects.filter(pk=ballot_id).first()
    if earlier:
        if (earlier.poll_id, earlier.voter, earlier.picks) == (poll.pk, voter, picks):
            return earlier
        raise AnotherBallot
    if no is not None:
        raise no
    first = ballot_of(poll, voter, now)
    # Neither this ballot nor another: the poll was closed or paused while this one was on its way.
    raise VotedAlready(first) if first else not_taking(Poll.objects.get(pk=poll.pk), now)


def ballot_of(poll: Poll, voter: str, now: datetime) -> Ballot | None:
    """The ballot this voter cast in the turn that is now."""
    return Ballot.objects.filter(poll=poll, voter=voter, turn=terms_of(poll).turn(now)).first()


def refusal(poll: Poll, picks: list[int], now: datetime) -> BallotRefused | None:
    """Why these picks would not be taken now, before anybody asks who votes: outside first, then void."""
    return judged(poll, terms_of(poll), picks, now, standing_numbers(poll))


def judged(
    poll: Poll, terms: Terms, picks: list[int], now: datetime, standing: Collection[int]
) -> BallotRefused | None:
    """What `refusal` says, of a poll and of standing candidates that were read before."""
    verdict = terms.verdict(picks, now, standing)
    if verdict == rules.OUTSIDE or phase(poll, now) != "open":
        return not_taking(poll, now)
    return void(terms, picks) if verdict else None


def standing_numbers(poll: Poll) -> set[int]:
    """Who can be picked now: a candidate who withdrew can be picked no more."""
    rows = poll.candidates.exclude(nomination__state=State.WITHDRAWN)
    return set(rows.values_list("number", flat=True))


def void(terms: Terms, picks: list[int]) -> BallotRefused:
    """What is wrong with picks the rules refuse."""
    count = len(set(picks))
    if count < terms.min_picks:
        return BallotRefused(
            rules.VOID,
            "您选了 {count} 家，每张选票至少选 {least} 家，请补选后再提交。",
            count=count,
            least=terms.min_picks,
        )
    if count > terms.max_picks:
        return BallotRefused(
            rules.VOID,
            "您选了 {count} 家，每张选票最多选 {most} 家，请减少后再提交。",
            count=count,
            most=terms.max_picks,
        )
    return BallotRefused(rules.VOID, "选票中有重复的或不在候选名单上的企业，请重新选择。")


def not_taking(poll: Poll, now: datetime) -> BallotRefused:
    """Why a poll takes no ballots at this moment."""
    if phase(poll, now) == "paused":
        return BallotRefused("paused", "投票已暂停，暂不收票，请稍后再来。")
    if phase(poll, now) in ("not_open", "waiting"):
        return BallotRefused(rules.OUTSIDE, "投票还没有开始，请在投票时间内再来。")
    return BallotRefused(rules.OUTSIDE, "投票已经截止，不再受理。截止以服务器时间为准。")


def values(
    secret: bytes,
    poll_id: int,
    *,
    ballot_id: UUID,
    voter: str,
    turn: date,
    picks: list[int],
    at: datetime,
    address: str | None = None,
    signals: Signals = Signals(),
) -> dict:
    """The `COLUMNS` of a ballot, as every way into the box fills them."""
    nonce = entries.nonce(secret, ballot_id)
    where, network = address_names(secret, address)
    return {
        "id": str(ballot_id),
        "poll_id": poll_id,
        "voter": voter,
        "turn": turn,
        "picks": picks,
        "cast_at": at,
        "record": str(entries.record(ballot_id, nonce)),
        "commitment": entries.commitment(nonce, voter),
        "address": where,
        "network": network,
        "device": keyed(secret, "device", signals.device)[:32] if signals.device else "",
        "block": signals.block,
        "home": signals.home,
        "dwell": signals.dwell,
    }


def _insert(poll, ballot_id, voter, turn, picks, now, address, signals):
    row = values(
        poll_secret(poll),
        poll.pk,
        ballot_id=ballot_id,
        voter=voter,
        turn=turn,
        picks=picks,
        at=now,
        address=address,
        signals=signals,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Whatever the server is set to: who is thanked has a ballot on disk.
        cursor.execute("SELECT set_config('synchronous_commit', 'on', true)")
        cursor.execute(INSERT, row | {"poll": poll.pk, "at": now})
        if cursor.fetchone() is None:
            return None
    return Ballot(**row | {"id": ballot_id, "record": UUID(row["record"])})

"""A poll of four candidates, brought to where a test wants it by those who may."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction

from nominations.models import Edition, Enterprise, Nomination
from nominations.services.steps import close_step
from nominations.states import StepKind
from tests import factories
from tests.moments import NOW
from voting.models import Case, Poll, Quarantine
from voting.services import casting, keys, polls, quarantine

OPENS = NOW + timedelta(days=1)
CLOSES = OPENS + timedelta(days=3)
DURING = OPENS + timedelta(hours=1)
BEFORE_VOTING = (StepKind.RECOMMENDATION, StepKind.SCREENING, StepKind.REVIEW)


def voting_edition(candidates: int = 4, **fields) -> Edition:
    """An edition whose nominees wait for a poll, the steps before it closed."""
    made = factories.edition(**fields)
    for _number in range(candidates):
        factories.nomination(made, state="voting")
    with transaction.atomic():
        for kind in BEFORE_VOTING:
            close_step(made, kind, by=office(made), now=NOW)
    return Edition.objects.get(pk=made.pk)


def office(edition):
    return factories.hat("office", edition.host)


def poll(candidates: int = 4, *, opened: bool = True, closes_itself: bool = True, **fields) -> Poll:
    edition = voting_edition(candidates, **fields)
    by = office(edition)
    made = polls.set_up_poll(edition, by=by, now=NOW, opens=OPENS, closes=CLOSES, closes_itself=closes_itself)
    if opened:
        made = polls.open_poll(made, by=by, now=NOW)
    return made


@contextmanager
def key_away(poll: Poll):
    """The file of the poll's key is not where it belongs, as with a disk that is not mounted."""
    path = keys.key_path(poll.key_id)
    away = path.rename(path.with_suffix(".away"))
    keys.forget_secrets()
    try:
        yield
    finally:
        away.rename(path)


def enterprise_of(code: str, name: str) -> Enterprise:
    return Enterprise.objects.create(credit_code=code, name=name, division_name="市南区")


def nominate(edition: Edition, enterprise: Enterprise) -> Nomination:
    return factories.nomination(edition, enterprise, state="voting")


def second(edition):
    """Another person of the same office."""
    return factories.hat("office", edition.host, username=f"second-{edition.host.code}")


def propose(
    poll: Poll, ballots, *, kind="set_aside", now=DURING, reason="演示", grounds="other", **kw
) -> Case:
    by = kw.pop("by", None) or office(poll.edition)
    second(poll.edition)
    return quarantine.propose(poll, ballots, kind=kind, grounds=grounds, reason=reason, by=by, now=now, **kw)


def set_aside(
    poll: Poll, ballots, *, kind="set_aside", now=DURING, reason="演示", grounds="other"
) -> Quarantine:
    """A case as two people make it: proposed by one, approved by the other."""
    case = propose(poll, ballots, kind=kind, now=now, reason=reason, grounds=grounds)
    return quarantine.decide(case, approved=True, by=second(poll.edition), now=now).act


def restore(poll: Poll, ballots, **kw) -> Quarantine:
    return set_aside(poll, ballots, kind="restore", **kw)


def cast(
    poll: Poll, picks=(1,), *, number: str = "19900000001", at=DURING, ballot_id: UUID | None = None, **kw
):
    """One ballot of the holder of a number."""
    return casting.cast(
        poll,
        ballot_id=ballot_id or uuid4(),
        voter=keys.voter_key(poll, number),
        picks=picks,
        now=at,
        **kw,
    )

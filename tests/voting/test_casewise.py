"""A counted poll as if one case had been decided the other way: by hand, and against a model that replays."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.errors import Refused
from tests.voting import ground
from voting.models import Case, Poll
from voting.services import casewise, counting, polls, quarantine

pytestmark = pytest.mark.django_db
CHOICES = [(1,), (1, 2), (2, 3), (3,), (2,), (1, 3)]


def voted():
    poll = ground.poll(closes_itself=False)
    return poll, [ground.cast(poll, picks, number=f"1990000000{n}") for n, picks in enumerate(CHOICES)]


def decide(poll, ballots, kind="set_aside", approved=True, minutes=1):
    case = ground.propose(poll, ballots, kind=kind, now=ground.DURING + timedelta(minutes=minutes))
    return quarantine.decide(
        case,
        approved=approved,
        by=ground.second(poll.edition),
        now=ground.DURING + timedelta(minutes=minutes),
        note="演示",
    )


def closed(poll):
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    return Poll.objects.get(pk=poll.pk)


def picks(poll, number=None, how=casewise.picks_without):
    found = how(poll, Case.objects.get(poll=poll, number=number)) if number else casewise.recounted(poll)
    return tuple(found[each] for each in range(1, 5))


def test_by_hand():
    poll, (a, b, c, d, _e, f) = voted()
    decide(poll, [a, b], minutes=1)  # 1
    decide(poll, [b], kind="restore", minutes=2)  # 2
    decide(poll, [c, d], approved=False, minutes=3)  # 3
    decide(poll, [c, f], minutes=4)  # 4
    decide(poll, [c], kind="restore", minutes=5)  # 5
    decide(poll, [f], kind="restore", approved=False, minutes=6)  # 6
    poll = closed(poll)

    # Aside are a (1) and f (1, 3); b and c were restored.
    assert picks(poll) == (1, 3, 2, 0)
    assert picks(poll, 1) == (2, 3, 2, 0)  # a counts; b counted anyhow
    assert picks(poll, 2) == (0, 2, 2, 0)  # b (1, 2) stays aside
    assert picks(poll, 4) == (2, 3, 3, 0)  # f counts; c counted anyhow
    assert picks(poll, 5) == (1, 2, 1, 0)  # c (2, 3) stays aside
    # d (3) goes; c was set aside and restored later, so that this case does nothing to it
    assert picks(poll, 3, casewise.picks_with) == (1, 3, 1, 0)
    assert picks(poll, 6, casewise.picks_with) == (2, 3, 3, 0)  # f counts again
    approved, declined = casewise.cases_of(poll)
    assert [case.number for case in approved] == [1, 2, 4, 5]
    assert [case.number for case in declined] == [3, 6]


def test_the_frozen_count_is_what_the_ballots_say():
    poll, ballots = voted()
    decide(poll, ballots[:2])
    poll = closed(poll)
    frozen = {row.nomination.candidacy.number: row.picks for row in poll.edition.vote_result.rows.all()}
    assert casewise.recounted(poll) == frozen


def test_nothing_is_told_before_the_count_nor_of_another_case():
    poll, ballots = voted()
    case = decide(poll, ballots[:1])
    declined = decide(poll, ballots[1:2], approved=False)
    for ask in (casewise.picks_without, casewise.picks_with):
        with pytest.raises(Refused, match="还没有计票"):
            ask(poll, case)
    with pytest.raises(Refused, match="还没有计票"):
        casewise.recounted(poll)
    poll = closed(poll)
    with pytest.raises(Refused, match="第 2 号案不是"):
        casewise.picks_without(poll, declined)
    with pytest.raises(Refused, match="第 1 号案不是"):
        casewise.picks_with(poll, case)
    other, more = voted()
    theirs = decide(other, more[:1])
    with pytest.raises(Refused, match="不是本次投票中"):
        casewise.picks_without(poll, theirs)


steps = st.lists(
    st.tuples(
        st.sampled_from(["set_aside", "restore"]),
        st.sets(st.integers(0, len(CHOICES) - 1), min_size=1),
        st.booleans(),
    ),
    max_size=7,
)


def replayed(history, left_out=None, put_in=None):
    """Picks where the acts are played in turn; one may be left out, one that was declined put in."""
    aside: set = set()
    for number, kind, chosen, approved in history:
        if (approved and number != left_out) or number == put_in:
            aside = aside | chosen if kind == "set_aside" else aside - chosen
    counted = Counter(n for place, chosen in enumerate(CHOICES) if place not in aside for n in chosen)
    return tuple(counted[n] for n in range(1, 5))


def test_every_case_of_any_history_against_a_replay():
    poll, ballots = voted()

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(steps)
    def any_history(taken):
        with transaction.atomic():
            history = []
            for minutes, (kind, chosen, approved) in enumerate(taken, start=1):
                try:
                    with transaction.atomic():
                        case = decide(poll, [ballots[n] for n in chosen], kind, approved, minutes)
                except Refused:  # nothing to set aside or to restore
                    continue
                fixed = {n for n, each in enumerate(ballots) if case.ballots.filter(pk=each.pk).exists()}
                history.append((case.number, kind, fixed, approved))
            Poll.objects.filter(pk=poll.pk).update(closed_at=ground.CLOSES)
            counted = Poll.objects.get(pk=poll.pk)
            assert (
                picks(counted) == replayed(history) == tuple(counting.tally(counted)[n] for n in range(1, 5))
            )
            for number, _kind, _fixed, approved in history:
                if approved:
                    assert picks(counted, number) == replayed(history, left_out=number)
                else:
                    assert picks(counted, number, casewise.picks_with) == replayed(history, put_in=number)
            transaction.set_rollback(True)

    any_history()

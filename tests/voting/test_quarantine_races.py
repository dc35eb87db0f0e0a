"""Two at once: proposals that overlap, two decisions, a decision and the count."""

import pytest

from tests.races import overtaking, told
from tests.voting import ground
from voting.models import Case, Quarantine, Result
from voting.services import counting, polls, quarantine

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(poll, number=3):
    ballots = [ground.cast(poll, (1,), number=f"1990000000{n}") for n in range(number)]
    return ballots, ground.propose(poll, ballots)


def approve(case, poll, now=ground.DURING):
    return lambda: quarantine.decide(case, approved=True, by=ground.second(poll.edition), now=now)


def test_two_proposals_get_numbers_of_their_own():
    poll = ground.poll()
    ballots, _case = waiting(poll)
    outcomes = overtaking(*[lambda: ground.propose(poll, ballots[:2])] * 2)
    assert not any(told(each) for each in outcomes)
    assert list(poll.cases.values_list("number", flat=True)) == [1, 2, 3]


def test_two_decisions_are_one():
    poll = ground.poll()
    _ballots, case = waiting(poll)
    outcomes = overtaking(approve(case, poll), approve(case, poll))
    assert [told(each) for each in outcomes] == [False, True]
    assert Quarantine.objects.get().ballots.count() == 3


def test_of_two_cases_over_one_ballot_one_takes_it():
    poll = ground.poll()
    ballots, case = waiting(poll)
    other = ground.propose(poll, ballots[2:])
    outcomes = overtaking(approve(case, poll), approve(other, poll))
    assert [told(each) for each in outcomes] == [False, True]
    assert Quarantine.objects.get().case == case and counting.figures(poll).set_aside == 3


def test_the_count_waits_for_a_decision_under_way():
    poll = ground.poll()
    _ballots, case = waiting(poll)
    by = ground.office(poll.edition)
    outcomes = overtaking(
        approve(case, poll, ground.CLOSES), lambda: polls.close_poll(poll, by=by, now=ground.CLOSES)
    )
    assert not any(told(each) for each in outcomes)
    assert Result.objects.get().set_aside == 3


def test_a_proposal_that_comes_after_the_count_is_refused():
    poll = ground.poll()
    ballots = [ground.cast(poll, (1,))]
    ground.second(poll.edition)
    by = ground.office(poll.edition)
    outcomes = overtaking(
        lambda: polls.close_poll(poll, by=by, now=ground.CLOSES),
        lambda: ground.propose(poll, ballots, now=ground.CLOSES),
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert not Case.objects.exists()

"""Two at once: the poll saved anew, its edition changed, the poll opened."""

import pytest

from nominations.services.editions import change_edition
from tests.moments import NOW
from tests.races import overtaking, queueing, told
from tests.voting import ground
from voting.models import Poll
from voting.services import polls

pytestmark = pytest.mark.django_db(transaction=True)


def save(poll):
    by = ground.office(poll.edition)
    return lambda: polls.set_up_poll(poll.edition, by=by, now=NOW, opens=ground.OPENS, closes=ground.CLOSES)


def opening(poll):
    by = ground.office(poll.edition)
    return lambda: polls.open_poll(poll, by=by, now=NOW)


def test_who_opens_and_who_saves_never_wait_for_each_other():
    poll = ground.poll(opened=False)
    outcomes = queueing(lambda: polls.locked(poll), opening(poll), save(poll))
    assert [told(each) for each in outcomes] == [False, True]
    assert "已经开启" in str(outcomes[1])
    assert Poll.objects.get().opened_at == NOW


def test_who_saves_before_is_waited_for():
    poll = ground.poll(opened=False)
    outcomes = queueing(lambda: polls.locked(poll), save(poll), opening(poll))
    assert not any(told(each) for each in outcomes)
    assert Poll.objects.get().opened_at == NOW


def test_who_saves_while_it_is_counted_is_told_that_it_was_opened():
    poll = ground.poll()
    by = ground.office(poll.edition)
    outcomes = queueing(
        lambda: polls.locked(poll), lambda: polls.close_poll(poll, by=by, now=ground.CLOSES), save(poll)
    )
    assert [told(each) for each in outcomes] == [False, True]
    assert "已经开启" in str(outcomes[1])


def test_opening_asks_the_rules_as_they_are_once_it_is_its_turn():
    poll = ground.poll(opened=False)
    by = ground.office(poll.edition)
    outcomes = overtaking(lambda: change_edition(poll.edition, by=by, now=NOW, max_picks=5), opening(poll))
    assert [told(each) for each in outcomes] == [False, True]
    assert "最多可选" in str(outcomes[1])
    assert not Poll.objects.get().opened_at

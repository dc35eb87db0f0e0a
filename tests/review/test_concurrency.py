"""Two at once, on real PostgreSQL: one result, and nothing slips in between judging and moving."""

import threading

import pytest
from django.db import connection

from nominations.models import Nomination
from nominations.states import State
from portal.errors import Refused
from review import services
from review.models import Opinion, Result, ScoreSheet
from tests.moments import NOW
from tests.review.conftest import assignment, declare, submit

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts in threads that start together; what each returned or raised."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait(10)
            outcomes[place] = act()
        except Exception as problem:
            outcomes[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def refusals(outcomes):
    return [each for each in outcomes if isinstance(each, Refused)]


def test_two_closings_of_the_review_freeze_one_result(reviewed):
    for nomination in range(3):
        for expert in range(3):
            submit(reviewed, expert, nomination, 80 + nomination, 80, 80)

    def close():
        return services.close_review(reviewed.edition, by=reviewed.office, now=NOW)

    outcomes = at_once(close, close)
    assert len(refusals(outcomes)) == 1
    assert "已经关闭" in str(refusals(outcomes)[0])
    assert [type(each) for each in outcomes if each not in refusals(outcomes)] == [Result]
    assert Result.objects.get().rows.count() == 3


def test_two_closings_of_the_screening_move_everyone_once(all_clear):
    def close():
        return services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)

    outcomes = at_once(close, close)
    assert len(refusals(outcomes)) == 1
    assert set(all_clear.edition.nominations.values_list("state", flat=True)) == {State.REVIEW}


@pytest.mark.parametrize("_round", range(5))
def test_an_answer_while_closing_counts_or_comes_too_late(all_clear, _round):
    nomination = all_clear.nominations[0]

    def close():
        return services.close_screening(all_clear.edition, by=all_clear.office, now=NOW)

    def problem():
        return services.answer(
            nomination,
            all_clear.kjj,
            by=all_clear.science,
            now=NOW,
            answer="problem",
            explanation="撤稿一篇",
        )

    closed, answered = at_once(close, problem)
    assert not isinstance(closed, Exception)
    state = Nomination.objects.get(pk=nomination.pk).state
    stored = Opinion.objects.get(nomination=nomination, consultation=all_clear.kjj).answer
    if isinstance(answered, Refused):
        assert (state, stored) == (State.REVIEW, "clear")
    else:
        assert (state, stored) == (State.REJECTED, "problem")


@pytest.mark.parametrize("_round", range(5))
def test_a_sheet_handed_in_while_closing_counts_or_comes_too_late(reviewed, _round):
    for nomination in range(3):
        for expert in range(3):
            submit(reviewed, expert, nomination, 80, 80, 80)
    declare(reviewed, 3, 0)

    def close():
        return services.close_review(reviewed.edition, by=reviewed.office, now=NOW)

    def hand_in():
        return services.submit_sheet(
            assignment(reviewed, 3, 0),
            scores={"mechanism": "100", "platform": "100", "effect": "100"},
            version=0,
            by=reviewed.experts[3],
            now=NOW,
        )

    closed, handed_in = at_once(close, hand_in)
    assert isinstance(closed, Result)
    row = closed.rows.get(nomination=reviewed.nominations[0])
    if isinstance(handed_in, Refused):
        assert (row.sheets, row.score) == (3, 80)
    else:
        assert (row.sheets, row.score) == (4, 85)


def test_two_tabs_saving_the_same_version_leave_one(reviewed):
    declare(reviewed, 0, 0)

    def save(points):
        return lambda: services.save_sheet(
            assignment(reviewed, 0, 0),
            scores={"mechanism": points},
            version=0,
            by=reviewed.experts[0],
            now=NOW,
        )

    outcomes = at_once(save("60"), save("70"))
    assert len(refusals(outcomes)) == 1
    assert ScoreSheet.objects.get().version == 1

from datetime import date, timedelta

import pytest

from tests import factories
from tests.moments import NOW
from tests.voting import ground
from voting.sections import sections
from voting.services import polls, quarantine
from voting.services.destroying import destroy_secret
from voting.todo import todos

pytestmark = pytest.mark.django_db


def lines(hat, now):
    return [(line.verb, line.due, line.waiting) for line in todos(hat, now=now)]


def test_what_waits_for_the_office_from_setting_up_to_counting():
    edition = ground.voting_edition(4)
    by = ground.office(edition)
    assert lines(by, NOW) == [("设置投票", None, False)]
    poll = polls.set_up_poll(
        edition, by=by, now=NOW, opens=ground.OPENS, closes=ground.CLOSES, closes_itself=False
    )
    assert lines(by, NOW) == [("开启投票", date(2026, 6, 2), False)]
    polls.open_poll(poll, by=by, now=NOW)
    assert lines(by, NOW) == [("等待投票开始", date(2026, 6, 2), True)]
    assert lines(by, ground.DURING) == [("等待投票截止", date(2026, 6, 5), True)]
    polls.pause_poll(poll, by=by, now=ground.DURING, note="演示")
    assert lines(by, ground.DURING) == [("恢复已暂停的投票", date(2026, 6, 5), False)]
    assert lines(by, ground.CLOSES) == [("核查异常票并计票", date(2026, 6, 5), False)]
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    assert lines(by, ground.CLOSES) == []
    over = ground.CLOSES + timedelta(days=30)
    assert lines(by, over - timedelta(seconds=1)) == []
    assert lines(by, over) == [("请运维人员销毁投票密钥", date(2026, 7, 5), False)]
    destroy_secret(poll, by=by, now=over)
    assert lines(by, over) == []


def test_nothing_waits_for_anybody_else():
    ground.poll(opened=False)
    for hat in (
        factories.hat("auditor"),
        factories.hat("recommender"),
        factories.hat("office", factories.district("市北区")),
        None,
    ):
        assert todos(hat, now=NOW) == []


def test_the_cost_does_not_grow(django_assert_num_queries):
    for _n in range(3):
        ground.poll()
        ground.voting_edition(2)
    hat = factories.hat("office")
    with django_assert_num_queries(4):
        assert len(todos(hat, now=NOW)) == 6


def test_a_case_waits_for_another_than_who_proposed_it():
    poll = ground.poll()
    by, second = ground.office(poll.edition), ground.second(poll.edition)
    ballots = [ground.cast(poll, number=f"1990000000{n}") for n in range(2)]
    case = ground.propose(poll, ballots[:1])
    assert lines(by, ground.DURING)[1:] == [("等待另一人决定异常票处置案", date(2026, 6, 5), True)]
    assert lines(second, ground.DURING)[1:] == [("决定异常票处置案", date(2026, 6, 5), False)]
    assert todos(second, now=ground.DURING)[1].url == f"/vote/case/{case.pk}/"
    ground.propose(poll, ballots[1:], by=second)
    for hat in (by, second):
        assert lines(hat, ground.DURING)[1:] == [("决定异常票处置案", date(2026, 6, 5), False)]
    # The clock does not count while somebody's answer is missing, and says so to both.
    for hat in (by, second):
        assert lines(hat, ground.CLOSES)[0] == ("先决定异常票处置案，再计票", date(2026, 6, 5), False)
    for each in poll.cases.all():
        decider = second if each.proposed_by == by else by
        quarantine.decide(each, approved=True, by=decider, now=ground.CLOSES)
    assert lines(by, ground.CLOSES) == [("等待自动计票", date(2026, 6, 5), True)]


def test_the_record_page_has_the_vote_once_it_is_counted():
    poll = ground.poll()
    by = ground.office(poll.edition)
    ground.cast(poll, (1,))
    nomination = poll.candidates.get(number=1).nomination
    assert sections(by, nomination) == []
    polls.close_poll(poll, by=by, now=ground.CLOSES + timedelta(hours=1))
    ((template, context),) = sections(by, nomination)
    assert template == "voting/section.html"
    assert (context["row"].picks, context["result"].cast) == (1, 1)

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from nominations.models import Edition
from nominations.services import advance
from nominations.services.editions import change_edition
from nominations.states import StepKind
from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from tests import factories
from tests.moments import NOW
from tests.voting import ground
from voting import tasks
from voting.models import Poll, Result, ResultRow
from voting.services import counting, polls, quarantine

pytestmark = pytest.mark.django_db


def set_up(edition, by=None, **other):
    times = {"opens": ground.OPENS, "closes": ground.CLOSES} | other
    return polls.set_up_poll(edition, by=by or ground.office(edition), now=NOW, **times)


def test_candidates_are_the_nominees_numbered_by_no_ranking():
    edition = ground.voting_edition(4)
    late = factories.nomination(edition, state="review")
    poll = set_up(edition)
    rows = list(poll.candidates.order_by("number").select_related("nomination"))
    assert [row.number for row in rows] == [1, 2, 3, 4]
    keys = [row.nomination.subject_key for row in rows]
    assert keys == sorted(keys) and late.subject_key not in keys
    step = edition.steps.get(kind=StepKind.VOTING)
    assert (step.opens, step.closes) == (ground.OPENS, ground.CLOSES)


def test_a_poll_can_be_set_up_again_until_it_is_opened():
    edition = ground.voting_edition(4)
    poll = set_up(edition)
    assert set_up(edition, closes=ground.CLOSES + timedelta(days=1)).pk == poll.pk
    assert Poll.objects.get().candidates.count() == 4
    polls.open_poll(poll, by=ground.office(edition), now=NOW)
    with pytest.raises(Refused, match="已经开启"):
        set_up(edition)


@pytest.mark.parametrize(
    "candidates, times, words",
    [
        (0, {}, "还没有提名企业"),
        (1, {}, "没有选择的余地"),
        (4, {"opens": ground.CLOSES}, "晚于开始时间"),
        (4, {"opens": NOW - timedelta(days=2), "closes": NOW}, "已经过去"),
    ],
)
def test_a_poll_that_leaves_no_choice_is_refused(candidates, times, words):
    edition = ground.voting_edition(candidates)
    with pytest.raises(Refused, match=words):
        set_up(edition, **times)
    assert not Poll.objects.exists()


def test_only_the_office_of_the_host_sets_up_and_opens():
    edition = ground.voting_edition(4)
    strangers = [
        factories.hat("auditor"),
        factories.hat("recommender"),
        factories.hat("office", factories.district("市北区")),
        Membership.objects.public(),
    ]
    for hat in strangers:
        with pytest.raises(PermissionDenied):
            set_up(edition, by=hat)
    poll = set_up(edition)
    for hat in strangers:
        for service in (polls.open_poll, polls.close_poll):
            with pytest.raises(PermissionDenied):
                service(poll, by=hat, now=ground.CLOSES)
        with pytest.raises(PermissionDenied):
            polls.pause_poll(poll, by=hat, now=ground.DURING, note="演示")


def test_opening_freezes_the_rules_with_a_digest():
    poll = ground.poll()
    edition = Edition.objects.get(pk=poll.edition_id)
    assert edition.frozen_at == NOW and len(edition.digest) == 64
    with pytest.raises(Refused, match="冻结"):
        change_edition(edition, by=ground.office(edition), now=NOW, max_picks=3)
    entry = AuditEntry.objects.get(act="voting.open_poll")
    assert entry.detail["rules"] == edition.digest and len(entry.detail["candidates"]) == 4
    with pytest.raises(Refused, match="不需要再次"):
        polls.open_poll(poll, by=ground.office(edition), now=NOW)


def test_opening_asks_again_what_may_have_changed_since_the_set_up():
    poll = ground.poll(opened=False)
    by = ground.office(poll.edition)
    gone = poll.candidates.first().nomination
    advance(gone, "withdraw", by=by, now=NOW, note="演示撤回")
    with pytest.raises(Refused, match="不一致"):
        polls.open_poll(poll, by=by, now=NOW)
    set_up(poll.edition)
    change_edition(poll.edition, by=by, now=NOW, max_picks=4)
    with pytest.raises(Refused, match="最多可选"):
        polls.open_poll(poll, by=by, now=NOW)
    assert not Poll.objects.get().opened_at
    assert not Edition.objects.get(pk=poll.edition_id).frozen_at


def test_a_poll_is_not_opened_when_it_would_be_over():
    poll = ground.poll(opened=False)
    with pytest.raises(Refused, match="已经过去"):
        polls.open_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)


def test_nobody_shortens_a_vote():
    poll = ground.poll()
    by = ground.office(poll.edition)
    with pytest.raises(Refused, match="不能提前关闭"):
        polls.close_poll(poll, by=by, now=ground.CLOSES - timedelta(microseconds=1))
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    with pytest.raises(Refused, match="已经关闭"):
        polls.close_poll(poll, by=by, now=ground.CLOSES)
    with pytest.raises(Refused, match="还没有开启"):
        polls.close_poll(ground.poll(opened=False), by=by, now=ground.CLOSES)


def test_the_count_by_hand():
    """1: three picks, 2: two, 3: two, 4: none. Scores 100, 200/3, 200/3, 0; ranks 1, 2, 2, 4."""
    poll = ground.poll()
    by = ground.office(poll.edition)
    for n, picks in enumerate([(1,), (1, 2), (1, 3), (2, 3)]):
        ground.cast(poll, picks, number=f"1990000000{n}")
    result = polls.close_poll(poll, by=by, now=ground.CLOSES)
    rows = {row.nomination.candidacy.number: row for row in result.rows.all()}
    assert {n: (row.picks, str(row.score), row.rank) for n, row in rows.items()} == {
        1: (3, "100", 1),
        2: (2, "200/3", 2),
        3: (2, "200/3", 2),
        4: (0, "0", 4),
    }
    assert (result.cast, result.set_aside, result.valid) == (4, 0, 4)
    assert result.digest == counting.digest(result.inputs)
    assert result.inputs["picks"][rows[1].nomination.subject_key] == 3
    step = poll.edition.steps.get(kind=StepKind.VOTING)
    assert (step.closed_at, step.closed_by) == (ground.CLOSES, by)
    assert {row.nomination.state for row in rows.values()} == {"voting"}


def test_nobody_voted_is_a_result_too():
    poll = ground.poll()
    result = polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    assert [(row.picks, row.score, row.rank) for row in result.rows.all()] == [(0, 0, 1)] * 4


def test_a_frozen_result_stays():
    poll = ground.poll()
    result = polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    for change in (
        lambda: Result.objects.update(cast=9),
        lambda: ResultRow.objects.update(picks=9),
        lambda: ResultRow.objects.filter(result=result).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_quarantine_and_restoring_change_the_tally_and_nothing_else():
    poll = ground.poll()
    by = ground.office(poll.edition)
    ballots = [ground.cast(poll, (1, 2), number=f"1990000000{n}") for n in range(5)]
    kept = list(poll.ballots.order_by("pk").values())
    act = ground.set_aside(poll, ballots[:2], now=ground.DURING, reason="同一设备")
    ground.set_aside(poll, ballots[2:3], now=ground.DURING, reason="同一网段")
    assert counting.tally(poll) == {1: 2, 2: 2, 3: 0, 4: 0}
    assert counting.figures(poll) == counting.Figures(
        5, 3, (("同一设备", 2), ("同一网段", 1)), (("other", 3),)
    )
    assert set(quarantine.undoable(act.case)) == set(ballots[:2])
    # Setting aside what is aside already is no second act on it.
    with pytest.raises(Refused, match="没有可以处理的"):
        ground.set_aside(poll, ballots[:1], now=ground.DURING, reason="再次")
    ground.restore(poll, ballots[:1], now=ground.DURING, reason="核实为本人")
    assert counting.tally(poll)[1] == 3
    ground.set_aside(poll, ballots[:1], now=ground.DURING, reason="又查实")
    assert counting.tally(poll)[1] == 2
    assert list(poll.ballots.order_by("pk").values()) == kept
    result = polls.close_poll(poll, by=by, now=ground.CLOSES)
    assert (result.cast, result.set_aside, result.valid) == (5, 3, 2)
    assert result.inputs["reasons"] == [["又查实", 1], ["同一网段", 1], ["同一设备", 1]]
    with pytest.raises(Refused, match="已冻结"):
        ground.restore(poll, ballots, now=ground.CLOSES, reason="太晚")
    acts = AuditEntry.objects.filter(act="voting.decide_quarantine").order_by("pk")
    assert [entry.detail["ballots"] for entry in acts] == [2, 1, 1, 1]


def test_pausing_needs_words_for_the_public_and_a_poll_that_runs():
    poll = ground.poll()
    by = ground.office(poll.edition)
    with pytest.raises(Refused, match="公开说明"):
        polls.pause_poll(poll, by=by, now=ground.DURING, note="  ")
    polls.pause_poll(poll, by=by, now=ground.DURING, note="系统维护")
    with pytest.raises(Refused, match="已经暂停"):
        polls.pause_poll(poll, by=by, now=ground.DURING, note="再来")
    polls.resume_poll(poll, by=by, now=ground.DURING)
    with pytest.raises(Refused, match="没有暂停"):
        polls.resume_poll(poll, by=by, now=ground.DURING)
    with pytest.raises(Refused, match="已经截止"):
        polls.pause_poll(poll, by=by, now=ground.CLOSES, note="演示")


def test_a_paused_poll_that_is_over_is_counted_not_resumed():
    poll = ground.poll()
    by = ground.office(poll.edition)
    polls.pause_poll(poll, by=by, now=ground.DURING, note="系统检修")
    with pytest.raises(Refused, match="已经截止"):
        polls.resume_poll(poll, by=by, now=ground.CLOSES)
    assert polls.close_poll(poll, by=by, now=ground.CLOSES).cast == 0


def test_a_pause_is_told_to_the_others_of_the_office_and_to_the_auditor():
    poll = ground.poll()
    by = ground.office(poll.edition)
    other, auditor = factories.hat("office", username="zweite"), factories.hat("auditor")
    factories.hat("office", "市北区")
    polls.pause_poll(poll, by=by, now=ground.DURING, note="系统检修")
    polls.resume_poll(poll, by=by, now=ground.DURING, note="已经修好")
    told = Notification.objects.filter(event="voting.paused").order_by("pk")
    assert [(each.recipient_id, each.body) for each in told] == [
        (auditor.user_id, "系统检修"),
        (other.user_id, "系统检修"),
        (auditor.user_id, "已经修好"),
        (other.user_id, "已经修好"),
    ]
    assert "已暂停" in told[0].subject and "已恢复" in told[2].subject


def test_effort_is_changed_while_it_runs_with_a_reason_on_the_record():
    poll = ground.poll(opened=False)
    by = ground.office(poll.edition)
    with pytest.raises(Refused, match="还没有开启"):
        polls.raise_effort(poll, by=by, now=NOW, effort="high", note="演示")
    poll = polls.open_poll(poll, by=by, now=NOW)
    with pytest.raises(Refused, match="理由"):
        polls.raise_effort(poll, by=by, now=ground.DURING, effort="raised", note=" ")
    with pytest.raises(Refused, match="已经是“常规”"):
        polls.raise_effort(poll, by=by, now=ground.DURING, effort="normal", note="演示")
    polls.raise_effort(poll, by=by, now=ground.DURING, effort="raised", note="短时间内大量获取验证码")
    assert Poll.objects.get().effort == "raised"
    entry = AuditEntry.objects.get(act="voting.raise_effort")
    assert entry.detail == {"before": "normal", "effort": "raised", "note": "短时间内大量获取验证码"}
    with pytest.raises(Refused, match="已经截止"):
        polls.raise_effort(poll, by=by, now=ground.CLOSES, effort="high", note="演示")


def test_area_appeal_and_effort_are_set_up_and_frozen_by_the_opening():
    edition = ground.voting_edition()
    by = ground.office(edition)
    window = {"opens": ground.OPENS, "closes": ground.CLOSES}
    for days in (0, 366):
        with pytest.raises(Refused, match="1 至 365 天"):
            polls.set_up_poll(edition, by=by, now=NOW, appeal_days=days, **window)
    poll = polls.set_up_poll(
        edition, by=by, now=NOW, area=" 青岛市 ", appeal_days=45, effort="raised", **window
    )
    assert (poll.area, poll.appeal_days, poll.effort) == ("青岛市", 45, "raised")
    polls.open_poll(poll, by=by, now=NOW)
    said = AuditEntry.objects.get(act="voting.open_poll").detail
    assert (said["area"], said["appeal_days"], said["effort"]) == ("青岛市", 45, "raised")
    with pytest.raises(Refused, match="已经开启"):
        polls.set_up_poll(edition, by=by, now=NOW, area="别处", **window)


@pytest.mark.parametrize(
    "totals, at, until",
    [
        ("hidden", ground.CLOSES, None),
        ("shown", ground.DURING, ground.DURING),
        ("daily", ground.DURING, None),  # 11:00 of the first day: last midnight was before the opening
        ("daily", ground.OPENS + timedelta(days=1), ground.OPENS + timedelta(hours=14)),
    ],
)
def test_totals_are_seen_as_far_as_the_edition_says(totals, at, until):
    poll = ground.poll(totals=totals)
    assert counting.totals_until(poll, now=at) == until


def test_daily_totals_stop_at_midnight():
    poll = ground.poll(totals="daily")
    ground.cast(poll, (1,), at=ground.OPENS)
    ground.cast(poll, (1,), number="19900000002", at=ground.OPENS + timedelta(hours=14))
    until = counting.totals_until(poll, now=ground.OPENS + timedelta(days=1))
    assert counting.tally(poll, until=until)[1] == 1
    assert counting.tally(poll)[1] == 2


def test_introductions_leave_contacts_out():
    text = "联系人张演示 13812345678 或 138-1234-5678，0532-80001234，a.b@example.com；专利 13812345678901 项"
    shown = polls.without_contacts(text)
    for contact in ("13812345678 ", "138-1234-5678", "0532-80001234", "example.com"):
        assert contact not in shown
    assert "13812345678901" in shown  # a longer figure is no telephone


def test_the_clock_closes_what_is_over_once(monkeypatch):
    over, paper, running = ground.poll(), ground.poll(closes_itself=False), ground.poll(opened=False)
    monkeypatch.setattr(tasks.timezone, "now", lambda: ground.CLOSES - timedelta(microseconds=1))
    tasks.turn_due_polls()
    assert not Result.objects.exists()
    monkeypatch.setattr(tasks.timezone, "now", lambda: ground.CLOSES)
    for _twice in range(2):
        tasks.turn_due_polls()
    assert list(Result.objects.values_list("edition", flat=True)) == [over.edition_id]
    assert Result.objects.get().frozen_by.role == "system"
    closed = set(Poll.objects.filter(closed_at__isnull=True).values_list("pk", flat=True))
    assert closed == {paper.pk, running.pk}
    assert Notification.objects.filter(event="voting.counted").count() == 1


def test_one_poll_that_cannot_be_closed_does_not_keep_the_others_waiting(monkeypatch):
    stuck, other = ground.poll(), ground.poll()
    stuck.edition.steps.filter(kind=StepKind.REVIEW).update(closed_at=None, closed_by=None)
    monkeypatch.setattr(tasks.timezone, "now", lambda: ground.CLOSES)
    tasks.turn_due_polls()
    assert list(Result.objects.values_list("edition", flat=True)) == [other.edition_id]
    stuck.refresh_from_db()
    assert stuck.closed_at is None

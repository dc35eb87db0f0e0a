"""Ballots set aside and restored by two people: proposed by one, decided by another."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from tests import factories
from tests.voting import ground
from voting.models import Alarm, Case, Poll, Quarantine
from voting.services import counting, polls, quarantine, selecting
from voting.services.selecting import Criteria

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def ballots_of(poll, number=5, picks=(1, 2), **kw):
    return [ground.cast(poll, picks, number=f"199000000{n:02d}", **kw) for n in range(number)]


def two(poll):
    return ground.office(poll.edition), ground.second(poll.edition)


def test_a_proposal_alone_changes_no_figure():
    poll = ground.poll()
    ballots = ballots_of(poll)
    case = ground.propose(poll, ballots[:2], grounds="device", reason="同一设备连续投票")
    assert (case.number, case.kind, case.grounds, case.decision) == (1, "set_aside", "device", "")
    assert set(case.ballots.all()) == set(ballots[:2])
    assert not Quarantine.objects.exists()
    assert counting.tally(poll)[1] == 5 and counting.figures(poll).set_aside == 0
    entry = AuditEntry.objects.get(act="voting.quarantine")
    assert (entry.detail["case"], entry.detail["ballots"], entry.detail["grounds"]) == (1, 2, "device")
    assert entry.edition_id == poll.edition_id


def test_approving_appends_one_act_over_the_ballots_fixed_at_the_proposal():
    poll = ground.poll()
    by, second = two(poll)
    ballots = ballots_of(poll)
    case = ground.propose(poll, poll.ballots.all(), grounds="burst", reason="集中")
    late = ground.cast(poll, (1,), number="19900000099")
    case = quarantine.decide(case, approved=True, by=second, now=ground.DURING + HOUR, note="查实")
    act = Quarantine.objects.get()
    assert (act.kind, act.reason, act.done_by, act.case) == ("set_aside", "集中", second, case)
    assert set(act.ballots.all()) == set(ballots) and late not in act.ballots.all()
    assert (case.decision, case.decided_by, case.note) == ("approved", second, "查实")
    assert counting.figures(poll) == counting.Figures(6, 5, (("集中", 5),), (("burst", 5),))
    entry = AuditEntry.objects.get(act="voting.decide_quarantine")
    assert (entry.detail["approved"], entry.detail["ballots"], entry.detail["proposed_by"]) == (
        *(True, 5),
        str(by.user),
    )


def test_declining_keeps_the_case_with_its_note_and_changes_nothing():
    poll = ground.poll()
    _by, second = two(poll)
    case = ground.propose(poll, ballots_of(poll))
    with pytest.raises(Refused, match="写明理由"):
        quarantine.decide(case, approved=False, by=second, now=ground.DURING, note=" ")
    quarantine.decide(case, approved=False, by=second, now=ground.DURING, note="证据不足")
    case.refresh_from_db()
    assert (case.decision, case.note) == ("declined", "证据不足")
    assert not Quarantine.objects.exists()
    assert not AuditEntry.objects.get(act="voting.decide_quarantine").detail["approved"]


def test_the_one_who_proposed_does_not_decide_under_any_hat():
    poll = ground.poll(host="市北区")
    by = ground.office(poll.edition)
    case = ground.propose(poll, ballots_of(poll))
    with pytest.raises(Refused, match="另一人"):
        quarantine.decide(case, approved=True, by=by, now=ground.DURING)
    other_hat = Membership.objects.create(user=by.user, role="office", organisation=factories.city())
    with pytest.raises(PermissionDenied):
        quarantine.decide(case, approved=True, by=other_hat, now=ground.DURING)
    # A second hat of the same person at the same office would be another membership, and the same person.
    Membership.objects.filter(pk=case.proposed_by_id).update(role="auditor")
    again = Membership.objects.create(user=by.user, role="office", organisation=poll.edition.host)
    with pytest.raises(Refused, match="换一个身份"):
        quarantine.decide(case, approved=True, by=again, now=ground.DURING)
    assert not Case.objects.get().decision


def test_only_the_office_of_the_host_proposes_and_decides():
    poll = ground.poll()
    ballots = ballots_of(poll)
    case = ground.propose(poll, ballots[:1])
    ground.set_aside(poll, ballots[1:2])
    approved = Case.objects.get(number=2)
    strangers = [
        factories.hat("auditor"),
        factories.hat("admin"),
        factories.hat("recommender"),
        factories.hat("office", factories.district("市北区")),
        Membership.objects.public(),
        Membership.objects.system(),
    ]
    for hat in strangers:
        with pytest.raises(PermissionDenied):
            ground.propose(poll, ballots, by=hat)
        with pytest.raises(PermissionDenied):
            quarantine.decide(case, approved=True, by=hat, now=ground.DURING)
        with pytest.raises(PermissionDenied):
            quarantine.propose_undo(approved, reason="演示", by=hat, now=ground.DURING)


def test_somebody_alone_in_an_office_is_told_so_at_once():
    poll = ground.poll()
    (ballot,) = ballots_of(poll, 1)
    with pytest.raises(Refused, match="只有您一人"):
        quarantine.propose(
            poll,
            [ballot],
            kind="set_aside",
            grounds="other",
            reason="演示",
            by=ground.office(poll.edition),
            now=ground.DURING,
        )
    assert not Case.objects.exists()


def test_a_case_needs_a_reason_and_ballots_of_this_poll():
    poll, other = ground.poll(), ground.poll()
    (ballot,), (foreign,) = ballots_of(poll, 1), ballots_of(other, 1)
    with pytest.raises(Refused, match="理由"):
        ground.propose(poll, [ballot], reason=" ")
    for nothing in ([foreign], [], other.ballots.all()):
        with pytest.raises(Refused, match="没有可以处理的"):
            ground.propose(poll, nothing)
    with pytest.raises(Refused, match="没有可以处理的"):
        ground.propose(poll, [ballot], kind="restore")  # it counts
    assert not Case.objects.exists()


def test_numbers_are_dense_in_each_poll():
    poll, other = ground.poll(), ground.poll()
    for each in (poll, other):
        ballots = ballots_of(each, 3)
        for ballot in ballots:
            ground.propose(each, [ballot])
        with pytest.raises(Refused):
            ground.propose(each, [])
        assert list(each.cases.values_list("number", flat=True)) == [1, 2, 3]


def test_what_was_previewed_is_what_is_proposed():
    poll = ground.poll()
    ballots_of(poll, 3)
    with pytest.raises(Refused, match="预览时 4 张，现在 3 张"):
        ground.propose(poll, poll.ballots.all(), seen=4)
    assert ground.propose(poll, poll.ballots.all(), seen=3).ballots.count() == 3


def test_the_second_of_two_overlapping_cases_takes_what_is_left():
    poll = ground.poll()
    _by, second = two(poll)
    ballots = ballots_of(poll, 5)
    first, other = ground.propose(poll, ballots[:3]), ground.propose(poll, ballots[2:])
    quarantine.decide(first, approved=True, by=second, now=ground.DURING)
    quarantine.decide(other, approved=True, by=second, now=ground.DURING)
    acts = Quarantine.objects.order_by("pk")
    assert [set(act.ballots.all()) for act in acts] == [set(ballots[:3]), set(ballots[3:])]
    entry = AuditEntry.objects.filter(act="voting.decide_quarantine").last()
    assert (entry.detail["proposed"], entry.detail["ballots"]) == (3, 2)
    assert counting.figures(poll).set_aside == 5


def test_a_case_whose_ballots_were_all_dealt_with_can_only_be_declined():
    poll = ground.poll()
    _by, second = two(poll)
    ballots = ballots_of(poll, 2)
    first, other = ground.propose(poll, ballots), ground.propose(poll, ballots)
    quarantine.decide(first, approved=True, by=second, now=ground.DURING)
    with pytest.raises(Refused, match="没有可以隔离的"):
        quarantine.decide(other, approved=True, by=second, now=ground.DURING)
    assert Quarantine.objects.count() == 1 and not Case.objects.get(number=2).decision
    quarantine.decide(other, approved=False, by=second, now=ground.DURING, note="已处理")


def test_a_decision_is_made_once_and_kept():
    poll = ground.poll()
    _by, second = two(poll)
    case = ground.propose(poll, ballots_of(poll))
    quarantine.decide(case, approved=True, by=second, now=ground.DURING)
    for approved in (True, False):
        with pytest.raises(Refused, match="已由"):
            quarantine.decide(case, approved=approved, by=second, now=ground.DURING, note="再来")
    for change in (
        lambda: Case.objects.update(note="改"),
        lambda: Case.objects.all().delete(),
        lambda: case.ballots.clear(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_undoing_is_the_opposite_case_over_what_nobody_touched_since():
    poll = ground.poll()
    by, second = two(poll)
    ballots = ballots_of(poll, 4)
    case = ground.set_aside(poll, ballots[:3], grounds="device").case
    ground.restore(poll, ballots[:1])  # one of them was found honest
    ground.set_aside(poll, ballots[:1], grounds="report")  # and then found otherwise by another case
    undo = quarantine.propose_undo(case, reason="核实无误", by=second, now=ground.DURING)
    assert (undo.kind, undo.grounds, undo.undoes) == ("restore", "device", case)
    assert set(undo.ballots.all()) == set(ballots[1:3])
    with pytest.raises(Refused, match="正等待决定"):
        quarantine.propose_undo(case, reason="再来", by=by, now=ground.DURING)
    undo = quarantine.decide(undo, approved=True, by=by, now=ground.DURING)
    assert counting.figures(poll).grounds == (("report", 1),)
    with pytest.raises(Refused, match="没有可以处理的"):
        quarantine.propose_undo(case, reason="再来", by=by, now=ground.DURING)
    redo = quarantine.propose_undo(undo, reason="又查实", by=by, now=ground.DURING)
    assert (redo.kind, redo.ballots.count()) == ("set_aside", 2)
    quarantine.decide(redo, approved=True, by=second, now=ground.DURING)
    assert counting.figures(poll).grounds == (("device", 2), ("report", 1))


def test_a_case_that_was_not_approved_has_nothing_to_undo():
    poll = ground.poll()
    by, second = two(poll)
    case = ground.propose(poll, ballots_of(poll))
    for _twice in range(2):
        with pytest.raises(Refused, match="没有同意过"):
            quarantine.propose_undo(case, reason="演示", by=by, now=ground.DURING)
        if not case.decision:
            case = quarantine.decide(case, approved=False, by=second, now=ground.DURING, note="否")


def test_nothing_is_proposed_or_decided_after_the_count():
    poll = ground.poll()
    by, second = two(poll)
    ballots = ballots_of(poll, 2)
    case = ground.set_aside(poll, ballots[:1]).case
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    with pytest.raises(Refused, match="已冻结"):
        ground.propose(poll, ballots)
    with pytest.raises(Refused, match="已冻结"):
        quarantine.propose_undo(case, reason="演示", by=second, now=ground.CLOSES)


def test_nothing_is_counted_while_a_case_waits(monkeypatch):
    poll = ground.poll()
    by, second = two(poll)
    ballots = ballots_of(poll, 3)
    one, two_ = ground.propose(poll, ballots[:1]), ground.propose(poll, ballots[1:2])
    with pytest.raises(Refused, match="还有 2 个异常票处置案没有决定（第 1、2 号）"):
        polls.close_poll(poll, by=by, now=ground.CLOSES)
    with pytest.raises(Refused, match="没有决定"):
        polls.close_due_poll(poll.pk, now=ground.CLOSES)
    quarantine.decide(one, approved=True, by=second, now=ground.CLOSES)
    with pytest.raises(Refused, match="还有 1 个"):
        polls.close_poll(poll, by=by, now=ground.CLOSES)
    quarantine.decide(two_, approved=False, by=second, now=ground.CLOSES, note="否")
    result = polls.close_due_poll(poll.pk, now=ground.CLOSES)
    assert (result.cast, result.set_aside) == (3, 1)


def test_both_people_are_told():
    poll = ground.poll()
    by, second = two(poll)
    case = ground.propose(poll, ballots_of(poll), reason="同一设备")
    told = Notification.objects.get(event="voting.case_proposed")
    assert told.recipient == second.user and "请决定" in told.subject and "5 张" in told.subject
    quarantine.decide(case, approved=False, by=second, now=ground.DURING, note="证据不足")
    told = Notification.objects.get(event="voting.case_decided")
    assert told.recipient == by.user and "不同意" in told.subject and told.body == "证据不足"


# --- from an alarm


def alarm_of(poll, ballots, rule="clique", **kw):
    made = Alarm.objects.create(
        poll=poll,
        rule=rule,
        since=ground.OPENS,
        until=ground.DURING,
        raised_at=ground.DURING,
        seen_at=ground.DURING,
        figures={"seen": len(ballots), "expected": 1},
        **kw,
    )
    made.ballots.set(ballot.pk for ballot in ballots)
    return made


@pytest.mark.parametrize(
    "rule, grounds",
    [
        ("velocity", "burst"),
        ("address", "address"),
        ("network", "address"),
        ("device", "device"),
        ("area", "area"),
        ("dwell", "dwell"),
        ("clique", "clique"),
        ("sequence", "sequence"),
    ],
)
def test_an_alarm_becomes_a_case_with_its_figures_as_basis(rule, grounds):
    poll = ground.poll()
    by, second = two(poll)
    ballots = ballots_of(poll, 4)
    alarm = alarm_of(poll, ballots[:3], rule, key="k")
    case = quarantine.propose_from_alarm(alarm, reason="查实", by=by, now=ground.DURING)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.case, alarm.settled_by) == ("case", case, by)
    assert (case.grounds, case.ballots.count()) == (grounds, 3)
    assert (case.basis["rule"], case.basis["figures"]) == (rule, {"seen": 3, "expected": 1})
    with pytest.raises(Refused, match="已经处理过"):
        quarantine.propose_from_alarm(alarm, reason="再来", by=second, now=ground.DURING)


def test_a_refused_proposal_leaves_its_alarm_open():
    poll = ground.poll()
    by, _second = two(poll)
    ballots = ballots_of(poll, 2)
    alarm = alarm_of(poll, ballots)
    ground.set_aside(poll, ballots)
    with pytest.raises(Refused, match="没有可以处理的"):
        quarantine.propose_from_alarm(alarm, reason="查实", by=by, now=ground.DURING)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.case) == ("open", None)


# --- choosing


def test_conditions_choose_what_they_say_of_what_still_counts():
    poll = ground.poll(totals="shown")
    signals = [
        {"at": ground.OPENS, "address": "10.0.0.1"},
        {"at": ground.OPENS + HOUR, "address": "10.0.0.2", "picks": (1,)},
        {"at": ground.OPENS + 2 * HOUR, "address": "10.0.1.1", "picks": (2, 1)},
        {"at": ground.OPENS + 3 * HOUR, "address": "10.0.2.1", "picks": (3,)},
    ]
    ballots = [
        ground.cast(poll, kw.pop("picks", (2,)), number=f"1990000000{n}", **kw)
        for n, kw in enumerate(signals)
    ]
    now = ground.OPENS + 4 * HOUR

    def chosen(**kw):
        found = set(selecting.matching(poll, Criteria(**{"until": now} | kw), now=now))
        return [n for n, ballot in enumerate(ballots) if ballot in found]

    assert chosen() == [0, 1, 2, 3]
    assert chosen(since=ground.OPENS + HOUR, until=ground.OPENS + 3 * HOUR) == [1, 2]
    assert chosen(network=ballots[0].network) == [0, 1]
    assert chosen(network=ballots[0].network, since=ground.OPENS + HOUR) == [1]
    assert chosen(address=ballots[0].address) == [0]
    assert chosen(candidate=1) == [1, 2]
    assert chosen(picks=(2, 1)) == [2]
    assert chosen(picks=(1,)) == [1]
    assert chosen(device="nobody's") == []
    ground.set_aside(poll, ballots[:2])
    assert chosen() == [2, 3]
    assert chosen(kind="restore") == [0, 1]
    ground.restore(poll, ballots[:1])
    assert chosen() == [0, 2, 3]
    assert chosen(kind="restore") == [1]
    assert selecting.crowded(poll, "network") == [(ballots[0].network, 2)]


def test_nobody_chooses_by_candidate_farther_than_the_totals_are_seen():
    hidden, daily, shown = (ground.poll(totals=totals) for totals in ("hidden", "daily", "shown"))
    next_day = ground.OPENS + timedelta(days=1)
    midnight = counting.totals_until(daily, now=next_day)
    for by in ({"candidate": 1}, {"picks": (1, 2)}):
        for until in (None, ground.OPENS, midnight, next_day):
            with pytest.raises(Refused, match="不公布票数"):
                selecting.matching(hidden, Criteria(until=until, **by), now=next_day)
        for until in (None, midnight + timedelta(seconds=1), next_day):
            with pytest.raises(Refused, match="只能选到"):
                selecting.matching(daily, Criteria(until=until, **by), now=next_day)
        assert selecting.matching(daily, Criteria(until=midnight, **by), now=next_day).count() == 0
        assert selecting.matching(shown, Criteria(until=next_day, **by), now=next_day).count() == 0


def test_the_log_never_names_a_candidate_by_way_of_the_basis():
    poll = ground.poll(totals="shown")
    ballots_of(poll)
    criteria = Criteria(candidate=1, until=ground.DURING + HOUR)
    ground.propose(poll, selecting.matching(poll, criteria, now=ground.DURING + HOUR), basis=criteria.basis())
    assert Case.objects.get().basis["candidate"] == 1
    detail = AuditEntry.objects.get(act="voting.quarantine").detail
    assert "candidate" not in json.dumps(detail) and len(detail["basis"]) == 64


# --- what is published


def test_the_figures_are_published_by_candidate_and_grounds():
    """1: 5 picks cast, 3 aside; 2: 5 and 3; 3: 2 and 1; 4: none."""
    poll = ground.poll()
    by, _second = two(poll)
    ballots = ballots_of(poll, 5) + [ground.cast(poll, (3,), number=f"199000001{n:02d}") for n in range(2)]
    ground.set_aside(poll, ballots[:2], grounds="device")
    ground.set_aside(poll, [ballots[2], ballots[5]], grounds="burst")
    assert counting.published(poll) is None
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    found = counting.published(Poll.objects.get())
    assert (found.cast, found.set_aside, found.valid) == (7, 4, 3)
    assert found.grounds == {"device": 2, "burst": 2}
    assert [
        (each.number, each.cast, each.set_aside, each.picks, each.aside) for each in found.candidates
    ] == [
        (1, 5, 3, 2, {"device": 2, "burst": 1}),
        (2, 5, 3, 2, {"device": 2, "burst": 1}),
        (3, 2, 1, 1, {"burst": 1}),
        (4, 0, 0, 0, {}),
    ]
    assert ([each.number for each in found.touched], found.untouched) == ([1, 2, 3], 1)


def test_acts_from_before_there_were_cases_count():
    poll = ground.poll()
    by, _second = two(poll)
    ballots = ballots_of(poll, 3)
    old = Quarantine.objects.create(
        poll=poll, kind="set_aside", reason="旧", done_at=ground.DURING, done_by=by
    )
    old.ballots.set(ballot.pk for ballot in ballots[:2])
    assert counting.figures(poll).grounds == (("other", 2),)
    ground.restore(poll, ballots[:1])
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    found = counting.published(poll)
    assert (found.set_aside, found.grounds, found.candidates[0].aside) == (1, {"other": 1}, {"other": 1})

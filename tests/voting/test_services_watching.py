from datetime import UTC, timedelta
from uuid import uuid4

import pytest

from portal import watch
from tests.voting import ground
from voting.models import Alarm, Case, Checkpoint, PhoneCode, Waiting
from voting.services import polls, watching

pytestmark = pytest.mark.django_db
AT = ground.DURING + timedelta(minutes=3, seconds=20)


def cast(poll, number, at):
    return ground.cast(poll, number=f"199{number:08d}", at=at)


def sign(poll, size, at):
    return Checkpoint.objects.create(poll=poll, size=size, root=b"0" * 32, note="演示", signed_at=at)


def wait(poll, count):
    Waiting.objects.bulk_create(Waiting(ballot_id=uuid4(), poll_id=poll.pk) for _n in range(count))


def test_minutes_are_dense_and_the_running_one_is_last():
    poll, other = ground.poll(), ground.poll()
    minute = AT.replace(second=0)
    moments = (
        minute - timedelta(minutes=60),  # an hour ago: no longer shown
        minute - timedelta(minutes=59),
        minute - timedelta(seconds=1),
        minute - timedelta(microseconds=1),
        minute,
        AT - timedelta(seconds=1),
    )
    for number, at in enumerate(moments):
        cast(poll, number, at)
    cast(other, 9, AT - timedelta(seconds=2))
    found = watching.by_minute(poll, AT)
    assert len(found) == 60 and found[-1] == (minute, 2) and found[-2][1] == 2
    assert found[0] == (minute - timedelta(minutes=59), 1)
    assert sum(number for _at, number in found) == 5


def test_a_full_minute_is_counted_once_and_the_running_one_each_time(django_assert_num_queries):
    poll = ground.poll()
    cast(poll, 1, AT - timedelta(seconds=10))
    with django_assert_num_queries(2):
        assert watching.by_minute(poll, AT)[-1][1] == 1
    cast(poll, 2, AT + timedelta(seconds=3))
    with django_assert_num_queries(1):
        assert watching.by_minute(poll, AT + timedelta(seconds=5))[-1][1] == 2
    # A minute later that one is full: counted anew, whatever was written late into it.
    cast(poll, 3, AT + timedelta(seconds=30))
    assert watching.by_minute(poll, AT + timedelta(minutes=1))[-2][1] == 3


def test_hours_begin_with_the_opening_and_end_with_the_closing():
    poll = ground.poll()
    cast(poll, 1, ground.OPENS)
    cast(poll, 2, ground.CLOSES - timedelta(seconds=1))
    found = watching.by_hour(poll, ground.OPENS + timedelta(minutes=5))
    assert [(at.astimezone(UTC), n) for at, n in found] == [(ground.OPENS, 1)]
    found = watching.by_hour(poll, ground.CLOSES + timedelta(days=2))
    assert len(found) == 24 and found[-1][0] == ground.CLOSES and found[-2][1] == 1


def test_the_log_is_read_at_a_bounded_cost(django_assert_num_queries, monkeypatch):
    poll, other = ground.poll(), ground.poll()
    with django_assert_num_queries(1):
        empty = watching.log(poll)
    assert (empty.cast, empty.signed_at, empty.more) == (0, None, False)
    sign(poll, 5, AT - timedelta(seconds=20))
    sign(poll, 8, AT - timedelta(seconds=9))
    sign(other, 99, AT)
    wait(poll, 3)
    wait(other, 2)
    found = watching.log(poll)
    assert (found.size, found.waiting, found.cast) == (8, 3, 11)
    assert found.age(AT) == timedelta(seconds=9)
    monkeypatch.setattr(watching, "MOST_WAITING", 2)
    found = watching.log(poll)
    assert found.more and found.waiting == 2 and found.light(AT) == watch.DOWN


@pytest.mark.parametrize(
    "waiting, age, light",
    [
        (0, None, watch.OK),
        (0, 900, watch.OK),
        (1, 30, watch.OK),
        (1, 31, watch.CAUTION),
        (1, None, watch.CAUTION),
        (1, 121, watch.DOWN),
    ],
)
def test_the_log_has_a_light(waiting, age, light):
    signed = None if age is None else AT - timedelta(seconds=age)
    assert watching.Log(4, signed, waiting).light(AT) == light


@pytest.mark.parametrize(
    "by_delivery, a_day, budget, left, light",
    [
        ({}, 0, 1000, 1000, watch.OK),
        ({"delivered": 90, "failed": 10}, 100, 1000, 900, watch.OK),
        ({"delivered": 88, "failed": 12}, 100, 1000, 900, watch.CAUTION),
        ({"failed": 1}, 1, 1000, 999, watch.OK),
        ({"sent": 5}, 901, 1000, 99, watch.CAUTION),
        ({"sent": 5}, 1000, 1000, 0, watch.DOWN),
    ],
)
def test_codes_have_a_light(by_delivery, a_day, budget, left, light):
    found = watching.Codes(by_delivery, a_day, budget)
    assert (found.left, found.light()) == (left, light)


def test_codes_of_the_hour_by_delivery_and_of_the_day_for_all_polls():
    poll, other = ground.poll(), ground.poll()

    def code(of, delivery, ago):
        PhoneCode.objects.create(
            poll=of, voter="v", code_hash="h", sent_at=AT - ago, expires_at=AT, delivery=delivery
        )

    code(poll, "delivered", timedelta(minutes=59))
    code(poll, "failed", timedelta(minutes=5))
    code(poll, "failed", timedelta(minutes=61))
    code(poll, "sent", timedelta(hours=23))
    code(poll, "sent", timedelta(days=1))
    code(other, "sent", timedelta(minutes=1))
    found = watching.codes(poll, AT)
    assert found.by_delivery == {"delivered": 1, "failed": 1} and found.a_day == 5


def test_what_waits_for_a_person():
    poll = ground.poll()
    by = ground.office(poll.edition)
    for number in range(1, 8):
        Case.objects.create(
            poll=poll,
            number=number,
            kind="set_aside",
            grounds="burst",
            reason="演示",
            proposed_at=AT,
            proposed_by=by,
        )
        Alarm.objects.create(
            poll=poll,
            rule="network",
            key=str(number),
            since=AT,
            until=AT,
            raised_at=AT,
            seen_at=AT + timedelta(seconds=number),
            state="dismissed" if number == 7 else "open",
        )
    Case.objects.filter(number=1).update(decision="declined")
    alarms, count = watching.open_alarms(poll)
    assert ([each.key for each in alarms], count) == (["6", "5", "4", "3", "2"], 6)
    cases, count = watching.open_cases(poll)
    assert ([each.number for each in cases], count) == ([2, 3, 4, 5, 6], 6)


def test_the_history_is_what_the_office_did():
    poll = ground.poll()
    by = ground.office(poll.edition)
    polls.pause_poll(poll, by=by, now=AT, note="系统检修")
    polls.resume_poll(poll, by=by, now=AT)
    polls.raise_effort(poll, by=by, now=AT, effort="raised", note="演示")
    acts = [each.act for each in watching.history(poll)]
    assert acts == ["voting.raise_effort", *2 * ["voting.pause_poll"], "voting.open_poll"]

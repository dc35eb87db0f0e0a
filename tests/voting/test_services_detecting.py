"""Detection through the service: alarms raised once, grown, settled; the simulation in short (item 17)."""

import importlib.util
import random
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.moments import NOW
from tests.voting import ground
from voting.models import Alarm, Ballot, Watch
from voting.services import detecting
from voting.services.alarms import settle_alarm
from voting.services.past import read_past
from voting.todo import todos

pytestmark = pytest.mark.django_db
TICK = timedelta(minutes=10)
#: Midday of the second day, when the poll has a past.
MIDDAY = ground.OPENS + timedelta(hours=26)


def fraud():
    path = Path(__file__).resolve().parents[2] / "bench" / "fraud.py"
    spec = importlib.util.spec_from_file_location("bench_fraud", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill(poll, votes):
    """Ballots as they lie in the box: `votes` are (moment, picks, traits)."""
    Ballot.objects.bulk_create(
        Ballot(
            id=uuid4(),
            poll=poll,
            voter=traits.pop("voter", uuid4().hex),
            turn=ground.OPENS.date(),
            picks=list(picks),
            cast_at=at,
            record=uuid4(),
            commitment=b"0" * 32,
            **{"home": "local", "dwell": 60 + n * 7 % 90, "device": uuid4().hex[:32]} | traits,
        )
        for n, (at, picks, traits) in enumerate(votes)
    )


def everyday(poll, hours: int = 26, an_hour: int = 30):
    """Honest ballots of the hours before MIDDAY: anybody, from anywhere, at a person's pace."""
    chance = random.Random(3)
    fill(
        poll,
        [
            (
                MIDDAY - timedelta(hours=hour, seconds=3600 * n // an_hour),
                sorted(chance.sample(range(1, 21), 2)),
                {"network": f"n{hour}.{n}", "dwell": round(chance.lognormvariate(4.4, 0.5)) + 15},
            )
            for hour in range(hours)
            for n in range(an_hour)
        ],
    )


def script(poll, n=40, *, at=MIDDAY, picks=(3, 14, 15), **traits):
    """The same set, in a few minutes, in no time."""
    traits = {"address": "x", "network": "y"} | traits
    fill(
        poll, [(at + timedelta(seconds=7 * one), picks, {"dwell": 3 + one % 2, **traits}) for one in range(n)]
    )


@pytest.fixture
def poll():
    made = ground.poll(20, max_picks=5)
    everyday(made)
    return made


def alarms(poll, **more):
    return {
        (each.rule, each.candidate.number if each.candidate else each.key): each
        for each in Alarm.objects.filter(poll=poll, **more)
    }


def test_an_ordinary_day_raises_no_alarm(poll):
    assert detecting.detect(poll, now=MIDDAY) == []
    assert alarms(poll) == {} and Notification.objects.filter(event="voting.alarm").count() == 0


def test_a_script_raises_alarms_that_hold_its_ballots_and_no_others(poll):
    script(poll)
    detecting.detect(poll, now=MIDDAY + TICK)
    found = alarms(poll)
    assert ("clique", "3,14,15") in found
    brushed = set(Ballot.objects.filter(dwell__lt=10).values_list("pk", flat=True))
    held = set(Alarm.ballots.through.objects.values_list("ballot_id", flat=True))
    assert held == brushed and len(brushed) == 40
    alarm = found["clique", "3,14,15"]
    assert alarm.figures["picks"] == [3, 14, 15]
    assert alarm.figures["ratio"] > 1 and alarm.figures["digits"] >= 6
    assert MIDDAY <= alarm.since < alarm.until <= MIDDAY + TICK


def test_one_alarm_grows_while_the_matter_lasts_and_the_office_is_told_once(poll):
    script(poll)
    detecting.detect(poll, now=MIDDAY + TICK)
    first = alarms(poll)
    script(poll, at=MIDDAY + TICK)
    for _again in range(2):
        detecting.detect(poll, now=MIDDAY + 2 * TICK)
    assert {key: each.pk for key, each in alarms(poll).items()} == {
        key: each.pk for key, each in first.items()
    }
    grown = alarms(poll)["clique", "3,14,15"]
    assert grown.ballots.count() == 80 and grown.until > first["clique", "3,14,15"].until
    told = Notification.objects.filter(event="voting.alarm", channel="site")
    assert told.count() == 1 and "相同选择成批出现" in told.get().subject


def test_what_was_settled_is_not_raised_again_for_the_same_ballots(poll):
    by = ground.office(poll.edition)
    script(poll)
    detecting.detect(poll, now=MIDDAY + TICK)
    for alarm in Alarm.objects.filter(poll=poll):
        settle_alarm(alarm, by=by, now=MIDDAY + TICK, note="已核实")
    detecting.detect(poll, now=MIDDAY + TICK)
    detecting.detect(poll, now=MIDDAY + 2 * TICK)
    assert alarms(poll, state="open") == {}
    script(poll, at=MIDDAY + 2 * TICK)
    detecting.detect(poll, now=MIDDAY + 3 * TICK)
    again = alarms(poll, state="open")["clique", "3,14,15"]
    assert again.ballots.count() == 40
    assert set(again.ballots.values_list("alarms__state", flat=True)) == {"open"}
    assert Notification.objects.filter(event="voting.alarm", channel="site").count() == 1


def test_settling_takes_a_note_the_office_and_an_open_alarm(poll):
    by = ground.office(poll.edition)
    script(poll)
    detecting.detect(poll, now=MIDDAY + TICK)
    alarm = alarms(poll)["clique", "3,14,15"]
    for other in ("auditor", "recommender", "expert", "admin"):
        with pytest.raises(PermissionDenied):
            settle_alarm(alarm, by=factories.hat(other), now=NOW, note="演示")
    with pytest.raises(Refused, match="请写明排除的理由"):
        settle_alarm(alarm, by=by, now=NOW, note="  ")
    assert len([line for line in todos(by, now=MIDDAY) if line.verb == "处理异常预警"]) == 1
    settled = settle_alarm(alarm, by=by, now=MIDDAY, note="已向工会核实")
    assert (settled.state, settled.settled_by, settled.note) == ("dismissed", by, "已向工会核实")
    entry = AuditEntry.objects.get(act="voting.settle_alarm")
    assert entry.detail["note"] == "已向工会核实" and entry.edition_id == poll.edition_id
    with pytest.raises(Refused, match="已经处理过"):
        settle_alarm(alarm, by=by, now=MIDDAY, note="再来一次")


@pytest.mark.parametrize("totals", ["hidden", "daily", "shown"])
def test_an_alarm_keeps_no_number_that_is_part_of_a_total_while_totals_are_hidden(totals):
    poll = ground.poll(20, max_picks=3, totals=totals)
    everyday(poll)
    rush = [(MIDDAY + timedelta(seconds=10 * n), (3, 11 + n % 9), {"network": f"m{n}"}) for n in range(58)]
    fill(poll, rush)
    detecting.detect(poll, now=MIDDAY + TICK)
    velocity = alarms(poll)["velocity", 3]
    assert velocity.ballots.count() == 0, "a rush from everywhere, at a person's pace"
    kept = velocity.figures
    assert kept["ratio"] >= 3 and kept["series"][-1][1] >= 3
    shown = {"seen", "expected", "voters", "part", "usual"} & set(kept)
    assert shown == ({"seen", "expected", "voters"} if totals == "shown" else set())
    # An exact multiple of what is expected, or an exact share of a group, is a number of ballots as well.
    rough = {
        "ratio": {3, 5, 10, 20, 50, 100},
        "series": {1, 3, 5, 10, 20, 50, 100},
        "signs": {0, 0.1, 0.25, 0.5, 0.75, 1},
        "sets": {0, 1, 2, 5, 10, 20, 50, 100},
    }
    found = {
        "ratio": {kept["ratio"]},
        "series": {times for _begin, times in kept["series"]},
        "signs": {*kept["signs"].values(), *(own for _low, own, _others in kept["profile"]["stays"])},
        "sets": {kept["profile"][name] for name in ("addresses", "networks", "devices", "blocks", "sets")},
    }
    exact = {name for name in rough if not found[name] <= rough[name]}
    assert exact == (set(rough) if totals == "shown" else set()), found


def test_the_past_is_learnt_once_and_in_parts(poll):
    for hours in (20, 10, 5, 1, 0):
        detecting.detect(poll, now=MIDDAY - timedelta(hours=hours))
    watch = Watch.objects.get(poll=poll)
    past = read_past(watch.past)
    old = Ballot.objects.filter(cast_at__lt=watch.learnt_until, cast_at__gte=poll.opens)
    assert past.n == old.count() > 500
    assert sum(past.dwell.values()) == sum(past.home.values()) == past.n
    assert past.picks()[3] == old.filter(picks__contains=[3]).count()
    assert sum(n for n, _picks in past.hours.values()) == past.n
    assert min(past.tens) >= (MIDDAY - timedelta(days=1, minutes=10)).timestamp()


def test_a_big_poll_is_read_in_part_and_a_long_drip_is_found(poll, monkeypatch):
    """More ballots than one look reads: the sets that are too many, and the telephones too many used."""
    drip = [
        (MIDDAY - timedelta(minutes=20 * n), (4, 6, 13, 15, 16), {"device": f"t{n // 8}", "network": f"q{n}"})
        for n in range(64)
    ]
    fill(poll, drip)
    monkeypatch.setattr(detecting, "MOST", 120)
    detecting.detect(poll, now=MIDDAY)
    assert alarms(poll)["clique", "4,6,13,15,16"].ballots.count() == 64


def test_polls_are_watched_from_opening_until_an_hour_after_closing(poll):
    def watched(at):
        return list(detecting.due_polls(now=at))

    second = timedelta(seconds=1)
    assert watched(ground.OPENS - second) == [] and watched(ground.OPENS) == [poll]
    assert watched(ground.CLOSES + timedelta(minutes=59)) == [poll]
    assert watched(ground.CLOSES + timedelta(hours=1)) == []


@contextmanager
def another_connection():
    connection = connections["default"].copy()
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_are_one():
    poll = ground.poll(4)
    Watch.objects.create(poll=poll)
    with another_connection() as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM voting_watch WHERE poll_id = %s FOR UPDATE", [poll.pk])
        assert detecting.detect(poll, now=ground.DURING) is None
        other.rollback()
    assert detecting.detect(poll, now=ground.DURING) == []


def test_the_simulation_in_short():
    """Of brush votes nineteen in twenty are flagged, of honest ones not more than one in two hundred."""
    bench = fraud()
    city = bench.scenarios(bench.City(4000, seed=17, days=3), scale=0.12)
    poll = bench.a_poll()
    bench.fill(poll, city)
    bench.run(poll, city, tick=4 * 3600)
    figures = bench.Figures.count(city, bench.flagged_of(poll))
    assert figures.recall >= 0.95, figures.table()
    assert figures.false <= 0.005, figures.table()

"""The ballot tier when an engine is gone, hangs, or is not to be trusted: told in time, well by itself."""

import json
import socket
import time
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from portal import watch
from tests.voting import ground, tier
from tests.voting.relay import Relay
from voting.box import inside
from voting.box.wire import Wire
from voting.box.writer import BUSY, Item
from voting.models import Ballot
from voting.services import tier as account

pytestmark = pytest.mark.django_db(transaction=True)
CONTRACT = 2.0  # seconds
BUSY_MACHINE = 8.0  # and how much longer a machine with other work may take
RECOVERY = 30.0


def busy_in_time(box, poll, said):
    """Post; it must be refused in time, with a word on when to come again."""
    begun = time.monotonic()
    answer = tier.post(box, poll, said)
    took = time.monotonic() - begun
    assert (answer.status, tier.read(answer)["reason"]) == (503, "busy")
    assert int(tier.header(answer, "Retry-After")) > 0
    assert took < CONTRACT + BUSY_MACHINE
    return answer


def taken_again(box, poll, said):
    """Post until it is taken, as a telephone does; the answer."""
    deadline = time.monotonic() + RECOVERY
    while (answer := tier.post(box, poll, said)).status == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer.status == 200
    return answer


@pytest.fixture
def relay(tmp_path):
    """Between the box and the tests' database."""
    where = connection.get_connection_params()
    host, port = where.get("host") or "/var/run/postgresql", where.get("port") or 5432
    target = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, int(port))
    with Relay(tmp_path / ".s.PGSQL.5432", target) as made:
        yield made


@pytest.fixture
def box(relay):
    with tier.box(parameters={"host": str(relay.path.parent), "port": 5432}) as made:
        yield made


def test_a_database_that_is_gone_is_told_and_found_again(box, relay):
    poll = ground.poll()
    first = tier.ballot(poll)
    answer = tier.post(box, poll, first)
    assert answer.status == 200
    relay.cut()
    late = tier.ballot(poll, number="19900000002")
    for _attempt in range(3):
        busy_in_time(box, poll, late)
    started = tier.get(box, f"/ballot/{poll.pk}/start/")
    assert (started.status, tier.read(started)["phase"]) == (200, "open")
    assert tier.get(box, "/ballot/health").status == 503
    assert Ballot.objects.count() == 1
    relay.open()
    taken_again(box, poll, late)
    assert tier.post(box, poll, first) == answer
    assert tier.get(box, "/ballot/health").status == 200
    assert Ballot.objects.count() == 2


def test_a_database_that_was_never_there_is_told(tmp_path):
    poll = ground.poll()
    with tier.box(parameters={"host": str(tmp_path)}) as box:
        busy_in_time(box, poll, tier.ballot(poll))
        busy_in_time(box, poll, tier.ballot(poll))
        assert tier.get(box, f"/ballot/{poll.pk}/start/").status == 503


def test_a_database_that_hangs_is_told_and_found_again(box, relay):
    poll = ground.poll()
    assert tier.post(box, poll, tier.ballot(poll)).status == 200
    relay.hold()
    late = tier.ballot(poll, number="19900000002")
    for _attempt in range(3):
        busy_in_time(box, poll, late)
    relay.open()
    taken_again(box, poll, late)


def test_everybody_who_waits_is_told(box, relay):
    poll = ground.poll()
    assert tier.post(box, poll, tier.ballot(poll)).status == 200
    relay.hold()
    posts = [tier.ballot(poll, number=f"1991000{n:04d}") for n in range(40)]
    hands = [Thread(target=busy_in_time, args=[box, poll, said]) for said in posts]
    begun = time.monotonic()
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(CONTRACT + BUSY_MACHINE)
    assert not any(hand.is_alive() for hand in hands)
    assert time.monotonic() - begun < CONTRACT + BUSY_MACHINE
    relay.open()
    taken_again(box, poll, posts[0])


def test_an_answer_lost_between_commit_and_box_is_never_a_lost_ballot(box, relay):
    """The ballot is on disk, the box does not know: it says so, and the repeated request is the receipt."""
    poll = ground.poll()
    tier.post(box, poll, tier.ballot(poll))
    said = tier.ballot(poll, (1, 2), number="19900000002")
    relay.swallow()
    busy_in_time(box, poll, said)
    assert Ballot.objects.get(pk=said["ballot"]).picks == [1, 2]
    relay.cut()
    relay.open()
    answer = taken_again(box, poll, said)
    assert tier.read(answer)["ballot"] == said["ballot"]
    other = tier.post(box, poll, said | {"picks": [3]})
    assert (other.status, tier.read(other)["reason"]) == (409, "conflict")
    assert Ballot.objects.count() == 2


def test_a_connection_that_was_cut_while_idle_is_made_anew_without_a_refusal(box, relay):
    poll = ground.poll()
    tier.post(box, poll, tier.ballot(poll))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'xuanshu ballot'"
        )
        assert cursor.fetchone() == (1,)
    assert tier.post(box, poll, tier.ballot(poll, number="19900000002")).status == 200


def test_without_durable_commits_nothing_is_taken():
    poll = ground.poll()
    with tier.box(parameters={"options": "-c synchronous_commit=off"}) as box:
        busy_in_time(box, poll, tier.ballot(poll))
        health = tier.get(box, "/ballot/health")
        assert (health.status, tier.read(health)["trouble"]) == (503, "not durable")
    assert not Ballot.objects.exists()
    with tier.box(parameters={"options": "-c synchronous_commit=remote_apply"}) as box:
        assert tier.post(box, poll, tier.ballot(poll)).status == 200


@pytest.mark.parametrize("durable", ["on", "remote_apply"])
def test_a_line_that_was_found_durable_stays_so(durable):
    """Only what the session itself has set is not changed by the server's own settings later."""
    options = {"options": f"-c synchronous_commit={durable}"}
    wire = Wire(inside.parameters(connection) | options, "xuanshu pinned")
    wire.open()
    try:
        asked = "SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'"
        found = wire.run(asked, until=time.monotonic() + CONTRACT + BUSY_MACHINE)
    finally:
        wire.close()
    assert found == [(durable, "session")]


def test_a_full_queue_is_told_at_once():
    poll = ground.poll()
    with tier.box(depth=0) as box:
        busy_in_time(box, poll, tier.ballot(poll))
        assert tier.get(box, f"/ballot/{poll.pk}/start/").status == 200
    assert not Ballot.objects.exists()


def test_what_nobody_thought_of_ends_neither_the_writer_nor_those_after_it():
    poll = ground.poll()
    with tier.box() as box:
        broken = Item({"id": "x"})
        assert box.writer.hand_in(broken)
        assert broken.wait() == BUSY
        taken_again(box, poll, tier.ballot(poll))


def test_a_poll_that_is_locked_for_longer_than_anybody_waits_costs_no_ballot():
    poll = ground.poll()
    said = tier.ballot(poll)
    with tier.box() as box:
        assert tier.get(box, f"/ballot/{poll.pk}/start/").status == 200
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; SELECT FROM voting_poll FOR UPDATE")
            try:
                busy_in_time(box, poll, said)
            finally:
                cursor.execute("ROLLBACK")
        taken_again(box, poll, said)
    assert Ballot.objects.count() == 1


@pytest.fixture
def hung_redis(tmp_path):
    """Somebody listens and never answers."""
    path = tmp_path / "hung.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        yield f"unix://{path}"


def test_with_redis_hung_ballots_are_taken(hung_redis):
    taken_with_redis(hung_redis)


def test_with_redis_gone_ballots_are_taken(tmp_path):
    taken_with_redis(f"unix://{tmp_path}/nobody.sock")


def taken_with_redis(url):
    poll = ground.poll()
    with tier.box(redis_url=url) as box:
        for n in range(20):
            assert tier.post(box, poll, tier.ballot(poll, number=f"1990000{n:04d}")).status == 200
            assert not box.figures.flush()
        bad = [tier.post(box, poll, {"ballot": "x"}).status for _n in range(130)]
    assert (bad[0], bad[-1]) == (422, 429)
    assert Ballot.objects.count() == 20


def test_what_was_counted_while_redis_was_away_is_added_when_it_is_back(tmp_path, settings):
    path = settings.REDIS_URL.removeprefix("unix://").partition("?")[0]
    if not Path(path).is_socket():
        pytest.skip("this test holds a Redis on a unix socket")
    tier.unheard_of()
    poll = ground.poll()
    url = f"unix://{tmp_path}/redis.sock?{settings.REDIS_URL.partition('?')[2]}"
    with Relay(tmp_path / "redis.sock", path) as relay, tier.box(redis_url=url) as box:
        relay.cut()
        for n in range(3):
            assert tier.post(box, poll, tier.ballot(poll, number=f"1990000{n:04d}")).status == 200
        assert tier.post(box, poll, tier.ballot(poll)).status == 409
        assert not box.figures.flush()
        relay.open()
        assert box.figures.flush()
        told = account.tier(poll.pk, now=timezone.now())
    assert sum(accepted for _minute, accepted, _refused in told.minutes) == 3
    assert (told.refused, told.refused_ever) == ({"again": 1}, {"again": 1})
    (own,) = [process for process in told.processes if process.name == box.figures.name]
    assert (told.reachable, own.queue, own.postgres) == (True, 0, True)


def test_the_office_sees_that_redis_is_away(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    told = account.tier(7, now=timezone.now())
    assert (told.reachable, told.alive, told.minutes, told.postgres) == (False, 0, [], False)


def test_processes_that_ended_without_a_word_are_forgotten():
    now = timezone.now()
    with watch.client() as redis:
        for name, ago in (("gone:1", 120), ("late:1", 20), ("here:1", 1)):
            said = {"at": int(now.timestamp()) - ago, "queue": 3, "postgres": True}
            redis.hset(account.PROCESSES, name, json.dumps(said))
        try:
            with tier.box() as box:
                assert box.figures.flush()
                names = {name.decode() for name in redis.hkeys(account.PROCESSES)}
                told = account.tier(7, now=timezone.now())
        finally:
            redis.hdel(account.PROCESSES, "gone:1", "late:1", "here:1")
    assert {"late:1", "here:1", box.figures.name} <= names
    assert "gone:1" not in names
    assert "late:1" not in [process.name for process in told.processes]

"""Real PostgreSQL and Valkey: started, shared, found again after a crash, and gone at the end."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg2
import pytest
import redis

from portal.devstack import database
from portal.devstack.engines import Engines
from portal.devstack.processes import Family
from portal.devstack.say import Halt
from tests.devstack.conftest import at_work, none_left


def query(url, sql):
    with database.session(url) as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_pair_serves_keeps_its_data_and_leaves_nothing_running(checkout):
    with Family() as family:
        pair = Engines(checkout, {})
        urls = pair.start(family)
        assert pair.started == ["postgresql", "valkey"]
        assert query(urls["DATABASE_URL"], "SHOW synchronous_commit") == "on"
        assert query(urls["DATABASE_URL"], "SHOW listen_addresses") == ""
        assert query(urls["DATABASE_URL"], "SHOW server_encoding") == "UTF8"
        assert (
            query(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT '选树' AS word; SELECT word FROM kept")
            == "选树"
        )
        assert redis.Redis.from_url(urls["REDIS_URL"]).ping()

        again = Engines(checkout, {})
        assert again.start(family) == urls
        assert again.started == []
        assert again.describe() == "already running: postgresql, valkey"
    assert none_left(checkout)

    with Family() as family:
        urls = Engines(checkout, {}).start(family)
        assert query(urls["DATABASE_URL"], "SELECT word FROM kept") == "选树"
        assert (
            query(database.create_afresh(urls["DATABASE_URL"], "scratch"), "SELECT current_database()")
            == "scratch"
        )
        if os.geteuid() == 0:
            owners = {Path(f"/proc/{engine.pid()}").stat().st_uid for engine in again.engines}
            assert owners == {checkout.account.uid}
    assert none_left(checkout)


def test_a_crash_and_a_stale_number_do_not_stop_the_next_start(checkout):
    pair = Engines(checkout, {})
    pair.start()
    for engine in pair.engines:
        os.kill(engine.pid(), signal.SIGKILL)
    assert none_left(checkout)
    stranger = subprocess.Popen(["sleep", "60"], **checkout.account.popen())
    try:
        # The crashed servers' numbers now belong to a stranger of the same account, as after a restart.
        for engine in pair.engines:
            words = engine.pid_file.read_text().splitlines()
            engine.pid_file.write_text("\n".join([str(stranger.pid), *words[1:]]) + "\n")
            assert engine.pid() is None
        with Family() as family:
            urls = Engines(checkout, {}).start(family)
            assert query(urls["DATABASE_URL"], "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert none_left(checkout)


def test_a_pair_in_the_background_is_ended_by_name(checkout):
    Engines(checkout, {}).start()
    assert at_work(checkout)
    assert Engines(checkout, {}).stop_running() == ["postgresql", "valkey"]
    assert none_left(checkout)
    assert Engines(checkout, {}).stop_running() == []


def test_a_half_made_cluster_is_not_trusted(checkout):
    pair = Engines(checkout, {})
    half = pair.engines[0].data.with_name("pg.half")
    checkout.private(half)
    (half / "PG_VERSION").write_text("9\n")
    with Family() as family:
        assert query(pair.start(family)["DATABASE_URL"], "SELECT 1") == 1
    assert not half.exists()


def test_a_cluster_of_an_unknown_version_is_told_apart(checkout):
    pair = Engines(checkout, {})
    data = checkout.private(pair.engines[0].data)
    (data / "PG_VERSION").write_text("9\n")
    with (
        Family() as family,
        pytest.raises(Halt, match="was made by PostgreSQL 9, which is no longer installed"),
    ):
        pair.start(family)
    assert none_left(checkout)


def test_servers_named_by_the_operator_are_used_instead(checkout):
    given = {"DATABASE_URL": "postgresql://someone@db.example/xuanshu", "REDIS_URL": "redis://db.example/0"}
    with Family() as family:
        pair = Engines(checkout, given)
        assert pair.start(family) == {}
        assert pair.describe() == "as DATABASE_URL says; as REDIS_URL says"
        assert family.children == []
    assert not at_work(checkout)


def test_a_given_server_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Halt, match="DATABASE_URL does not lead to a database"):
        database.require_answer({"DATABASE_URL": f"postgresql://someone@/xuanshu?host={tmp_path}"})
    with pytest.raises(Halt, match="REDIS_URL does not lead to a Redis"):
        database.require_answer({"REDIS_URL": f"unix://{tmp_path}/none.sock"})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://postgres@/xuanshu?host=/run/here", "postgresql://postgres@/scratch?host=/run/here"),
        ("postgres://u:p%40w@db.example:5433/a", "postgres://u:p%40w@db.example:5433/scratch"),
    ],
)
def test_another_name_on_the_same_server(url, expected):
    assert database.named(url, "scratch") == expected
    assert psycopg2.extensions.parse_dsn(expected)["dbname"] == "scratch"

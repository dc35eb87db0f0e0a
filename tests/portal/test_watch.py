from datetime import timedelta

import pytest
import redis
from django.db import connection

from portal import tasks, watch
from tests.moments import NOW

GONE = "unix:///nowhere/valkey.sock?db=0"


@pytest.fixture
def quiet():
    """Nothing heard, nothing queued."""
    with watch.client() as asked:
        asked.delete(watch.HEARTBEAT, watch.QUEUE)
        yield asked
        asked.delete(watch.HEARTBEAT, watch.QUEUE)


def lights(now=NOW):
    return [sign.light for sign in watch._behind(now)]


@pytest.mark.parametrize(
    "silent, queued, light, words",
    [
        (0, 0, watch.OK, "0 秒前有响应"),
        (59, 3, watch.OK, "排队 3 件"),
        (61, 0, watch.CAUTION, "61 秒前"),
        (181, 0, watch.DOWN, "定时进程 181 秒没有响应"),
        (181, 2, watch.DOWN, "后台进程 181 秒没有响应，2 件任务在排队"),
    ],
)
def test_worker_and_clock_by_their_last_sign(quiet, silent, queued, light, words):
    watch.beat(now=NOW)
    for n in range(queued):
        quiet.rpush(watch.QUEUE, str(n))
    redis_sign, worker = watch._behind(NOW + timedelta(seconds=silent))
    assert redis_sign.light == watch.OK
    assert worker.light == light and words in worker.words


def test_nothing_was_ever_heard(quiet):
    assert lights() == [watch.OK, watch.DOWN]


def test_the_task_gives_the_sign(quiet):
    tasks.heartbeat()
    assert quiet.get(watch.HEARTBEAT)


def test_without_redis_the_worker_is_unknown_and_nothing_breaks(settings):
    settings.REDIS_URL = GONE
    signs = list(watch._behind(NOW))
    assert [sign.light for sign in signs] == [watch.DOWN, watch.UNKNOWN]
    assert "收票不受影响" in signs[0].words
    with pytest.raises(redis.RedisError):
        watch.beat(now=NOW)


@pytest.mark.django_db
def test_the_database_says_that_it_is_durable():
    sign = watch.database()
    assert sign.light in (watch.OK, watch.CAUTION) and sign.words
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert watch.database().light == watch.DOWN


@pytest.mark.parametrize(
    "lights, worst",
    [
        ([], watch.OK),
        ([watch.OK, watch.UNKNOWN], watch.UNKNOWN),
        ([watch.UNKNOWN, watch.CAUTION], watch.CAUTION),
        ([watch.CAUTION, watch.DOWN, watch.OK], watch.DOWN),
    ],
)
def test_the_worst_light_is_looked_at_first(lights, worst):
    assert watch.worst(lights) == worst

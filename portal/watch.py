"""Whether the engines behind the portal are well: for a page of operators, asked often and cheaply.

Redis is advisory, so a page that asks must stand while it is away or hangs: it is asked one short question.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from redis.backoff import NoBackoff
from redis.retry import Retry

OK, CAUTION, DOWN, UNKNOWN = "ok", "caution", "down", "unknown"
WORST_FIRST = (DOWN, CAUTION, UNKNOWN, OK)

WAIT = 0.3  # seconds Redis may take to answer
SLOW = 0.2  # seconds after which an answer is worth a look
CROWDED = 0.8  # of the connections the database lets in
HEARTBEAT = "xuanshu.heartbeat"
LATE, SILENT = timedelta(seconds=60), timedelta(seconds=180)
QUEUE = "celery"

STATE = """
    SELECT current_setting('synchronous_commit'), current_setting('max_connections')::int, sum(numbackends)
    FROM pg_stat_database
"""


@dataclass(frozen=True)
class Sign:
    """One engine: its name, its light (never colour alone: `words` say what is so), since when."""

    name: str
    light: str
    words: str


def worst(lights: Iterable[str]) -> str:
    """The light one looks at first."""
    return min(lights, key=WORST_FIRST.index, default=OK)


def client() -> redis.Redis:
    """A connection that gives up at once."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=WAIT,
        socket_connect_timeout=WAIT,
        retry=Retry(NoBackoff(), 0),
    )


def beat(*, now: datetime) -> None:
    """What the clock has the worker do every few seconds: to say that both are alive."""
    with client() as asked:
        asked.set(HEARTBEAT, f"{now.timestamp():.0f}", ex=timedelta(days=2))


def engines(now: datetime) -> list[Sign]:
    """The database, Redis, and the worker with its clock."""
    return [database(), *_behind(now)]


def database() -> Sign:
    """What the database says of itself. It must answer: whoever asks this is on a page made from it."""
    name, start = _("数据库"), time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        durable, most, used = cursor.fetchone()
    took = time.perf_counter() - start
    words = _("正常，{ms} 毫秒响应，连接 {used} / {most}。").format(ms=_ms(took), used=used, most=most)
    if durable == "off":
        return Sign(name, DOWN, _("synchronous_commit 已关闭，停电会丢失选票，请系统管理员立即改正。"))
    if used > most * CROWDED:
        return Sign(
            name, CAUTION, _("连接快用完了：{used} / {most}，请系统管理员查看。").format(used=used, most=most)
        )
    if took > SLOW:
        return Sign(name, CAUTION, _("响应慢：{ms} 毫秒，请系统管理员查看。").format(ms=_ms(took)))
    return Sign(name, OK, words)


def _behind(now):
    names = _("Redis（限次、排队）"), _("后台任务")
    start = time.perf_counter()
    try:
        with client() as asked, asked.pipeline(transaction=False) as line:
            line.get(HEARTBEAT).llen(QUEUE)
            heard, queued = line.execute()
    except (redis.RedisError, OSError):
        yield Sign(names[0], DOWN, _("没有响应。收票不受影响，限次由数据库代替，请系统管理员恢复。"))
        yield Sign(names[1], UNKNOWN, _("未知：Redis 没有响应，看不到后台任务。"))
        return
    took = time.perf_counter() - start
    if took > SLOW:
        yield Sign(names[0], CAUTION, _("响应慢：{ms} 毫秒，请系统管理员查看。").format(ms=_ms(took)))
    else:
        yield Sign(names[0], OK, _("正常，{ms} 毫秒响应。").format(ms=_ms(took)))
    yield Sign(names[1], *_worker(heard, queued, now))


def _worker(heard, queued, now):
    if heard is None:
        return DOWN, _("没有收到过信号，短信、公开记录和预警都不会处理，请系统管理员启动。")
    age = max(now - datetime.fromtimestamp(float(heard), UTC), timedelta())
    seconds = int(age.total_seconds())
    if age > SILENT and queued:
        return DOWN, _("后台进程 {n} 秒没有响应，{queued} 件任务在排队，请系统管理员查看。").format(
            n=seconds, queued=queued
        )
    if age > SILENT:
        return DOWN, _("定时进程 {n} 秒没有响应，请系统管理员查看。").format(n=seconds)
    if age > LATE:
        return CAUTION, _("最近一次响应在 {n} 秒前，可能正在处理大任务。").format(n=seconds)
    return OK, _("正常，{n} 秒前有响应，排队 {queued} 件。").format(n=seconds, queued=queued)


def _ms(seconds):
    return round(seconds * 1000)

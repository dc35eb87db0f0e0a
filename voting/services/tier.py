"""How the ballot tier is doing, by its own account: what its processes left in Redis, for the office.

Redis is advisory: when it is away nothing is known here, and ballots go on. The keys:

    box:processes            hash  process → {"at": seconds, "queue": n, "postgres": bool}
    box:<poll>:<minute>      hash  "accepted" or a reason → ballots in that minute (seconds // 60); two hours
    box:<poll>:sum           hash  the same since the poll was opened
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import redis
from django.utils.translation import gettext_lazy as _

from portal import watch

PROCESSES = "box:processes"
ACCEPTED, REPEATED = "accepted", "repeated"
HEARD = timedelta(seconds=5)  # a process that was not heard of for longer is not alive
MINUTES = 60

#: What the reasons are called; `repeated` is a ballot whose answer was asked for once more.
REASONS = {
    "again": _("已投过票"),
    "conflict": _("同一选票内容不同"),
    "void": _("选择不符合规则"),
    "outside": _("不在投票时间内"),
    "paused": _("投票暂停中"),
    "expired": _("身份核验过期"),
    "forged": _("身份核验无效"),
    "proof": _("安全校验未通过"),
    "origin": _("不是从投票页面提交"),
    "host": _("网址不对"),
    "size": _("内容过长"),
    "shape": _("内容不完整"),
    "slow": _("未通过次数过多"),
    "busy": _("系统繁忙"),
}


@dataclass(frozen=True)
class Process:
    """A process of the tier: when it was last heard of, ballots waiting in it, what it can reach."""

    name: str
    at: datetime
    queue: int
    postgres: bool


@dataclass(frozen=True)
class Tier:
    """The tier at one moment. Without Redis `reachable` is False and the rest is empty."""

    reachable: bool
    processes: list[Process] = field(default_factory=list)
    #: (beginning of the minute, accepted, refused) of the last hour, the running minute last.
    minutes: list[tuple[datetime, int, int]] = field(default_factory=list)
    #: Refused by reason in the last hour, and since the poll was opened.
    refused: dict[str, int] = field(default_factory=dict)
    refused_ever: dict[str, int] = field(default_factory=dict)

    @property
    def alive(self) -> int:
        return len(self.processes)

    @property
    def queue(self) -> int:
        """Ballots waiting to be written, of all processes."""
        return sum(each.queue for each in self.processes)

    @property
    def postgres(self) -> bool:
        """Whether every process that is alive can write."""
        return bool(self.processes) and all(each.postgres for each in self.processes)

    @property
    def accepted_a_minute(self) -> int:
        """Ballots taken in the last full minute."""
        return self.minutes[-2][1] if len(self.minutes) > 1 else 0


def minute_key(poll_id: int, minute: int) -> str:
    return f"box:{poll_id}:{minute}"


def sum_key(poll_id: int) -> str:
    return f"box:{poll_id}:sum"


def tier(poll_id: int, *, now: datetime) -> Tier:
    """The figures of a poll; one question to Redis, which has a moment to answer."""
    this = int(now.timestamp()) // 60
    wanted = range(this - MINUTES + 1, this + 1)
    try:
        with watch.client() as client, client.pipeline(transaction=False) as line:
            line.hgetall(PROCESSES).hgetall(sum_key(poll_id))
            for minute in wanted:
                line.hgetall(minute_key(poll_id, minute))
            processes, ever, *minutes = line.execute()
    except (redis.RedisError, OSError):
        return Tier(reachable=False)
    counted = [_numbers(each) for each in minutes]
    refused = {}
    for each in counted:
        for reason, number in _refused(each).items():
            refused[reason] = refused.get(reason, 0) + number
    return Tier(
        reachable=True,
        processes=_alive(processes, now),
        minutes=[
            (datetime.fromtimestamp(minute * 60, UTC), each.get(ACCEPTED, 0), sum(_refused(each).values()))
            for minute, each in zip(wanted, counted, strict=True)
        ],
        refused=refused,
        refused_ever=_refused(_numbers(ever)),
    )


def _alive(processes, now):
    found = []
    for name, text in processes.items():
        said = json.loads(text)
        at = datetime.fromtimestamp(said["at"], UTC)
        if now - at <= HEARD:
            found.append(Process(name.decode(), at, said["queue"], said["postgres"]))
    return sorted(found, key=lambda each: each.name)


def _numbers(counts):
    return {name.decode(): int(number) for name, number in counts.items()}


def _refused(counts):
    return {name: number for name, number in counts.items() if name not in (ACCEPTED, REPEATED)}

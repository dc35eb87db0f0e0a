"""The end of a poll's secret: no number can be looked up by it, and no ballot traced to one, ever again."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from portal import audit, environment
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from voting.models import Poll
from voting.services.keys import BEFORE_FILES, forget_secrets, key_path, key_variable
from voting.services.polls import locked


@dataclass(frozen=True)
class Destroyed:
    """`file`: whether this machine had the key's file; `left`: what only people can do, in sentences."""

    poll: Poll
    file: bool
    left: tuple[str, ...]


EVERYWHERE = N_("其他服务器、快照和备份中的密钥副本，本命令够不到，请逐一删除。")
RUNNING = N_("正在运行的网站进程可能还记着密钥，请重新启动网站、投票和后台任务进程。")
IN_ENVIRONMENT = N_("密钥还写在环境变量中，请从各服务器的环境文件里删除，再重新启动。")


def ends_of_appeal(poll: Poll) -> datetime:
    """Until when a voter may ask by number; from then on the key is to be destroyed."""
    return poll.closes + timedelta(days=poll.appeal_days)


@transaction.atomic
def destroy_secret(poll: Poll, *, by: Membership, now: datetime) -> Destroyed:
    """Destroy the key the voters of a poll are named with. Nothing brings it back.

    The row comes first and the file last: when the row is rolled back after the file went, the same command
    finishes the work.
    """
    require(by, "voting.destroy_secret", poll)
    poll = locked(poll)
    if poll.secret_destroyed_at:
        raise Refused("本次投票的密钥已经销毁，不需要再次销毁。")
    if not poll.closed_at:
        raise Refused("投票还没有关闭并计票，密钥还要用，不能销毁。")
    if poll.key_id == BEFORE_FILES:
        # Changing VOTER_SECRET instead would give every voter of a poll that is open a second ballot.
        raise Refused("本次投票建立时还没有单独的密钥，不能单独销毁，请技术人员在没有进行中的投票时处理。")
    if now < ends_of_appeal(poll):
        raise Refused(
            "查询期到 {until} 为止，投票人在此之前可以按手机号码查询，密钥不能提前销毁。",
            until=f"{timezone.localtime(ends_of_appeal(poll)):%Y-%m-%d %H:%M}",
        )
    poll.secret_destroyed_at = now
    poll.save(update_fields=["secret_destroyed_at"])
    left = _left(poll)
    path = key_path(poll.key_id)
    found = path.exists()
    audit.record("voting.destroy_secret", poll, by=by, now=now, key=poll.key_id, file=found, left=left)
    if found:
        _wipe(path)
    forget_secrets()
    return Destroyed(poll, found, left)


def _left(poll):
    given = environment.text(key_variable(poll.key_id))
    return (*([IN_ENVIRONMENT] if given else []), EVERYWHERE, RUNNING)


def _wipe(path):
    """Overwrite, then unlink; both reach the disk as far as the file system lets them."""
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        file.write(bytes(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

"""Asking a worker for something. The row is the truth and the sweep finds it; a lost broker loses nothing."""

import logging

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def ask(task: Task, *args) -> None:
    """Ask for `task(*args)` once what is being written is there. Without a broker the sweep asks later."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task, args):
    try:
        task.apply_async(args, retry=False)
    except (OperationalError, RedisError, OSError) as problem:
        log.warning("no broker for %s%s: %s", task.name, args, problem)

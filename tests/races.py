"""Two at once on real PostgreSQL, in a fixed order: the second begins while the first has not yet committed.

`overtaking` needs no luck and no clock: it goes on when the second act is done or waits for a lock.
"""

import threading
from collections.abc import Callable
from time import sleep

from django.db import connection, transaction

from portal.errors import Refused

_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def overtaking(first: Callable, second: Callable) -> list:
    """What each returned or raised, where `second` was called before `first` had committed."""
    outcomes: list = [None, None]
    done, commit = threading.Event(), threading.Event()

    def begin():
        try:
            with transaction.atomic():
                outcomes[0] = first()
                done.set()
                commit.wait(30)
        except Exception as problem:
            outcomes[0] = problem
        finally:
            done.set()
            connection.close()

    def follow():
        try:
            outcomes[1] = second()
        except Exception as problem:
            outcomes[1] = problem
        finally:
            connection.close()

    one, other = threading.Thread(target=begin), threading.Thread(target=follow)
    one.start()
    assert done.wait(30)
    other.start()
    try:
        while other.is_alive() and not _waiting():
            sleep(0.01)
    finally:
        commit.set()
    one.join(60)
    other.join(60)
    assert not one.is_alive() and not other.is_alive()
    return outcomes


def queueing(held: Callable, *acts: Callable) -> list:
    """What each act returned or raised: they came in this order and waited, one after another, behind what
    `held` locks, which then was let go.
    """
    outcomes: list = [None] * len(acts)
    ready, release = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                held()
                ready.set()
                release.wait(30)
        finally:
            ready.set()
            connection.close()

    def run(place, act):
        try:
            outcomes[place] = act()
        except Exception as problem:
            outcomes[place] = problem
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    holder.start()
    assert ready.wait(30)
    try:
        for number, each in enumerate(threads, start=1):
            each.start()
            while each.is_alive() and _waiting() < number:
                sleep(0.01)
    finally:
        release.set()
    for each in (holder, *threads):
        each.join(60)
        assert not each.is_alive()
    return outcomes


def told(outcome) -> bool:
    """Whether this act was refused with a sentence; anything else that was raised is a fault."""
    if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
        raise outcome
    return isinstance(outcome, Refused)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return cursor.fetchone()[0]

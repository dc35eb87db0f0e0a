"""How long detection takes beside a big poll: python bench/watching.py [BALLOTS].

Fills a scratch database of its own (test_… beside DATABASE_URL, dropped at the end) with a poll of so many
ballots over three days and, at the end, a thousand a second; then looks as the worker does.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("XUANSHU_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from fraud import a_poll  # noqa: E402

from voting.services.detecting import detect  # noqa: E402

A_SECOND = 1000
FILL = """
    INSERT INTO voting_ballot (id, poll_id, voter, turn, picks, cast_at, record, commitment, address, network,
                               device, block, home, dwell)
    SELECT gen_random_uuid(), %(poll)s, md5(%(tag)s || n), %(day)s,
           ARRAY[1 + (n * 7919 %% 13), 14 + (n * 104729 %% 13), 27 + (n * 1299709 %% 14)]::smallint[],
           %(since)s::timestamptz + n * interval '1 microsecond' * %(step)s, gen_random_uuid(), ''::bytea,
           md5('a' || (random() * 500000)::int), md5('n' || (random() * 60000)::int),
           md5(%(tag)s || 'd' || n),
           md5('b' || (random() * 100000)::int), CASE WHEN random() < 0.12 THEN 'away' ELSE 'local' END,
           (20 + 400 * random() * random())::int
    FROM generate_series(1::bigint, %(n)s) n
"""


def fill(poll, tag, n, since, seconds):
    step = int(seconds * 1_000_000 / n)
    params = {"poll": poll.pk, "tag": tag, "n": n, "since": since, "step": step, "day": poll.opens.date()}
    with connection.cursor() as cursor:
        cursor.execute(FILL, params)


def looked(poll, now, what):
    began, cpu = time.perf_counter(), time.process_time()
    detect(poll, now=now)
    took, own = time.perf_counter() - began, time.process_time() - cpu
    print(f"| {what} | {took:.2f} s | {own:.2f} s |", flush=True)  # noqa: T201


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        poll = a_poll()
        rush = poll.opens + timedelta(hours=60)
        fill(poll, "day", number, poll.opens, 60 * 3600)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE voting_ballot")
        print("| Look | Time | of it Python |\n|---|---|---|")  # noqa: T201
        looked(poll, rush, f"the first, {number} ballots nobody has looked at: minutes, day and whole")
        for n in range(1, 4):
            fill(poll, f"rush{n}", 10 * A_SECOND, rush + timedelta(seconds=10 * (n - 1)), 10)
            looked(poll, rush + timedelta(seconds=10 * n), f"ten seconds later, {10 * A_SECOND} more")
        looked(poll, rush + timedelta(minutes=5), "five minutes later: minutes and day")
        looked(poll, rush + timedelta(minutes=31), "half an hour later: minutes, day and whole")
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()

"""How long a big case takes, proposed, decided and undone: python bench/cases.py [BALLOTS].

Fills a scratch database of its own (test_… beside DATABASE_URL, dropped at the end) with a poll of so many
ballots, 200 000 unless told; half of them are set aside and restored, each time by two people.
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
from watching import fill  # noqa: E402

from tests.voting import ground  # noqa: E402
from voting.services import counting, quarantine, selecting  # noqa: E402
from voting.services.selecting import Criteria  # noqa: E402


def took(what, work):
    began = time.perf_counter()
    found = work()
    print(f"| {what} | {time.perf_counter() - began:.1f} s |", flush=True)  # noqa: T201
    return found


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        poll = a_poll()
        first, second = ground.office(poll.edition), ground.second(poll.edition)
        fill(poll, "day", number, poll.opens, 60 * 3600)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE voting_ballot")
        now = poll.opens + timedelta(hours=60)
        half = selecting.matching(poll, Criteria(until=poll.opens + timedelta(hours=30)), now=now)

        def preview(kind="set_aside"):
            ballots = selecting.matching(poll, Criteria(kind=kind, until=now), now=now)
            return ballots.count(), counting.by_hour(ballots)

        print("| What | Time |\n|---|---|")  # noqa: T201
        took(f"preview of all {number}", preview)
        case = took(
            "propose half of them",
            lambda: quarantine.propose(
                poll, half, kind="set_aside", grounds="burst", reason="演示", by=first, now=now
            ),
        )
        took("decide", lambda: quarantine.decide(case, approved=True, by=second, now=now))
        took("preview of what still counts", preview)
        took("preview of what is set aside", lambda: preview("restore"))
        undo = took(
            "propose to undo it", lambda: quarantine.propose_undo(case, reason="演示", by=second, now=now)
        )
        took("decide", lambda: quarantine.decide(undo, approved=True, by=first, now=now))
        took("preview of all", preview)
        took("figures and tally", lambda: (counting.figures(poll), counting.tally(poll)))
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()

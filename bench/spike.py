"""From nothing to ten times the usual in five seconds: python bench/spike.py [SECONDS]

32 telephones at once are the usual load of bench/ballots.py; here 320 come within five seconds and stay. A
telephone sends its next ballot when it has its answer. No answer may be but 200 or 503 with Retry-After,
nothing that was thanked for may be missing; printed are the accepted ballots and how long they took.
"""

import asyncio
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.clients import vote  # noqa: E402
from bench.crash import account, path, start_tier  # noqa: E402
from bench.stand import Stand  # noqa: E402

LINES, RAMP, READY = 320, 5.0, 60_000


def main(seconds: float) -> int:
    with Stand() as stand:
        bodies = stand.bodies(READY).read_bytes().splitlines()
        start_tier(stand)
        # The tier has been at work before the rush: what is measured is the rush, not its first breath.
        asyncio.run(vote(bodies[:2000], str(stand.tier), path(stand), lines=4, seconds=8))
        journal = asyncio.run(
            vote(bodies[2000:], str(stand.tier), path(stand), lines=LINES, seconds=seconds, ramp=RAMP)
        )
        found = account(stand, journal)
    cuts = statistics.quantiles(journal.accepted, n=100)
    print(  # noqa: T201
        f"{LINES} telephones within {RAMP:g} s, {seconds:g} s: answers {dict(journal.answers)}, "
        f"{len(journal.accepted) / seconds:.0f}/s accepted, median {cuts[49] * 1000:.0f} ms, "
        f"99 % {cuts[98] * 1000:.0f} ms; {found}"
    )
    return int(bool(found["lost"] or found["doubled"] or journal.wrong or journal.answers["no answer"]))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 15.0))

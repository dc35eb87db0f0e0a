"""Is a ballot that was acknowledged ever lost or doubled? python bench/crash.py [KILLS] [SECONDS] [--unsafe]

Telephones vote without pause while one thing after another is killed with SIGKILL: PostgreSQL with all its
processes, a worker of the ballot tier, the whole tier, Valkey, the Celery worker that keeps the log. Each is
started again after a moment. At the end every acknowledged ballot must be in the box exactly once, every
receipt must be signed and say what is stored, and the log must hold each ballot once (`verify_poll`).

`--unsafe` runs the same with `synchronous_commit = off` and the tier's own refusal of it switched off: there
it must find losses, or it could find none anywhere.
"""

import asyncio
import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.clients import Journal, vote  # noqa: E402
from bench.stand import Stand, wait_for  # noqa: E402

LINES = 24
KINDS = ("postgresql", "one worker", "tier", "valkey", "sequencer")
BATCH = 60_000  # request bodies made at a time


def start_tier(stand: Stand, *, unsafe: bool = False) -> None:
    target = "bench.unsafe:application" if unsafe else "voting.box.wsgi:application"
    stand.tier.unlink(missing_ok=True)
    stand.start(
        "tier",
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--uds", stand.tier),
            *("--workers", "2", "--blocking-threads", "16", "--respawn-failed-workers"),
            *("--respawn-interval", "0.2", "--log-level", "error", target),
        ],
    )
    wait_for(str(stand.tier))


def start_sequencer(stand: Stand) -> None:
    stand.start(
        "sequencer",
        [
            *(sys.executable, "-m", "celery", "-A", "portal", "worker", "--beat", "-c", "1"),
            *("-l", "ERROR", "-s", stand.folder / "beat", "--without-gossip", "--without-mingle"),
        ],
    )


def kill(stand: Stand, kind: str, chance: random.Random, *, unsafe: bool) -> None:
    """Kill one thing and start it again after a moment."""
    if kind == "one worker":
        children = Path(f"/proc/{stand.children['tier'].pid}/task").glob("*/children")
        pids = [int(pid) for path in children for pid in path.read_text().split()]
        os.kill(chance.choice(pids), signal.SIGKILL)
        return
    stand.end(kind, signal.SIGKILL)
    time.sleep(chance.uniform(0.1, 0.6))
    if kind == "tier":
        start_tier(stand, unsafe=unsafe)
    elif kind == "sequencer":
        start_sequencer(stand)
    else:
        stand.start_engine(kind)


def bodies(stand: Stand, round_: int, number: int) -> list[bytes]:
    path = stand.bodies(number, first=round_ * number)
    found = path.read_bytes().splitlines()
    path.unlink()
    return found


def run(stand: Stand, kills: int, seconds: float, *, unsafe: bool = False, batch: int = BATCH, kinds=KINDS):
    """All that was acknowledged over so many kills, `seconds` of voting around each."""
    chance, whole = random.Random(5), Journal()
    start_tier(stand, unsafe=unsafe)
    start_sequencer(stand)
    ready, made, done = [], 0, 0
    while done < kills:
        if len(ready) < batch // 2:
            ready, made = ready + bodies(stand, made, batch), made + 1
        kind = kinds[done % len(kinds)]
        at = threading.Timer(
            chance.uniform(0.3, 0.7) * seconds, kill, (stand, kind, chance), {"unsafe": unsafe}
        )
        at.start()
        journal = asyncio.run(vote(ready, str(stand.tier), path(stand), lines=LINES, seconds=seconds))
        at.join()
        ready = [each for each in ready if json.loads(each)["ballot"] not in journal.acknowledged]
        merge(whole, journal)
        done += 1
        heard = dict(journal.answers)
        print(f"  {done} {kind}: {len(journal.acknowledged)} thanked {heard}", flush=True)  # noqa: T201
    return whole


def path(stand: Stand) -> str:
    return f"/ballot/{stand.poll}/"


def merge(whole: Journal, part: Journal) -> None:
    whole.changed += [
        each for each, said in part.acknowledged.items() if whole.acknowledged.setdefault(each, said) != said
    ]
    whole.answers.update(part.answers)
    whole.changed += part.changed
    whole.wrong += part.wrong


def account(stand: Stand, journal: Journal) -> dict[str, int]:
    """What became of every acknowledged ballot."""
    from voting.rules.notes import opened

    verifier = stand.inside("verifier").split()[-1]
    stored = {str(pk): (sorted(picks), str(record)) for pk, picks, record in stand.query(
        "SELECT id, picks, record FROM voting_ballot"
    )}  # fmt: skip
    lost = forged = other = 0
    for ballot, content in journal.acknowledged.items():
        said = json.loads(content)
        try:
            opened(said["note"], verifier)
        except ValueError:
            forged += 1
        if ballot not in stored:
            lost += 1
        elif stored[ballot] != (sorted(said["picks"]), said["record"]) and stored[ballot][0] != said["picks"]:
            other += 1
    doubled = stand.query(
        "SELECT count(*) FROM (SELECT voter, turn FROM voting_ballot GROUP BY 1, 2 HAVING count(*) > 1) twice"
    )[0][0]
    return {
        "acknowledged": len(journal.acknowledged),
        "stored": len(stored),
        "lost": lost,
        "doubled": doubled,
        "not signed": forged,
        "stored otherwise": other,
        "receipts that changed": len(journal.changed),
        "wrong answers": len(journal.wrong),
    }


def main(kills: int, seconds: float, *, unsafe: bool) -> int:
    kinds = ("postgresql",) if unsafe else KINDS
    with Stand(synchronous=not unsafe) as stand:
        journal = run(stand, kills, seconds, unsafe=unsafe, kinds=kinds)
        found = account(stand, journal)
        if not unsafe:
            stand.end("sequencer")
            found["log"] = stand.inside("log", str(stand.poll)).strip()
    print(f"{kills} kills, {seconds:g} s around each: {found}")  # noqa: T201
    bad = sum(found[name] for name in ("lost", "doubled", "not signed", "stored otherwise"))
    return int(bad == 0) if unsafe else int(bad > 0 or found["log"] != "equal")


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    sys.exit(
        main(
            int(words[0]) if words else 50,
            float(words[1]) if words[1:] else 8.0,
            unsafe="--unsafe" in sys.argv,
        )
    )

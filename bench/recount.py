"""How long a citizen's recount takes: python bench/recount.py [BALLOTS …] (default 1 000 000 and 10 000 000).

Makes the public record of a poll of so many ballots in a folder of its own (140 bytes a ballot, removed at
the end), with 200 checkpoints and a thousandth set aside, and has static/verify/verify_poll.py check all of
it. Prints seconds on the clock and of the processors, and the most memory any of its processes held at once
(resident, MB) and all of them together.
"""

import base64
import hashlib
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.voting import records

SCRIPT = Path(__file__).resolve().parents[1] / "static" / "verify" / "verify_poll.py"
CANDIDATES, LEAST, MOST = 20, 5, 10
CHECKPOINTS, SET_ASIDE = 200, 1000
CHUNK = 1 << 15
POLL = 7


def lines(chunk: int, number: int) -> tuple[bytes, bytes, Counter, Counter]:
    """Lines, their leaves one after the other, picks of those that count and of those set aside."""
    chance = random.Random(chunk)
    times = [f"{records.OPENS + timedelta(minutes=10 * each):%Y-%m-%dT%H:%MZ}" for each in range(378)]
    made = [sorted(chance.sample(range(1, CANDIDATES + 1), chance.randint(LEAST, MOST))) for _ in range(4000)]
    texts = [",".join(map(str, picks)) for picks in made]
    noise = chance.randbytes(48 * number).hex()
    found, leaves, chosen, aside = [], [], Counter(), Counter()
    for place in range(number):
        choice = chance.randrange(4000)
        at = 96 * place
        line = (
            f"1 {POLL} {noise[at : at + 32]} {texts[choice]} {times[choice % 378]} {noise[at + 32 : at + 96]}"
        ).encode()
        found.append(line)
        leaves.append(hashlib.sha256(b"\0" + line).digest())
        (aside if (chunk * CHUNK + place) % SET_ASIDE == 0 else chosen)[choice] += 1
    return b"\n".join(found) + b"\n", b"".join(leaves), picks_of(chosen, made), picks_of(aside, made)


def picks_of(choices, made):
    total = Counter()
    for choice, times in choices.items():
        for pick in made[choice]:
            total[pick] += times
    return total


class Edge:
    """The right edge of the tree: enough for the root of what came so far."""

    def __init__(self):
        self.size, self.nodes = 0, []

    def push(self, node):
        size, self.size = self.size, self.size + 1
        while size & 1:
            node = hashlib.sha256(b"\1" + self.nodes.pop() + node).digest()
            size >>= 1
        self.nodes.append(node)

    def root(self):
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = hashlib.sha256(b"\1" + node + root).digest()
        return root


def write(folder: Path, ballots: int, key: records.Key) -> None:
    origin = f"{key.name}/vote/{POLL}"
    sizes = {ballots * (n + 1) // CHECKPOINTS for n in range(CHECKPOINTS)}
    edge, chosen, aside, notes = Edge(), Counter(), Counter(), []
    parts = [(n, min(CHUNK, ballots - n * CHUNK)) for n in range(-(-ballots // CHUNK))]
    with (folder / "ballots.txt").open("wb") as file, multiprocessing.Pool() as pool:
        # A few at a time: what waits lies in memory.
        for start in range(0, len(parts), 8):
            for text, leaves, some, others in pool.starmap(lines, parts[start : start + 8]):
                file.write(text)
                chosen += some
                aside += others
                for at in range(0, len(leaves), 32):
                    edge.push(leaves[at : at + 32])
                    if edge.size in sizes:
                        notes.append(key.note(origin, edge.size, base64.b64encode(edge.root()).decode()))
    (folder / "checkpoints.txt").write_text("\n".join(notes), "utf-8")
    places = list(range(0, ballots, SET_ASIDE))
    (folder / "cases.jsonl").write_text(records.canonical(records.act(1, "set_aside", places)), "utf-8")
    names = range(1, CANDIDATES + 1)
    tally = {
        "origin": origin,
        "version": 1,
        "title": "虚构投票",
        "opens": records.OPENS.isoformat(),
        "closes": records.CLOSES.isoformat(),
        "min_picks": LEAST,
        "max_picks": MOST,
        "ballots_per": "poll",
        "cast": ballots,
        "set_aside": len(places),
        "valid": ballots - len(places),
        "candidates": [
            {"number": n, "name": f"虚构企业{n}", "picks": chosen[n], "set_aside": one(aside[n])}
            for n in names
        ],
        "grounds": one(len(places)),
    }
    (folder / "tally.json").write_text(records.canonical(tally), "utf-8")
    digests = []
    for name in records.FILES:
        with (folder / name).open("rb") as file:
            digests.append(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}")
    note = key.note(f"{origin}/statement", ballots, base64.b64encode(edge.root()).decode(), *digests)
    (folder / "statement.txt").write_text(note, "utf-8")


def one(number):
    return {"burst": number} if number else {}


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def resident(pid: int) -> int:
    """Bytes a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def watch(process) -> tuple[int, int]:
    """The most one process of the family held, and all of them together."""
    largest = together = 0
    while process.poll() is None:
        try:
            held = [resident(pid) for pid in family(process.pid)]
        except OSError:  # one of them just ended
            continue
        largest, together = max([largest, *held]), max(together, sum(held))
        time.sleep(0.2)
    return largest, together


def measure(ballots: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="recount-"))
    if shutil.disk_usage(folder).free < 300 * ballots:
        sys.exit(f"{folder}: not enough room for {ballots} ballots")
    key = records.Key()
    try:
        begun = time.monotonic()
        write(folder, ballots, key)
        made = time.monotonic() - begun
        size = (folder / "ballots.txt").stat().st_size
        begun, busy = time.monotonic(), os.times()
        command = [sys.executable, "-I", str(SCRIPT), str(folder), "--key", key.text, "--english"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        largest, together = watch(process)
        taken = time.monotonic() - begun
        now = os.times()
        spent = now.children_user + now.children_system - busy.children_user - busy.children_system
        said = process.stdout.read()
        if process.returncode:
            sys.exit(said)
    finally:
        shutil.rmtree(folder)
    print(  # noqa: T201
        f"{ballots:>10} ballots, {size / 1e6:.0f} MB (made in {made:.0f} s): {taken:.1f} s "
        f"({spent:.1f} s of processors); {largest / 1e6:.0f} MB in one process, "
        f"{together / 1e6:.0f} MB in all"
    )


if __name__ == "__main__":
    for number in sys.argv[1:] or ("1000000", "10000000"):
        measure(int(number))

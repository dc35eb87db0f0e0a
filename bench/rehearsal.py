"""How long a rehearsal takes on a paper with many ballots: python bench/rehearsal.py [BALLOTS].

Needs DATABASE_URL and REDIS_URL of a migrated scratch database: a rehearsal leaves its edition there.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "fixtures" / "sample"
DECISIONS = json.loads((SAMPLE / "edition.json").read_text(encoding="utf-8"))
CODES = [row["code"] for row in json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))["rows"]]


def write_ballots(path: Path, number: int) -> None:
    """As many valid ballots of different numbers, spread over the poll, in the order of time."""
    chance = random.Random(20260701)
    opens = datetime.fromisoformat(DECISIONS["poll_opens"])
    length = datetime.fromisoformat(DECISIONS["poll_closes"]) - opens
    moments = sorted(chance.random() for _ in range(number))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["phone", "cast_at", "picks"])
        for line, moment in enumerate(moments):
            at = opens + timedelta(seconds=int(length.total_seconds() * moment))
            picks = chance.sample(CODES, chance.randint(DECISIONS["min_picks"], DECISIONS["max_picks"]))
            out.writerow([f"199{line:08d}", f"{at:%Y-%m-%d %H:%M:%S}", ";".join(picks)])


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paper, out = Path(folder) / "paper", Path(folder) / "out"
        shutil.copytree(SAMPLE, paper)
        write_ballots(paper / "选票.csv", number)
        started = time.perf_counter()
        command = [sys.executable, str(ROOT / "manage.py"), "rehearse", str(paper), "--out", str(out)]
        subprocess.run(command, check=True, env={"XUANSHU_ENV": "development", **os.environ}, cwd=ROOT)
        taken = time.perf_counter() - started
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        assert summary["ballots"] == {"cast": number, "void": 0, "again": 0, "outside": 0}, summary["ballots"]
        print(f"{number} ballots, from paper to honours: {taken:.1f} s")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000)

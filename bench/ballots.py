"""How fast are ballots taken? python bench/ballots.py [ROUNDS] [SECONDS]

On engines and ports of its own, with wrk (Debian's package) as load generator on the same cores. One round
runs every variant once, so that other work on the machine meets all of them alike; what is printed are
medians, and medians of the ratios within a round. Every answer is looked at: a variant with a wrong one is
no result. Before each variant the box is emptied.

    full      the ballot tier: host, size, origin, token, proof of work, rules, durable insert, signed receipt
    naive     bench/naive.py: Django's whole stack, ORM, gunicorn gthread as in deploy/
    bare      the tier's queue and writer alone: a durable insert of a row made beforehand, no checks
    pgbench   one prepared INSERT … ON CONFLICT of the same row at a time, 16 connections
    no redis  `full` while Valkey is stopped (SIGSTOP)
"""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.stand import Stand, wait_for  # noqa: E402

LINES = 32
READY = int(os.environ.get("READY", "60000"))  # voters
ROW = """\\set n random(1, 1000000000)
INSERT INTO voting_ballot (id, poll_id, voter, turn, picks, cast_at, record, commitment, address, network,
  device, block, home, dwell)
VALUES (gen_random_uuid(), {poll}, md5(:n::text) || md5(random()::text), current_date, '{{1,2,3,4,5}}', now(),
  gen_random_uuid(), decode(repeat('ab', 32), 'hex'), repeat('a', 32), repeat('b', 32), repeat('c', 32),
  repeat('d', 32), 'local', 60)
ON CONFLICT DO NOTHING;
"""
RESULT = re.compile(
    r"RESULT good=(?P<good>\d+) busy=(?P<busy>\d+) wrong=(?P<wrong>\d+) again=(?P<again>\d+) "
    r"seconds=(?P<seconds>[\d.]+) p50=(?P<p50>[\d.]+) p99=(?P<p99>[\d.]+) errors=(?P<errors>\d+)"
)


def granian(target: str, port: int) -> list:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port),
        *("--workers", 2, "--blocking-threads", 16, "--backpressure", 256, "--log-level", "error", target),
    ]


def gunicorn(target: str, port: int) -> list:
    return [
        *(sys.executable, "-m", "gunicorn", target, "-k", "gthread", "-w", "4", "--threads", "4"),
        *("-b", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "error"),
    ]


def wrk(stand: Stand, port: int, mark: str, seconds: float) -> dict[str, float]:
    """Ballots a second and latencies of what listens at a port; refuses a run with a wrong answer."""
    command = [
        *("wrk", "-t1", f"-c{LINES}", f"-d{seconds:g}s", "--latency", "-s", ROOT / "bench" / "ballots.lua"),
        *(f"http://127.0.0.1:{port}/ballot/{stand.poll}/", "--", stand.bodies(READY), "1", mark),
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    found = RESULT.search(done.stdout)
    if not found:
        raise SystemExit(done.stdout + done.stderr)
    said = {name: float(value) for name, value in found.groupdict().items()}
    if said["wrong"] or said["errors"] or said["again"]:
        raise SystemExit(f"{found.group()}\n{done.stderr}")
    stored = stand.query("SELECT count(*) FROM voting_ballot")[0][0]
    if stored < said["good"]:
        raise SystemExit(f"{said['good']:.0f} thanked for, {stored} stored")
    return {
        "rate": said["good"] / said["seconds"],
        "p50": said["p50"],
        "p99": said["p99"],
        "busy": said["busy"],
    }


def pgbench(stand: Stand, seconds: float) -> dict[str, float]:
    program = stand.engines["postgresql"].command()[0].with_name("pgbench")
    script = stand.folder / "row.sql"
    script.write_text(ROW.format(poll=stand.poll))
    command = [program, "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", f"{seconds:g}", "-f", script]
    url = stand.engines["postgresql"].url
    done = subprocess.run([*map(str, command), url], capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if not found:
        raise SystemExit(done.stderr)
    return {"rate": float(found.group(1))}


def measure(stand: Stand, name: str, port: int, seconds: float) -> dict[str, float]:
    stand.fresh()
    if name == "pgbench":
        return pgbench(stand, seconds)
    if name == "no redis":
        os.killpg(stand.children["valkey"].pid, signal.SIGSTOP)
    try:
        return wrk(stand, port, '"code"', seconds)
    finally:
        if name == "no redis":
            os.killpg(stand.children["valkey"].pid, signal.SIGCONT)


def main(rounds: int, seconds: float) -> None:
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: apt-get install wrk")
    with Stand() as stand:
        ports = {"full": 8301, "naive": 8302, "bare": 8303}
        stand.bodies(READY)
        stand.start("full", granian("voting.box.wsgi:application", ports["full"]))
        stand.start("naive", gunicorn("bench.naive:application", ports["naive"]))
        stand.start("bare", granian("bench.bare:application", ports["bare"]))
        for port in ports.values():
            wait_for(str(port))
            while not wrk(stand, port, '"code"', 1)["rate"]:
                stand.fresh()  # it is still loading
            stand.fresh()
        names = ("full", "naive", "bare", "pgbench", "no redis")
        runs: dict[str, list[dict]] = {name: [] for name in names}
        for _round in range(rounds):
            for name in names:
                runs[name].append(measure(stand, name, ports.get(name, ports["full"]), seconds))
                print(f"{name:9} {runs[name][-1]}", flush=True)  # noqa: T201
    report(runs)


def report(runs: dict[str, list[dict]]) -> None:
    def median(name, what):
        return statistics.median(run[what] for run in runs[name])

    def ratio(over, under):
        pairs = zip(runs[over], runs[under], strict=True)
        return statistics.median(one["rate"] / other["rate"] for one, other in pairs)

    for name, found in runs.items():
        times = (
            f", p50 {median(name, 'p50'):.1f} ms, p99 {median(name, 'p99'):.1f} ms"
            if "p99" in found[0]
            else ""
        )
        print(f"{name:9} {median(name, 'rate'):8.0f}/s{times}")  # noqa: T201
    for over, under in (("full", "naive"), ("bare", "pgbench"), ("no redis", "full")):
        print(f"{over} ÷ {under}: {ratio(over, under):.2f}")  # noqa: T201


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else 5, float(words[1]) if words[1:] else 8.0)

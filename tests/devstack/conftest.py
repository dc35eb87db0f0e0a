"""A small checkout with real servers in it: the launcher's own work without the portal's weight."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.devstack import environment
from portal.devstack.places import ROOT, Places

ENGINES = {"DATABASE_URL", "REDIS_URL"}
MANAGE = "import sys\nprint('managed', *sys.argv[1:])\n"
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]
"""
CELERY = """
import os
from celery import Celery
broker = os.environ["REDIS_URL"].replace("unix:", "redis+socket:").replace("db=", "virtual_host=")
app = Celery("portal", broker=broker)
"""
DRIVER = """
import sys
from pathlib import Path
from portal.devstack import main, running
from portal.devstack.places import Places
sys.exit(main.obey(running.run, Places(Path(sys.argv[1])), []))
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder like ours, with a space and a Chinese name in its path; cleared of engines at the end."""
    root = tmp_path / "选树 check out"
    (root / "portal").mkdir(parents=True)
    (root / "node_modules").mkdir()
    (root / "manage.py").write_text(MANAGE)
    (root / "portal" / "__init__.py").touch()
    (root / "portal" / "wsgi.py").write_text(WSGI)
    (root / "voting" / "box").mkdir(parents=True)
    (root / "voting" / "__init__.py").touch()
    (root / "voting" / "box" / "__init__.py").touch()
    (root / "voting" / "box" / "wsgi.py").write_text(WSGI)
    (root / "portal" / "celery.py").write_text(CELERY)
    (root / "package-lock.json").write_text("{}")
    (root / "node_modules" / ".xuanshu").write_text(environment.digest(root / "package-lock.json"))
    places = Places(root)
    yield places
    for pid in at_work(places):
        os.kill(pid, 9)
    if places.memory.exists():
        annexe = Path(places.memory.read_text().strip())
        assert annexe.name.startswith("xuanshu-")
        subprocess.run(["rm", "-r", "--", annexe], check=True)


def at_work(places):
    """The processes that name this checkout, or its annexe, or work in it."""
    marks = [str(places.root)]
    if places.memory.exists():
        marks.append(places.memory.read_text().strip())
    found = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit() or int(path.name) == os.getpid():
            continue
        try:
            about = (path / "cmdline").read_bytes().decode("utf-8", "replace") + str(
                (path / "cwd").readlink()
            )
        except OSError:
            continue
        if any(mark in about for mark in marks):
            found.append(int(path.name))
    return found


def becomes(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def none_left(places, seconds=15):
    return becomes(lambda: not at_work(places), seconds)


class Launched:
    """`make run` of a small checkout, in a process of its own."""

    def __init__(self, places, port):
        surroundings = {name: value for name, value in os.environ.items() if name not in ENGINES}
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, places.root],
            cwd=ROOT,
            env={**surroundings, "PORT": str(port), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []

    def until(self, text):
        """Read its lines until one has the text."""
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} was never said:\n{''.join(self.lines)}")

    def rest(self):
        self.lines += self.process.stdout.readlines()
        return self.process.wait(timeout=30)

    @property
    def said(self):
        return "".join(self.lines)


@pytest.fixture
def launch(checkout):
    started = []

    def launch(port):
        started.append(Launched(checkout, port))
        return started[-1]

    yield launch
    for launched in started:
        if launched.process.poll() is None:
            launched.process.kill()
        launched.process.wait()
        launched.process.stdout.close()

"""Children: sessions of their own, an end for all of them, and for what they left behind."""

import os
import signal
import subprocess
import sys

import pytest

from portal.devstack.places import ROOT
from portal.devstack.processes import Family, last_lines
from portal.devstack.say import Stopped
from tests.devstack.conftest import becomes

STUBBORN = "trap '' TERM INT; echo up; while :; do sleep 0.1; done"
# A child that starts a grandchild in yet another session, says its number and waits.
WITH_STRAY = (
    "import subprocess, time; "
    "print(subprocess.Popen(['sleep', '300'], start_new_session=True).pid, flush=True); time.sleep(300)"
)
LAUNCHER = """
import sys, time
from portal.devstack.processes import Family
with Family() as family:
    child = family.start("child", ["sleep", "300"])
    print(child.popen.pid, flush=True)
    family.wait()
"""


def exists(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_runs_in_its_own_session_and_its_code_comes_back():
    with Family() as family:
        assert family.call("three", ["sh", "-c", "exit 3"]) == 3
        child = family.start("sleeper", ["sleep", "300"])
        assert os.getsid(child.popen.pid) == child.popen.pid
        assert child.running
    assert child.popen.returncode == -signal.SIGTERM


def test_a_stubborn_child_is_forced(monkeypatch, tmp_path):
    monkeypatch.setattr("portal.devstack.processes.GRACE", 0.3)
    log = tmp_path / "stubborn.log"
    with Family() as family:
        child = family.start("stubborn", ["sh", "-c", STUBBORN], log=log)
        assert becomes(lambda: last_lines(log) == ["up"])
    assert child.popen.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands strays to the launcher")
def test_what_a_child_left_behind_goes_too(tmp_path):
    log = tmp_path / "parent.log"
    with Family() as family:
        family.start("parent", [sys.executable, "-c", WITH_STRAY], log=log)
        assert becomes(lambda: last_lines(log))
        stray = int(last_lines(log)[0])
        assert exists(stray)
    assert not exists(stray)


def test_the_first_to_end_is_the_one_that_is_named():
    with Family() as family:
        family.start("steady", ["sleep", "300"])
        family.start("brief", ["sh", "-c", "exit 7"])
        child = family.wait()
        assert (child.name, child.popen.returncode) == ("brief", 7)


def test_engines_end_after_those_that_use_them(tmp_path):
    order = tmp_path / "order"
    tell = "trap 'echo {} >> \"$0\"; exit' TERM; echo up; while :; do sleep 0.02; done"
    with Family() as family:
        for name, last in (("engine", True), ("user", False)):
            log = tmp_path / f"{name}.log"
            family.start(name, ["sh", "-c", tell.format(name), order], last=last, log=log)
            assert becomes(lambda log=log: last_lines(log) == ["up"])
    assert order.read_text().split() == ["user", "engine"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_wait_and_what_is_under_way(signum):
    before = signal.getsignal(signum)
    with pytest.raises(Stopped) as stopped, Family() as family:
        sleeper = family.start("sleeper", ["sleep", "300"])
        family.start("sender", ["sh", "-c", f"sleep 0.2; kill -{int(signum)} {os.getpid()}; sleep 300"])
        family.wait()
    assert stopped.value.signum == signum
    assert not sleeper.running
    assert signal.getsignal(signum) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's end")
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_no_end_of_the_launcher_leaves_a_child(signum):
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with launcher.stdout:
        child = int(launcher.stdout.readline())
        assert exists(child)
        launcher.send_signal(signum)
        launcher.wait(timeout=15)
    assert becomes(lambda: not exists(child))


def test_the_log_of_the_run_before_is_kept(tmp_path):
    log = tmp_path / "child.log"
    with Family() as family:
        for word in ("first", "second"):
            family.call("child", ["echo", word], log=log)
    assert last_lines(log) == ["second"]
    assert last_lines(tmp_path / "child.log.1") == ["first"]

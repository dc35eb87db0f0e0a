"""`make run` as a whole on a small checkout: it answers, it ends, and it leaves nothing behind."""

import os
import signal
import socket
import urllib.request

import pytest

from portal.devstack import running
from portal.devstack.processes import last_lines
from portal.devstack.say import Halt
from tests.devstack.conftest import at_work, becomes, none_left


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pid_of(places, *words):
    """The oldest process of the checkout whose command line has these words."""
    found = []
    for pid in at_work(places):
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            line = file.read().decode().replace("\0", " ")
        if all(word in line for word in words):
            found.append(pid)
    return min(found)


def over_socket(path, address):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    return answer.partition(b"\r\n\r\n")[2].strip()


def surroundings(pid):
    with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
        return dict(line.split("=", 1) for line in file.read().decode().split("\0") if "=" in line)


def test_it_serves_and_sigterm_ends_everything(checkout, launch, port):
    launched = launch(port)
    launched.until("The portal:")
    for step in ("front-end", "engines", "migrations", "messages", "demo", "portal"):
        assert any(line.startswith(f"{step} ·") and " s" in line for line in launched.lines), step
    assert "managed demo --accounts" in launched.said
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/").read() == b"here"
    assert over_socket(running.ballot_socket(checkout), "/ballot/7/start/") == b"here"
    assert surroundings(pid_of(checkout, "gunicorn"))["BALLOT_SOCKET"] == str(running.ballot_socket(checkout))

    second = launch(port)
    assert second.rest() == 1
    assert second.said == "The portal already runs from this checkout: stop it there with Ctrl-C first.\n"

    launched.process.send_signal(signal.SIGTERM)
    assert launched.rest() == 0
    assert "stopping ·" in launched.said
    assert none_left(checkout, seconds=0)


def test_a_worker_of_the_ballot_tier_that_dies_is_replaced(checkout, launch, port):
    launched = launch(port)
    launched.until("The portal:")
    log = checkout.log / "ballot.log"
    started = [line for line in last_lines(log) if "Spawning worker-1" in line]
    os.kill(int(started[0].split()[-1]), signal.SIGKILL)
    assert becomes(lambda: sum("Spawning worker-1" in line for line in last_lines(log)) == 2)
    assert over_socket(running.ballot_socket(checkout), "/") == b"here"
    launched.process.send_signal(signal.SIGTERM)
    assert launched.rest() == 0
    assert none_left(checkout, seconds=0)


def test_a_child_that_dies_ends_everything_and_is_named(checkout, launch, port):
    launched = launch(port)
    launched.until("The portal:")
    assert becomes(lambda: "beat: Starting..." in "".join(last_lines(checkout.log / "beat.log")))
    os.kill(pid_of(checkout, "celery", "beat"), signal.SIGKILL)
    assert launched.rest() == 1
    assert "beat was ended by SIGKILL, so everything is stopped; the end of" in launched.said
    assert "beat: Starting..." in launched.said
    assert none_left(checkout, seconds=0)


def test_a_killed_launcher_takes_its_children_along(checkout, launch, port):
    launched = launch(port)
    launched.until("The portal:")
    launched.process.kill()
    launched.process.wait()
    assert none_left(checkout)


def test_a_management_command_that_fails_ends_the_start(checkout, launch, port):
    (checkout.root / "manage.py").write_text("import sys\nprint('no such table')\nsys.exit(3)\n")
    launched = launch(port)
    assert launched.rest() == 1
    assert "manage.py migrate --noinput failed; the end of" in launched.said
    assert "no such table" in launched.said
    assert none_left(checkout, seconds=0)


def test_a_taken_port_is_told_before_anything_is_made(checkout, launch, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        launched = launch(port)
        assert launched.rest() == 1
    assert launched.said == (
        f"Port {port} is taken by another program: stop that one or choose another port, "
        f"make run PORT={port + 1}.\n"
    )
    assert not (checkout.local / "pg").exists()


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "8000.5", "\uff18\uff10"])
def test_what_is_no_port_is_told(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Halt, match="is no port: name a number from 1 to 65535"):
        running.wanted_port()

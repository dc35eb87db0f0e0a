"""`make run`: everything a newcomer needs, then the portal, its worker and its clock, until stopped."""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import time

from portal.devstack import database, frontend, papers
from portal.devstack.engines import Engines
from portal.devstack.processes import Family, last_lines
from portal.devstack.say import Halt, Stopped, line, step

PATIENCE = 60.0  # seconds the web server may take to answer


def wanted_port():
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise Halt(f"PORT={text} is no port: name a number from 1 to 65535, such as PORT=8001.")
    return int(text)


def require_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except PermissionError:
            raise Halt(f"Port {port} is reserved for root: choose another, make run PORT=8001.") from None
        except OSError:
            raise Halt(
                f"Port {port} is taken by another program: stop that one or choose another port, "
                f"make run PORT={port + 1 if port < 65535 else 8001}."
            ) from None


@contextlib.contextmanager
def only_one(places):
    """Hold the checkout: two clocks on one database would ring twice."""
    places.make_local()
    with (places.local / "run.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Halt(
                "The portal already runs from this checkout: stop it there with Ctrl-C first."
            ) from None
        yield


def refuse_early(places):
    with only_one(places):
        require_free(wanted_port())


def child_environment(urls):
    """What every child of the launcher sees: the caller's own, except another project's settings."""
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    ours = {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return {"XUANSHU_ENV": "development", **inherited, **urls, **ours}


def manage(family, places, environment, *words, quiet=True):
    """Run a management command to its end; a failure is told with the end of what it wrote."""
    log = places.log / f"{words[0]}.log" if quiet else None
    command = [sys.executable, places.root / "manage.py", *words]
    code = family.call(words[0], command, log=log, cwd=places.root, env=environment)
    if code:
        told = "\n".join([f"; the end of {log}:", *last_lines(log)]) if quiet else "; it says why above."
        raise Halt(f"manage.py {' '.join(words)} failed{told}")


def prepare(family, places, *, database_number=0):
    """Front-end packages, engines, tables: the steps every verb that runs the portal shares."""
    with step("front-end") as this:
        this.note = "" if frontend.ensure(places, family) else "as it was"
    with step("engines") as this:
        engines = Engines(places, os.environ)
        urls = engines.start(family)
        database.require_answer({name: os.environ.get(name) for name in engines.given})
        if database_number and "REDIS_URL" in urls:
            urls["REDIS_URL"] = urls["REDIS_URL"].replace("?db=0", f"?db={database_number}")
        this.note = engines.describe()
    return child_environment(urls)


def control_socket_options():
    """Keep gunicorn from leaving a control socket in the user's home, where it would open one."""
    import gunicorn.config

    return ["--no-control-socket"] if hasattr(gunicorn.config, "ControlSocketDisable") else []


def ballot_socket(places):
    """Where the ballot tier listens; the web server hands ballots on to it."""
    places.settle()  # nobody has, where the operator brings both engines
    return places.private(places.run) / "ballot.sock"


def ballot_tier(places):
    return [
        *(
            sys.executable,
            "-m",
            "granian",
            "voting.box.wsgi:application",
            "--interface",
            "wsgi",
            "--http",
            "1",
        ),
        *("--no-ws", "--uds", ballot_socket(places), "--workers", "2", "--blocking-threads", "16"),
        *("--backpressure", "128", "--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", "5"),
    ]


def start_portal(family, places, environment, port):
    ballot_socket(places).unlink(missing_ok=True)
    environment = {**environment, "BALLOT_SOCKET": str(ballot_socket(places))}
    common = {"cwd": places.root, "env": environment}
    web = [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "portal.wsgi:application",
            "-k",
            "gthread",
            "-w",
            "2",
            "--threads",
            "4",
        ),
        *("-b", f"127.0.0.1:{port}", "--graceful-timeout", "5", "--timeout", "60", *control_socket_options()),
    ]
    celery = [sys.executable, "-m", "celery", "-A", "portal"]
    worker = [*celery, "worker", "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "-l", "INFO", "-s", places.local / "celerybeat-schedule", "--pidfile="]
    tier = ballot_tier(places)
    for name, command in (("ballot", tier), ("web", web), ("worker", worker), ("beat", beat)):
        family.start(name, command, log=places.log / f"{name}.log", **common)


def wait_for_answer(family, port, tier=None):
    """Until the web server answers, and the ballot tier listens."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        family.check()
        if child := family.dead():
            raise broken(child)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500 and (tier is None or listens(tier)):
                return
        family.pause(0.1)
    raise Halt(
        f"The portal does not answer on port {port}: see .local/log/web.log and .local/log/ballot.log."
    )


def listens(path):
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


def broken(child):
    code = child.popen.returncode
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return Halt(
        "\n".join(
            [f"{child.name} {how}, so everything is stopped; the end of {child.log}:", *last_lines(child.log)]
        )
    )


def run(places, arguments):
    port = wanted_port()
    with only_one(places), Family() as family:
        require_free(port)
        try:
            serve(family, places, port)
        except Stopped:
            with step("stopping"):
                family.stop()
            return 0
    return 1


def serve(family, places, port):
    environment = prepare(family, places)
    with step("papers") as this:
        this.note = papers.ensure(places, family)
    with step("migrations"):
        manage(family, places, environment, "migrate", "--noinput")
    with step("messages"):
        manage(family, places, environment, "messages", "--compile")
    with step("demo", talks=True):
        manage(family, places, environment, "demo", quiet=False)
    with step("portal"):
        start_portal(family, places, environment, port)
        wait_for_answer(family, port, ballot_socket(places))
    line()
    manage(family, places, environment, "demo", "--accounts", quiet=False)
    line(f"\nThe portal: http://127.0.0.1:{port}/    logs: .local/log/    Ctrl-C stops everything")
    raise broken(family.wait())

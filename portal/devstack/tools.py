"""The smaller verbs: rehearsal, engines, env, manage, lock, clean."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from portal.devstack import database, running
from portal.devstack.engines import Engines
from portal.devstack.processes import Family
from portal.devstack.say import Halt, Stopped, complain, line, step

SCRATCH = "xuanshu_rehearsal"
LOCKS = (("requirements.lock", ("--group", "engines")), ("requirements-dev.lock", ("--group", "dev")))


def rehearsal_folders(places):
    """FOLDER and OUT of the environment, as the caller meant them: from where make was called."""
    folder = os.environ.get("FOLDER") or places.root / "fixtures" / "sample"
    out = os.environ.get("OUT") or places.root / "out" / "rehearsal"
    return Path(folder).expanduser().absolute(), Path(out).expanduser().absolute()


def refuse_missing_folder(places):
    folder, _ = rehearsal_folders(places)
    if not folder.is_dir():
        raise Halt(f"{folder} is not a folder: name the one that holds the paper, make rehearsal FOLDER=...")


def rehearsal(places, arguments):
    refuse_missing_folder(places)
    folder, out = rehearsal_folders(places)
    with Family() as family:
        environment = running.prepare(family, places, database_number=2)
        environment["DATABASE_URL"] = database.create_afresh(environment["DATABASE_URL"], SCRATCH)
        with step("migrations"):
            running.manage(family, places, environment, "migrate", "--noinput")
        with step("messages"):
            running.manage(family, places, environment, "messages", "--compile")
        with step("rehearsal", talks=True):
            running.manage(
                family, places, environment, "rehearse", str(folder), "--out", str(out), quiet=False
            )
    line(f"Results: {out}")
    return 0


def print_exports(urls):
    for name, value in urls.items():
        line(f"export {name}={shlex.quote(value)}")


def engines(places, arguments):
    """Run the engines in the foreground until stopped; `engines stop` ends those in the background."""
    pair = Engines(places, os.environ)
    if arguments == ["stop"]:
        line(f"Stopped: {', '.join(pair.stop_running()) or 'nothing was running'}.")
        return 0
    with Family() as family:
        try:
            print_exports(pair.start(family))
            if not pair.started:
                line(f"# Nothing to start, {pair.describe()}.")
                return 0
            raise running.broken(family.wait())
        except Stopped:
            return 0


def env(places, arguments):
    """Become the command, engines answering; those started here stay in the background and are named."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    pair = Engines(places, os.environ)
    urls = pair.start()
    if pair.started:
        complain(f"Started in the background: {', '.join(pair.started)}; `make engines-stop` ends them.")
    if not command:
        print_exports(urls)
        return 0
    environment = running.child_environment(urls)
    environment["PATH"] = f"{places.venv / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    try:
        return os.execvpe(command[0], command, environment)
    except OSError as error:
        raise Halt(f"{command[0]} cannot be run: {error.strerror}.") from None


def manage(places, arguments):
    """`manage.py` with the words of CMD (or of the command line), at the terminal, engines answering."""
    words = arguments or shlex.split(os.environ.get("CMD", "")) or ["help"]
    with Family(interactive=True) as family:
        environment = running.child_environment(Engines(places, os.environ).start(family))
        command = [sys.executable, places.root / "manage.py", *words]
        return family.call("manage", command, at_terminal=True, cwd=places.root, env=environment)


def lock(places, arguments):
    """Write both locks anew from pyproject.toml: names, versions and hashes, no addresses."""
    uv = shutil.which("uv")
    if not uv:
        raise Halt("Locking needs uv: install it (https://docs.astral.sh/uv/), then repeat.")
    for name, groups in LOCKS:
        agree = [] if name == LOCKS[0][0] else ["-c", LOCKS[0][0]]
        command = [
            *(uv, "pip", "compile", "pyproject.toml", *groups, *agree, "-o", name, "--quiet", "--upgrade"),
            *(
                "--universal",
                "--generate-hashes",
                "--python-version",
                "3.11",
                "--no-header",
                "--no-emit-index-url",
            ),
        ]
        if subprocess.run(command, cwd=places.root).returncode:
            raise Halt(f"uv could not write {name}; it says why above.")
    return 0


def clean(places, arguments):
    """Remove everything the launcher made: environment, packages, engines and their data, demo included."""
    with running.only_one(places):
        Engines(places, {}).stop_running()
        if places.memory.exists():
            shutil.rmtree(places.annexe())
        shutil.rmtree(places.local)
    for folder in (places.venv, places.root / "node_modules", places.root / ".ruff_cache"):
        shutil.rmtree(folder, ignore_errors=True)
    line("Removed .venv, node_modules and .local with the demo's data.")
    return 0

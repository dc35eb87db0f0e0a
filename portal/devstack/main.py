"""The verbs of the launcher."""

import os
import signal
import sys

from portal.devstack.engines import Engines
from portal.devstack.places import Places
from portal.devstack.processes import Family
from portal.devstack.say import Halt, Stopped, complain, line


def child_environment(urls):
    return {
        **os.environ,
        **urls,
        "XUANSHU_ENV": os.environ.get("XUANSHU_ENV", "development"),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


def engines(arguments):
    """Run the engines in the foreground until stopped; `engines stop` ends those in the background."""
    pair = Engines(Places(), os.environ)
    if arguments == ["stop"]:
        line(f"stopped: {', '.join(pair.stop_running()) or 'nothing was running'}")
        return 0
    with Family() as family:
        for name, value in pair.start(family).items():
            line(f"export {name}='{value}'")
        try:
            child = family.wait() if family.children else family.idle()
        except Stopped:
            return 0
        raise Halt(f"{child.name} ended by itself; see {child.log}.")


def env(arguments):
    """Run a command with the engines' addresses; engines that are not running stay in the background."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    pair = Engines(Places(), os.environ)
    urls = pair.start()
    if pair.started:
        complain(f"started in the background: {', '.join(pair.started)} (`make engines-stop` ends them)")
    if not command:
        for name, value in urls.items():
            line(f"export {name}='{value}'")
        return 0
    environment = child_environment(urls)
    environment["PATH"] = f"{Places().venv / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    os.execvpe(command[0], command, environment)  # noqa: S606


VERBS = {"engines": engines, "env": env}


def main(arguments):
    verb = VERBS.get(arguments[0] if arguments else "")
    if verb is None:
        complain(f"Name one of: {', '.join(VERBS)}.")
        return 2
    try:
        return verb(arguments[1:])
    except Halt as halt:
        complain(str(halt))
        return 1
    except Stopped as stopped:
        return 128 + stopped.signum
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

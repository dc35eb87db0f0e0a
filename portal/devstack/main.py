"""The verbs, and the two stages: any Python ≥ 3.11 makes `.venv`, which then does the work."""

import os
import signal
from dataclasses import dataclass, field
from typing import Any

from portal.devstack import running, testing, tools
from portal.devstack.environment import Environment
from portal.devstack.places import Places
from portal.devstack.processes import Family, follow_make
from portal.devstack.say import Halt, Stopped, complain, line, step


@dataclass(frozen=True)
class Verb:
    """`act(places, arguments)` runs inside `.venv`; `first(places)` runs before anything slow."""

    act: Any
    development: bool = False
    first: Any = field(default=lambda places: None)
    bare: bool = False  # needs no environment


VERBS = {
    "run": Verb(running.run, first=running.refuse_early),
    "test": Verb(testing.test, development=True),
    "lint": Verb(testing.lint, development=True),
    "format": Verb(testing.format_code, development=True),
    "rehearsal": Verb(tools.rehearsal, first=tools.refuse_missing_folder),
    "engines": Verb(tools.engines),
    "env": Verb(tools.env),
    "manage": Verb(tools.manage),
    "lock": Verb(tools.lock, bare=True),
    "clean": Verb(tools.clean, bare=True),
}
UNCHECKED = ("engines", "env")  # from inside `.venv` these take the environment as it is


def prepare(places, verb):
    """First stage: settle what can be refused at once, then see to the environment."""
    verb.first(places)
    environment = Environment(places, development=verb.development)
    with Family() as family, step("environment") as this:
        if not environment.sound():
            this.hint("first start: fetching the Python packages takes a minute or two")
        this.note = "" if environment.ensure(family) else "as it was"


def obey(act, places, arguments):
    """Do it; its exit code, with one sentence instead of a traceback when it cannot be done."""
    try:
        return act(places, arguments)
    except Halt as halt:
        complain(str(halt))
        return 1
    except Stopped as stopped:
        line("Stopped.")
        return 128 + stopped.signum
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def main(arguments):
    name, *rest = arguments or [""]
    verb = VERBS.get(name)
    if verb is None:
        complain(f"Name one of: {', '.join(VERBS)}.")
        return 2

    follow_make()

    def act(places, rest):
        environment = Environment(places, development=verb.development)
        trusted = name in UNCHECKED or environment.current()
        if not verb.bare and not (environment.inside() and trusted):
            prepare(places, verb)
            again = [str(places.python), str(places.root / "portal" / "devstack"), *arguments]
            os.execv(again[0], again)
        return verb.act(places, rest)

    return obey(act, Places(), rest)

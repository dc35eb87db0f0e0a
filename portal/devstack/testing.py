"""`make test`: linters, contracts, checks and every test on the real engines, told apart at the end."""

import os
import shlex
import sys
import time
from dataclasses import dataclass

from portal.devstack import browser, running
from portal.devstack.processes import Family
from portal.devstack.say import Halt, line, step

NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Part:
    name: str
    command: list
    accept: tuple = (0,)


def module(name, *words):
    return [sys.executable, "-m", name, *words]


def lint_parts():
    return [
        Part("ruff check", module("ruff", "check", ".")),
        Part("ruff format", module("ruff", "format", "--check", ".")),
        Part("import contracts", [os.path.join(os.path.dirname(sys.executable), "lint-imports")]),  # noqa: PTH118, PTH120
    ]


def test_parts(extra, chromium):
    """The parts in order. With ARGS a selection may leave one of the two pytest runs without a test."""
    manage = [sys.executable, "manage.py"]
    accept = (0, NO_TESTS_COLLECTED) if extra else (0,)
    pytest = module("pytest", "-q", *extra)
    parts = [
        *lint_parts(),
        Part("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Part("system check", [*manage, "check"]),
        Part("tests", [*pytest, "-m", "not browser", "-n", "2"], accept),
    ]
    if chromium:
        parts.append(Part("browser tests", [*pytest, "-m", "browser"], accept))
    return parts


def run_parts(family, places, environment, parts):
    """Run every part, whatever became of the others; [(part, exit code, seconds)]."""
    results = []
    for part in parts:
        line(f"\n== {part.name}")
        began = time.monotonic()
        code = family.call(part.name, part.command, cwd=places.root, env=environment)
        results.append((part, code, time.monotonic() - began))
    return results


def conclude(results):
    """The closing table; the exit code."""
    failed = [part.name for part, code, _ in results if code not in part.accept]
    line()
    for part, code, seconds in results:
        word = "ok" if code in part.accept else f"FAILED ({code})"
        line(f"{part.name.ljust(18, '·')} {seconds:6.1f} s  {word}")
    line(f"Failed: {', '.join(failed)}." if failed else "All parts passed.")
    return 1 if failed else 0


def test(places, arguments):
    extra = shlex.split(os.environ.get("ARGS", ""))
    with Family() as family:
        environment = running.prepare(family, places, database_number=1)
        with step("messages"):
            running.manage(family, places, environment, "messages", "--compile")
        with step("chromium") as this:
            this.hint("looked for, and installed where that is possible")
            chromium = browser.find(places, family)
            this.note = chromium or "none to be had"
        environment.update({"CHROMIUM": chromium} if chromium else {"XUANSHU_NO_BROWSER": "1"})
        code = conclude(run_parts(family, places, environment, test_parts(extra, chromium)))
    if not chromium:
        line("The browser tests were skipped: no Chromium is installed and none could be fetched.")
    return code


def lint(places, arguments):
    with Family() as family:
        return conclude(run_parts(family, places, dict(os.environ), lint_parts()))


def format_code(places, arguments):
    with Family() as family:
        for words in (("check", "--fix", "."), ("format", ".")):
            if family.call("ruff", module("ruff", *words), cwd=places.root):
                raise Halt("ruff left something for you to mend; it is named above.")
    return 0

"""`make test`: linters, contracts, checks and every test on the real engines, told apart at the end."""

import os
import shlex
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from portal.devstack import browser, papers, running
from portal.devstack.processes import Family
from portal.devstack.say import Halt, line, step

NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Part:
    """One thing to check; `report` is where pytest leaves its counts."""

    name: str
    command: list
    accept: tuple = (0,)
    report: Path | None = None


def module(name, *words):
    return [sys.executable, "-m", name, *words]


def lint_parts():
    return [
        Part("ruff check", module("ruff", "check", ".")),
        Part("ruff format", module("ruff", "format", "--check", ".")),
        Part("import contracts", [Path(sys.executable).with_name("lint-imports")]),
    ]


def pytest_part(places, name, *words, extra):
    """With ARGS a selection may leave one of the two runs without a test."""
    report = places.log / f"{words[1].replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    accept = (0, NO_TESTS_COLLECTED) if extra else (0,)
    return Part(name, module("pytest", "-q", f"--junitxml={report}", *words, *extra), accept, report)


def test_parts(places, extra):
    manage = [sys.executable, "manage.py"]
    return [
        *lint_parts(),
        Part("messages", [*manage, "messages", "--compile"]),
        Part("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Part("system check", [*manage, "check"]),
        pytest_part(places, "tests", "-m", "not browser", "-n", "2", extra=extra),
        pytest_part(places, "browser tests", "-m", "browser", extra=extra),
    ]


def run_parts(family, places, environment, parts):
    """Run every part, whatever became of the others; [(part, exit code, seconds)]."""
    results = []
    for part in parts:
        line(f"\n== {part.name}")
        began = time.monotonic()
        code = family.call(part.name, part.command, cwd=places.root, env=environment)
        results.append((part, code, time.monotonic() - began))
    return results


def counts(report):
    """What pytest counted, in its own words: "812 passed, 3 skipped"."""
    if not report:
        return ""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        return ""
    total = Counter()
    for suite in suites:
        total.update({word: int(suite.get(word, 0)) for word in ("tests", "failures", "errors", "skipped")})
    bad = total["failures"], total["errors"], total["skipped"]
    numbers = [(total["failures"], "failed"), (total["tests"] - sum(bad), "passed")]
    numbers += [(total["skipped"], "skipped"), (total["errors"], "errors")]
    return ", ".join(f"{number} {word}" for number, word in numbers if number)


def conclude(results):
    """The closing table; the exit code."""
    failed = [part.name for part, code, _ in results if code not in part.accept]
    line()
    for part, code, seconds in results:
        word = "ok" if code in part.accept else f"FAILED ({code})"
        head = f"{part.name} ".ljust(18, "·")
        line(f"{head} {seconds:6.1f} s  {word.ljust(10)} {counts(part.report)}".rstrip())
    line(f"Failed: {', '.join(failed)}." if failed else "All parts passed.")
    return 1 if failed else 0


def test(places, arguments):
    extra = shlex.split(os.environ.get("ARGS", ""))
    with Family() as family:
        environment = running.prepare(family, places, database_number=1)
        with step("papers") as this:
            this.note = papers.ensure(places, family)
        if "no PDF" in this.note:
            environment["XUANSHU_NO_PDF"] = "1"
        with step("chromium") as this:
            this.hint("looked for, and installed where that is possible")
            chromium = browser.find(places, family)
            this.note = chromium or "none to be had"
        environment.update({"CHROMIUM": chromium} if chromium else {"XUANSHU_NO_BROWSER": "1"})
        code = conclude(run_parts(family, places, environment, test_parts(places, extra)))
    if "XUANSHU_NO_PDF" in environment:
        line("The tests of PDF were skipped: Pango or a Chinese font is missing and could not be installed.")
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

"""The entry: any Python gets an answer, and the first stage needs nothing but Python."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.devstack import __main__ as door
from portal.devstack.places import ROOT

LAUNCHER = ROOT / "portal" / "devstack"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13, "final", 0)])
def test_an_old_python_is_told_what_to_do(version):
    sentence = door.refuse_old_python(version, "python3.12")
    assert sentence.count("\n") == 1
    assert ".".join(str(part) for part in version[:3]) in sentence
    assert "make PYTHON=python3.12" in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
def test_a_new_python_passes(version):
    assert door.refuse_old_python(version) is None


@pytest.mark.parametrize("name", ["__main__.py", "__init__.py"])
def test_what_an_old_python_reads_first_is_written_in_its_language(name):
    tree = ast.parse((LAUNCHER / name).read_text(encoding="utf-8"), feature_version=(3, 4))
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.NamedExpr | ast.AnnAssign)
    ]


def test_the_first_stage_is_standard_library_only():
    bare = subprocess.run([sys.executable, "-I", "-S", LAUNCHER], capture_output=True, text=True)
    assert bare.returncode == 2
    assert bare.stderr.startswith("Name one of: run, test,")


def make(*words):
    """As a newcomer types it, whatever make we may be running under ourselves."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, env=outside)


def test_make_help_has_a_line_for_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert [line.split()[1] for line in make("help").stdout.splitlines()] == phony


def test_a_missing_python_is_told_what_to_do():
    done = make("lint", "PYTHON=/no/such/python")
    assert done.returncode == 2
    assert "/no/such/python was not found: install Python 3.11 or later" in done.stderr


def test_locks_and_lists_name_no_address():
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        text = Path(ROOT / name).read_text(encoding="utf-8")
        assert "resolved" not in text
        assert "--index-url" not in text
        if name.endswith(".lock"):
            assert "://" not in text

"""What PDF needs: used where it is there, installed where that is possible, done without elsewhere."""

import os

import pytest

from portal import typesetting
from portal.devstack import debian, papers
from portal.devstack.processes import Family


@pytest.fixture
def bare(monkeypatch):
    """A machine without Pango."""
    monkeypatch.setattr(typesetting, "LIBRARIES", ("libthere-is-none.so.0",))
    monkeypatch.delenv("XUANSHU_NO_PDF", raising=False)


@pytest.fixture
def apt(monkeypatch, tmp_path):
    """An apt-get without a network: writes down what it is asked for, and fails."""
    program, asked = tmp_path / "bin" / "apt-get", tmp_path / "asked"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\nexit 100\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return lambda: asked.read_text().split() if asked.exists() else []


def ensure(checkout):
    checkout.make_local()
    with Family() as family:
        return papers.ensure(checkout, family)


@pytest.mark.skipif(not typesetting.can_set(), reason="Pango or a Chinese font is missing on this machine")
def test_a_machine_that_has_it_is_left_alone(checkout, apt):
    assert ensure(checkout) == "as it was"
    assert apt() == []


@pytest.mark.skipif(not debian.can_install(), reason="needs root on Debian")
def test_what_is_missing_is_asked_for_and_a_failure_does_not_stop_the_start(checkout, bare, apt):
    assert ensure(checkout) == "no PDF on this machine"
    assert set(typesetting.PACKAGES) <= set(apt())


def test_the_launchers_own_tests_do_not_try_again(checkout, bare, apt, monkeypatch):
    monkeypatch.setenv("XUANSHU_NO_PDF", "1")
    assert ensure(checkout) == "no PDF on this machine"
    assert apt() == []

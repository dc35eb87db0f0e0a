"""The environment is trusted only when it was finished, and made again when it was not."""

import shutil
import subprocess
from collections import namedtuple

import pytest

from portal.devstack import environment
from portal.devstack.environment import DEVELOPMENT, RUNTIME, Environment, explain, require_space
from portal.devstack.processes import Family
from portal.devstack.say import Halt

UNOBTAINABLE = "no-such-package-anywhere==1.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def locks(checkout, monkeypatch):
    """Locks that name nothing, and a pip that asks no server."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    for name in (RUNTIME, DEVELOPMENT):
        (checkout.root / name).write_text("# nothing\n")
    return checkout


def test_the_life_of_an_environment(locks):
    places = locks
    venv = Environment(places)
    with Family() as family:
        assert venv.ensure(family) is True
        assert subprocess.run([places.python, "-c", ""], check=False).returncode == 0
        assert venv.ensure(family) is False

        # The development lock contains the other one: having it is having both, not the other way round.
        assert not Environment(places, development=True).current()
        assert Environment(places, development=True).ensure(family) is True
        assert venv.current()

        # A lock that cannot be had leaves what was there, and is not taken for installed.
        (places.root / RUNTIME).write_text(UNOBTAINABLE)
        with pytest.raises(Halt, match="The Python packages could not be installed"):
            venv.ensure(family)
        assert venv.sound()
        assert not venv.current()
        (places.root / RUNTIME).write_text("# nothing\n")
        assert venv.current()

        # Without its stamp it was broken off half-way: nothing in it is trusted.
        venv.stamp.unlink()
        leftover = places.venv / "half-made"
        leftover.touch()
        assert not venv.sound()
        assert venv.ensure(family) is True
        assert not leftover.exists()

        # A copy of a checkout brings an environment that points to the old place.
        moved = type(places)(places.root.with_name("moved"))
        shutil.copytree(places.root, moved.root, symlinks=True)
        assert not Environment(moved).sound()


def test_little_space_is_told_before_anything_is_made(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda folder: usage(10**12, 0, 300_000_000))
    require_space(tmp_path, first=False)
    with pytest.raises(Halt, match=r"Only 300 MB are free .*: free at least 1000 MB, then start again"):
        require_space(tmp_path, first=True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
            "does not answer",
        ),
        ("npm error code ENOTFOUND\nnpm error network request failed", "does not answer"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "the disk is full"),
        ("npm error code ENOSPC", "the disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "DO NOT MATCH THE HASHES"),
    ],
)
def test_what_an_installer_wrote_becomes_a_sentence(tmp_path, written, told):
    log = tmp_path / "installer.log"
    log.write_text(f"Collecting\n{written}\n")
    assert told in str(explain(log, "It could not be installed"))

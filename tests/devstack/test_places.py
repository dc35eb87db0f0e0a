"""Where the engines live, and that nothing outside `.local/` changes for it."""

import os
import stat

import pytest

from portal.devstack.places import Places
from portal.devstack.say import Halt


def modes(path):
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in [path, *path.parents]}


def test_an_odd_path_sends_only_what_must_go_to_the_annexe(checkout):
    before = modes(checkout.root)
    checkout.make_local()
    checkout.settle()
    assert modes(checkout.root) == before
    assert checkout.run.parent.name.startswith("xuanshu-")
    assert len(os.fsencode(checkout.run)) < 90
    if checkout.account.can("-x", checkout.local):
        assert checkout.pg == checkout.local / "pg"
    else:
        assert checkout.pg.parent == checkout.run.parent


def test_the_annexe_is_remembered_and_made_anew_when_gone(checkout):
    checkout.make_local()
    checkout.settle()
    first = checkout.annexe()
    assert checkout.annexe() == first
    first.rmdir()
    second = checkout.annexe()
    assert second != first
    assert second.is_dir()


def test_an_annexe_others_may_write_is_refused(checkout):
    checkout.make_local()
    checkout.settle()
    checkout.annexe().chmod(0o777)
    with pytest.raises(Halt, match="is not a private folder of this account"):
        checkout.annexe()


def test_a_link_in_the_annexes_place_is_refused(checkout, tmp_path):
    checkout.make_local()
    checkout.settle()
    checkout.annexe().rmdir()
    checkout.annexe()
    path = checkout.annexe()
    path.rmdir()
    path.symlink_to(tmp_path)
    with pytest.raises(Halt, match="is not a private folder of this account"):
        checkout.annexe()
    path.unlink()
    path.mkdir()


def test_logs_are_private(checkout):
    checkout.make_local()
    assert stat.S_IMODE(checkout.log.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the engines as somebody else")
def test_programs_out_of_reach_are_lent(checkout, tmp_path):
    checkout.make_local()
    checkout.settle()
    package = tmp_path / "closed" / "package"
    (package / "bin").mkdir(parents=True)
    program = package / "bin" / "server"
    program.write_text("#!/bin/sh\necho served\n")
    program.chmod(0o700)
    (tmp_path / "closed").chmod(0o700)
    lent = checkout.lend(program, package)
    assert lent != program
    assert checkout.account.can("-x", lent)
    assert checkout.lend(program, package) == lent
    assert not checkout.account.can("-x", program)


def test_a_local_folder_of_another_account_is_told(tmp_path):
    root = tmp_path / "other"
    root.mkdir()
    (root / ".local").write_text("a file where the folder should be")
    with pytest.raises((Halt, FileExistsError, NotADirectoryError)):
        Places(root).make_local()

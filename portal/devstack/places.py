"""Where things lie: the checkout, `.local/`, and a second home where the engine's user can reach it.

As root the engines run as `nobody`. When `nobody` cannot walk into the checkout (a private home), or the
checkout's path is too long or too odd for a socket, an annexe under /var/tmp takes their files. No mode
and no owner is ever changed outside `.local/` and that annexe.
"""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from portal.devstack.say import Halt

ROOT = Path(__file__).resolve().parents[2]
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own is 108 on Linux, 104 on macOS
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


class Account:
    """The operating-system account the engines run as; `None` fields mean: as ourselves."""

    def __init__(self, uid=None, gid=None):
        self.uid, self.gid = uid, gid

    def popen(self):
        """The arguments that make Popen change to this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path):
        if self.uid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, test, path):
        """Whether the account may `-x`, `-r` or `-w` this path, asked of the kernel rather than guessed."""
        command = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", test, str(path)]
        return subprocess.run(command, check=False, cwd="/", **self.popen()).returncode == 0


def nobody():
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(entry.pw_uid, entry.pw_gid)


def engine_account():
    return nobody() if os.geteuid() == 0 else Account()


class Places:
    """The paths of one checkout. `local` is made on first use; engine paths are settled by `settle`."""

    def __init__(self, root=ROOT, annexe_parent=None):
        self.root = Path(root)
        self.local = self.root / ".local"
        self.log = self.local / "log"
        self.venv = self.root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.account = engine_account()
        self.annexe_parent = annexe_parent

    def make_local(self):
        """Create `.local/`; root opens it for passing through, so that the engine's user gets to its own."""
        try:
            self.log.mkdir(parents=True, exist_ok=True)
            if self.account.uid is not None:
                self.local.chmod(0o711)
            if not os.access(self.local, os.W_OK):
                raise PermissionError
        except PermissionError:
            raise Halt(
                f"{self.local} cannot be written: give it to this account (it was made by another one), "
                "or start as the account that made it."
            ) from None

    def settle(self, binaries):
        """Decide where the engines' files go. `binaries` are the programs the account must be able to run."""
        self.make_local()
        inside = self.account.can("-x", self.local)
        short = len(os.fsencode(self.local / "run" / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
        plain = PLAIN_PATH.fullmatch(str(self.local)) is not None
        home = self.local if inside else self.annexe()
        self.pg = home / "pg"
        self.valkey = home / "valkey"
        self.run = (home if home != self.local or (short and plain) else self.annexe()) / "run"
        self.reachable = all(self.account.can("-x", path) for path in binaries)
        return self

    def annexe(self):
        """A private folder outside the checkout, remembered in `.local/annexe`, made anew when it is gone."""
        memory = self.local / "annexe"
        if memory.exists():
            path = Path(memory.read_text(encoding="utf-8").strip())
            if path.is_symlink() or path.exists():
                self.vouch_for(path)
                return path
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]
        parent = self.annexe_parent or ("/var/tmp" if os.access("/var/tmp", os.W_OK) else "/tmp")  # noqa: S108
        path = Path(tempfile.mkdtemp(prefix=f"xuanshu-{digest}-", dir=parent))
        if self.account.uid is not None:
            path.chmod(0o711)
        memory.write_text(f"{path}\n", encoding="utf-8")
        return path

    def vouch_for(self, path):
        state = path.lstat()
        ours = path.is_dir() and not path.is_symlink() and state.st_uid == os.geteuid()
        if not ours or state.st_mode & 0o022:
            raise Halt(f"{path} belongs to somebody else: remove {self.local / 'annexe'} and start again.")

    def private(self, path):
        """A folder of the engine's account alone."""
        if not path.exists():
            path.mkdir(mode=0o700)
            self.account.own(path)
        return path

    def lend(self, folder):
        """A copy of `folder` the engine's account can run, when it cannot reach the installed one."""
        if self.reachable:
            return folder
        mark = f"{folder.parent.parent.name}-{folder.stat().st_mtime_ns}-{folder.parent.name}"
        copy = self.pg.parent / "bin" / hashlib.sha256(mark.encode()).hexdigest()[:12]
        if not copy.exists():
            copy.parent.mkdir(mode=0o755, exist_ok=True)
            copy.parent.chmod(0o755)
            half = copy.with_name(f"{copy.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(folder, half, symlinks=True)
            for path in [half, *half.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            half.rename(copy)
        return copy

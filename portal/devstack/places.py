"""Where things lie: the checkout, `.local/`, and a second home where the engines' user can reach it.

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
    """The operating-system account the engines run as; without numbers: we ourselves."""

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

    def workers_in(self, folder, pids=None):
        """Which of the account's processes (of these numbers, or all) work in this folder."""
        if not Path("/proc/self").exists():
            return pids or []
        uid, wanted = os.geteuid() if self.uid is None else self.uid, str(Path(folder).resolve())
        numbers = pids or [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in numbers if owner(pid) == uid and self.working_folder(pid) == wanted]

    def working_folder(self, pid):
        link = f"/proc/{pid}/cwd"
        try:
            return str(Path(link).readlink())
        except PermissionError:  # root without the right to look into other accounts, as in a container
            done = subprocess.run(["readlink", link], capture_output=True, text=True, cwd="/", **self.popen())
            return done.stdout.strip()
        except OSError:
            return None


def owner(pid):
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None


def engine_account(data):
    """Ourselves; when we are root, whoever owns the data that is already there, else `nobody`."""
    try:
        if os.geteuid() != 0:
            pwd.getpwuid(os.geteuid())
            return Account()
        if data.exists() and data.stat().st_uid != 0:
            return Account(data.stat().st_uid, data.stat().st_gid)
        entry = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise Halt(
            f"PostgreSQL runs only as an account of this system ({missing.args[0]}): "
            "start as one, or name servers in DATABASE_URL and REDIS_URL."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


class Places:
    """The paths of one checkout. Those of the engines are known after `settle`."""

    def __init__(self, root=ROOT):
        self.root = Path(root)
        self.local = self.root / ".local"
        self.log = self.local / "log"
        self.venv = self.root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.memory = self.local / "annexe"

    def make_local(self):
        """Create `.local/`; the logs are nobody else's business, one-time codes are printed there."""
        try:
            self.local.mkdir(exist_ok=True)
            self.log.mkdir(mode=0o700, exist_ok=True)
        except PermissionError:
            pass
        if not os.access(self.log, os.W_OK | os.X_OK):
            raise Halt(
                f"{self.log} cannot be written: the folder was made by another account, "
                "start as that one or make a checkout of your own."
            )

    def settle(self):
        """Decide where the engines' files go, and as whom they run."""
        self.account = engine_account(self.local / "pg")
        if self.account.uid is not None:
            self.local.chmod(0o711)
        home = self.local if self.account.can("-x", self.local) else self.annexe()
        short = len(os.fsencode(home / "run" / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
        sockets = home if short and PLAIN_PATH.fullmatch(str(home)) else self.annexe()
        self.pg, self.valkey, self.bin, self.run = home / "pg", home / "valkey", home / "bin", sockets / "run"

    def annexe(self):
        """A private folder outside the checkout, remembered in `.local/annexe`, made anew when it is gone."""
        if self.memory.exists():
            path = Path(self.memory.read_text(encoding="utf-8").strip())
            if path.is_symlink() or path.exists():
                self.vouch_for(path)
                return path
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:8]
        parent = "/var/tmp" if os.access("/var/tmp", os.W_OK | os.X_OK) else "/tmp"
        path = Path(tempfile.mkdtemp(prefix=f"xuanshu-{digest}-", dir=parent))
        if self.account.uid is not None:
            path.chmod(0o711)
        self.memory.write_text(f"{path}\n", encoding="utf-8")
        return path

    def vouch_for(self, path):
        state = path.lstat()
        ours = path.is_dir() and not path.is_symlink() and state.st_uid == os.geteuid()
        if not ours or state.st_mode & 0o022:
            raise Halt(
                f"{path} is not a private folder of this account: remove {self.memory} and start again."
            )

    def private(self, path):
        """A folder of the engines' account alone."""
        if not path.exists():
            path.mkdir(mode=0o700)
            self.account.own(path)
        return path

    def lend(self, program, *folders):
        """`program` where the account can run it: as installed, or in a copy of these sibling folders."""
        if self.account.can("-x", program):
            return program
        beside = folders[0].parent
        mark = f"{program.relative_to(beside)} {program.stat().st_mtime_ns} {program.stat().st_size}"
        copy = self.bin / hashlib.sha256(mark.encode()).hexdigest()[:12]
        if not copy.exists():
            half = copy.with_name(f"{copy.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            for folder in folders:
                shutil.copytree(folder, half / folder.name, symlinks=True)
            for path in (self.bin, half, *half.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            half.rename(copy)
        return copy / program.relative_to(beside)

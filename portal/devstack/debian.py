"""Packages of the system, on the one kind of machine where we may add them: Debian, as root."""

import os
import shutil
from pathlib import Path


def can_install():
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    try:
        release = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(line in ("ID=debian", 'ID="debian"') for line in release.splitlines())


def install(family, places, *packages):
    """Whether apt installed them; lists are fetched when they are missing or too old to serve."""
    log = places.log / "apt.log"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_them = ["apt-get", "install", "-y", "--no-install-recommends", *packages]

    def apt(command):
        return family.call("apt-get", command, log=log, env=environment) == 0

    return apt(install_them) or (apt(["apt-get", "update"]) and apt(install_them))

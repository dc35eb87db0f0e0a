"""A Chromium for the browser tests: the system's, apt's, or Playwright's own; or none."""

import os
import shutil
import subprocess

from portal.devstack import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WHERE_PLAYWRIGHT_KEEPS_IT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def works(path):
    """Whether it starts at all: a shim without its snap or missing libraries do not."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def on_path():
    names = [os.environ.get("CHROMIUM", ""), *NAMES]
    return next((path for name in names if name and (path := shutil.which(name)) and works(path)), None)


def playwrights(places):
    command = [places.python, "-c", WHERE_PLAYWRIGHT_KEEPS_IT]
    done = subprocess.run(command, capture_output=True, text=True)
    path = done.stdout.strip()
    return path if done.returncode == 0 and path and works(path) else None


def find(places, family):
    """The path of a Chromium that starts, installed if it can be; None where none is to be had."""
    if path := on_path():
        return path
    if (
        debian.can_install()
        and debian.install(family, places, "chromium", "fonts-noto-cjk")
        and (path := on_path())
    ):
        return path
    if path := playwrights(places):
        return path
    command = [places.python, "-m", "playwright", "install", "chromium"]
    family.call("playwright", command, log=places.log / "playwright.log")
    return playwrights(places)

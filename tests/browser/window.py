"""A window of a real Chromium that finds fault with what a visitor would: refused scripts, dead files."""

import os
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
)
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


class Window:
    """One visitor's browser: a context of its own, one page, and what went wrong on it."""

    def __init__(
        self,
        browser: Browser,
        base: str,
        *,
        size=DESKTOP,
        cookies: dict[str, str] | None = None,
        scripts=True,
    ):
        self.base, self.size = base, size
        self.context = browser.new_context(
            base_url=base,
            viewport=size,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self.context.set_default_timeout(15_000)
        for name, value in (cookies or {}).items():
            self.context.add_cookies([{"name": name, "value": value, "url": base}])
        self.faults: list[str] = []
        self._expected: set[int] = set()
        self.page = self._watched(self.context.new_page())

    def _watched(self, page: Page) -> Page:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)
        return page

    def _heard(self, message):
        # What a page was expected to answer is said again by the console, without its number being wrong.
        said_again = any(f"status of {status}" in message.text for status in self._expected)
        if message.type in ("error", "warning") and not said_again:
            self.faults.append(f"console: {message.text}")

    def _answered(self, response):
        if response.status >= 400 and response.status not in self._expected:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request):
        # A download, and a draft on its way while one leaves the page, end without a page of their own.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure} {request.url}")

    @contextmanager
    def expecting(self, *statuses: int):
        """Where a refusal is the answer that is wanted."""
        before, self._expected = self._expected, self._expected | set(statuses)
        yield
        self.page.wait_for_load_state()
        self._expected = before

    def go(self, path: str):
        answer = self.page.goto(path)
        self.page.wait_for_load_state()
        return answer

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def resize(self, size):
        self.page.set_viewport_size(size)

    def overflow(self) -> str:
        """What sticks out to the right, or nothing."""
        return self.page.evaluate(
            """() => {
              const wide = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= wide) return "";
              const out = Array.from(document.body.querySelectorAll("*"))
                .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > wide + 1)
                .map((one) => one.tagName + "." + one.className);
              return document.documentElement.scrollWidth + " > " + wide + ": " + out.slice(0, 4).join(" ");
            }"""
        )

    def unreachable(self) -> list[str]:
        """What axe finds serious or critical for those who cannot see, point or hear, with where it is."""
        if not self.page.evaluate("() => typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']} ({each['impact']}): {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in GRAVE
            for node in each["nodes"][:3]
        ]

    def close(self):
        self.context.close()


class Album:
    """Screenshots of a walk, each at a desk and on a phone, under `$SHOTS`."""

    def __init__(self, folder: str):
        self.folder = Path(os.environ.get("SHOTS", settings.BASE_DIR / "out" / "shots")) / folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.count = 0

    def take(self, window: Window, name: str, *, numbered: bool = True) -> None:
        self.count += 1
        stem = f"{self.count:02d}-{name}" if numbered else name
        # A bar that stays at the bottom of the screen would stand in the middle of a long picture.
        whole = not window.page.locator(".bottombar, .pane-foot").count()
        for word, size in (("phone", PHONE), ("desktop", DESKTOP)):
            window.resize(size)
            window.page.screenshot(path=self.folder / f"{stem}-{word}.png", full_page=whole)
            if word == "phone":
                assert not window.overflow(), f"{stem} at {size['width']} px: {window.overflow()}"
        window.resize(window.size)

"""Every page of the house, over the demonstration: for those who cannot see or point, desk and phone."""

import os

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from awards.demonstration import make
from portal.models import User
from tests.browser.pages import ELSEWHERE, MAIN, NOT_PAGES, PAGES, WALKED, names
from tests.browser.window import DESKTOP, PHONE, SMALL, Album, Window

CASES = [(name, place) for name, pages in PAGES.items() for place in range(len(pages))]
BACKEND = "django.contrib.auth.backends.ModelBackend"


# So that the tests' own database is set up, whichever of them are chosen.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _django_db_helper():
    """Instead of the plugin's own, which would empty the database after each page."""


class House:
    """The demonstration behind a server, and one window a person: nobody signs in twice."""

    def __init__(self, chromium, base: str):
        self.chromium, self.base, self.windows = chromium, base, {}

    def window(self, user: str) -> Window:
        if user not in self.windows:
            self.windows[user] = Window(self.chromium, self.base, cookies=self._cookies(user))
        return self.windows[user]

    def _cookies(self, user: str) -> dict[str, str]:
        if not user:
            return {}
        username, _slash, role = user.partition("/")
        client, person = Client(), User.objects.get(username=username)
        client.force_login(person, backend=BACKEND)
        if role:
            session = client.session
            session["hat"] = person.memberships.get(role=role).pk
            session.save()
        return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture(scope="module")
def house(chromium, django_db_setup, django_db_blocker, private_root):
    """Made once for all pages: they are only read. The next test finds the database empty again."""
    with django_db_blocker.unblock():
        _empty()
        make(timezone.now())
        server = LiveServer("127.0.0.1")
        found = House(chromium, server.url)
        yield found
        for window in found.windows.values():
            window.close()
        server.stop()
        _empty()


def _empty():
    # A slip here would empty somebody's own database.
    assert connection.settings_dict["NAME"].startswith("test_")
    call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def pictures():
    """A picture of every page, for whoever asks to look at them."""
    return Album("pages") if os.environ.get("SHOTS") else None


def test_every_address_has_its_place_here():
    known = [*PAGES, *WALKED, *ELSEWHERE, *NOT_PAGES]
    assert sorted(name for name in known if ":" in name) == sorted(set(names()))


@pytest.mark.parametrize(("name", "place"), CASES, ids=[f"{name}-{place}" for name, place in CASES])
def test_a_page_is_for_everybody(house, pictures, name, place):
    page = PAGES[name][place]
    window, address = house.window(page.user), page.address(name)
    window.faults.clear()
    window.resize(DESKTOP)
    answer = window.go(address)
    assert answer.status == 200
    assert window.path == address.split("?")[0], "the page sends its reader elsewhere"
    stem = name.replace(":", "-") + (
        f"-{page.user.replace('/', '-') or 'public'}-{place}" if len(PAGES[name]) > 1 else ""
    )
    assert not window.unreachable()
    window.resize(PHONE)
    assert not window.overflow()
    assert not window.unreachable()
    window.resize(SMALL)
    assert not window.overflow()
    if pictures:
        pictures.take(window, stem, numbered=False)
    if name in MAIN:
        _in_large_letters(window, address)
    assert not window.faults


def _in_large_letters(window, address):
    window.context.add_cookies([{"name": "letters", "value": "large", "url": window.base}])
    try:
        for size in (DESKTOP, PHONE, SMALL):
            window.resize(size)
            window.go(address)
            assert not window.overflow(), f"large letters at {size['width']} px"
        assert not window.unreachable()
    finally:
        window.context.clear_cookies(name="letters")

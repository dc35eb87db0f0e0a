"""The cockpit refreshes itself, can be stopped, keeps the focus, and turns with the phase of the poll."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.walk import Clock
from tests.browser.window import Window
from tests.voting import ground
from voting.services import polls

pytestmark = pytest.mark.django_db(transaction=True)
REFRESHED = 20_000  # milliseconds within which a page that asks every five seconds has asked


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    moved = Clock(ground.DURING)
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def office(chromium, live_server, clock):
    client = factories.sign_in(Client(), factories.hat("office"))
    name = settings.SESSION_COOKIE_NAME
    window = Window(chromium, live_server.url, cookies={name: client.cookies[name].value})
    yield window
    assert not window.faults, window.faults
    window.close()


def test_the_figures_come_by_themselves_until_they_are_stopped(office):
    poll = ground.poll()
    office.go(f"/vote/edition/{poll.edition_id}/")
    cast, page = office.page.locator("#live-body dd").first, office.page
    expect(cast).to_have_text("0")
    page.locator("#live-table").focus()
    ground.cast(poll, number="19900000001", at=timezone.now())
    expect(cast).to_have_text("1", timeout=REFRESHED)
    assert page.evaluate("document.activeElement.id") == "live-table"
    page.keyboard.press("Enter")
    expect(page.locator("#live-body")).to_contain_text("未满")
    page.locator("#live-switch").press("Enter")
    expect(page.locator("#live-switch")).to_have_text("接着刷新")
    expect(page.locator("#live-body")).not_to_have_attribute("hx-trigger", "every 5s")
    assert page.evaluate("document.activeElement.id") == "live-switch"


def test_a_pause_turns_the_whole_page(office):
    poll = ground.poll()
    office.go(f"/vote/edition/{poll.edition_id}/")
    expect(office.page.get_by_role("link", name="暂停投票")).to_be_visible()
    polls.pause_poll(poll, by=ground.office(poll.edition), now=timezone.now(), note="系统检修")
    expect(office.page.get_by_role("link", name="恢复投票")).to_be_visible(timeout=REFRESHED)
    expect(office.page.locator("#main")).to_contain_text("公开说明：系统检修")

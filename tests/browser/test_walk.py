"""The whole selection by clicking, as every role, from the wizard to the public registry.

Only the ground and the accounts are laid by hand, and the clock is moved; all else goes through the pages.
"""

from datetime import datetime

import pytest
from django.utils import timezone

from portal.verification import verify
from tests.browser import steps_after as after
from tests.browser import steps_before as before
from tests.browser.pages import WALKED
from tests.browser.walk import HERE, PEOPLE, Clock, Walk
from tests.factories import hat


@pytest.fixture
def clock(monkeypatch):
    moved = Clock(datetime(2026, 6, 1, 9, 30, tzinfo=HERE))
    monkeypatch.setattr(timezone, "now", moved)
    return moved


@pytest.fixture
def walk(chromium, clock, live_server, album):
    for username, (role, place, name) in PEOPLE.items():
        hat(role, place, username, full_name=name)
    return Walk(chromium, live_server.url, clock, album)


@pytest.mark.django_db(transaction=True)
def test_a_whole_selection_by_clicking(walk):
    before.found_edition(walk)
    before.recommend(walk)
    before.close_recommendation(walk)
    before.screen(walk)
    before.close_screening(walk)
    before.review(walk)
    after.open_poll(walk)
    after.vote(walk)
    after.close_poll(walk)
    after.shortlist(walk)
    after.inspect(walk)
    after.publish(walk)
    after.object_to(walk)
    after.name_winners(walk)
    after.reward(walk)
    after.follow_one(walk)
    after.read_registry(walk)
    assert not verify().broken
    assert walk.looked_at >= WALKED

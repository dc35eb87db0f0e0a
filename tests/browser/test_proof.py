"""A telephone computes its proof in the background, and the server takes it."""

import base64
import json
from contextlib import closing

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.browser.window import PHONE, Window
from tests.voting import ground
from voting.models import PhoneCode, Poll
from voting.services import proofs, tokens

pytestmark = pytest.mark.django_db(transaction=True)
SOLVE = """async ([challenge, wait]) => {
  const { possible, solve } = await import("/static/js/proof.js");
  const stop = new AbortController();
  if (wait) setTimeout(() => stop.abort(new Error("stopped")), wait);
  const worker = "/static/vendor/altcha/pbkdf2.js";
  return { possible: possible(), payload: await solve(challenge, { worker, signal: stop.signal }) };
}"""


@pytest.fixture
def window(chromium, live_server):
    with closing(Window(chromium, live_server.url, size=PHONE)) as opened:
        yield opened
        assert opened.faults == []


def challenge(purpose, effort="normal"):
    now = timezone.now()
    visit = tokens.start(7, now=now)
    return visit, proofs.challenge(Poll(pk=7, effort=effort), visit, purpose, now=now)


@pytest.mark.parametrize("purpose", ["code", "cast"])
def test_a_page_solves_a_challenge_under_its_strict_policy(window, purpose):
    visit, made = challenge(purpose)
    window.go("/vote/lookup/")
    found = window.page.evaluate(SOLVE, [made, 0])
    assert found["possible"] is True and len(found["payload"]) < proofs.LONGEST
    assert proofs.verify(found["payload"], 7, visit.session, purpose, now=timezone.now())
    assert set(json.loads(base64.b64decode(found["payload"]))) == {"challenge", "solution"}


def test_outside_a_secure_context_it_says_that_it_cannot(window):
    window.context.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    window.go("/vote/lookup/")
    found = window.page.evaluate(SOLVE, [challenge("code")[1], 0])
    assert found == {"possible": False, "payload": ""}


def test_it_can_be_stopped(window):
    window.go("/vote/lookup/")
    _visit, made = challenge("code", "high")
    # Nobody solves this one: the prefix is of another key.
    made["parameters"]["keyPrefix"] = "00" * 16
    with pytest.raises(Exception, match="stopped"):
        window.page.evaluate(SOLVE, [made, 50])


def test_the_page_without_a_ticket_computes_before_it_sends(window, settings):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    poll = ground.poll()
    window.go(reverse("voting:identity", args=[poll.pk]))
    window.page.get_by_label("手机号码").fill("19900000001")
    window.page.keyboard.press("Enter")
    window.page.get_by_label("验证码").wait_for()
    assert PhoneCode.objects.get().proof
    # Where it cannot compute it sends all the same.
    window.context.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    window.go(reverse("voting:identity", args=[poll.pk]))
    window.page.get_by_label("手机号码").fill("19900000002")
    window.page.keyboard.press("Enter")
    window.page.get_by_label("验证码").wait_for()
    assert PhoneCode.objects.filter(proof="").count() == 1

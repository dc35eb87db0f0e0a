"""The tier through the portal: in the portal's process, and handed on to a socket."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.voting import ground, tier
from voting.box import inside
from voting.models import Ballot, Poll
from voting.services import tier as account
from voting.views.ballot import _Line

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def poll():
    """A poll that is open by the real clock."""
    tier.unheard_of()
    made = ground.poll()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE voting_poll SET opens = %s, closes = %s",
            [now - timedelta(hours=1), now + timedelta(days=1)],
        )
    return Poll.objects.get(pk=made.pk)


@pytest.fixture(autouse=True)
def own_box():
    yield
    inside.close()


def asked(url, said=None, **headers):
    """Status, headers and what was said."""
    data = None if said is None else json.dumps(said).encode()
    headers = {"Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read())


def a_vote(url, poll):
    """From the ticket to the receipt, and what comes after it."""
    status, headers, begun = asked(f"{url}/ballot/{poll.pk}/start/?device=abc")
    assert (status, begun["device"], begun["phase"]) == (200, "abc", "open")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Set-Cookie"] is None
    said = tier.ballot(poll, (1, 3), at=timezone.now())
    status, headers, receipt = asked(
        f"{url}/ballot/{poll.pk}/", said, Origin=url, Sec_Fetch_Site="same-origin"
    )
    assert (status, receipt["picks"]) == (200, [1, 3])
    assert headers["Set-Cookie"] is None
    assert asked(f"{url}/ballot/{poll.pk}/", said)[2] == receipt
    another = tier.ballot(poll, (2,), at=timezone.now())
    status, _headers, answer = asked(f"{url}/ballot/{poll.pk}/", another, Cookie="django_language=en")
    assert (status, answer["code"]) == (409, receipt["code"])
    assert asked(f"{url}/ballot/{poll.pk}/", said, Origin="https://elsewhere.example")[0] == 403
    assert asked(f"{url}/ballot/{poll.pk}/", {"ballot": "x" * 5000})[0] == 413
    assert asked(f"{url}/ballot/{poll.pk}/")[0] == 405
    assert asked(f"{url}/ballot/999999/start/")[0] == 404
    return Ballot.objects.get()


def test_without_a_socket_the_portal_takes_ballots_itself(live_server, settings, poll):
    settings.BALLOT_SOCKET = ""
    kept = a_vote(live_server.url, poll)
    assert kept.address


@contextmanager
def granian(folder, **environment):
    """The tier as it runs beside the portal, on a socket."""
    path = folder / "ballot.sock"
    where = connection.get_connection_params()
    url = f"postgresql://{where.get('user', '')}@/{where['dbname']}?host={where.get('host', '')}"
    child = subprocess.Popen(
        [
            *(
                sys.executable,
                "-m",
                "granian",
                "voting.box.wsgi:application",
                "--interface",
                "wsgi",
                "--no-ws",
            ),
            *("--uds", path, "--workers", "1", "--blocking-threads", "4", "--backpressure", "16"),
        ],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings"} | environment,
        start_new_session=True,
    )
    try:
        for _attempt in range(300):
            with closing(_Line(str(path))) as line:
                try:
                    line.request("GET", "/ballot/health")
                    if line.getresponse().status == 200:
                        break
                except OSError:
                    time.sleep(0.1)
        yield path
    finally:
        child.terminate()
        child.wait(20)


def test_with_a_socket_the_portal_hands_on(live_server, settings, tmp_path, poll):
    with granian(tmp_path, POLL_KEYS=str(settings.POLL_KEYS)) as path:
        settings.BALLOT_SOCKET = str(path)
        kept = a_vote(live_server.url, poll)
        assert inside._made == {}
        told = account.tier(poll.pk, now=timezone.now())
        for _attempt in range(50):
            told = account.tier(poll.pk, now=timezone.now())
            if told.refused_ever:
                break
            time.sleep(0.1)
    assert kept.address
    assert told.reachable and told.alive
    assert told.refused_ever == {"again": 1, "origin": 1}
    assert sum(accepted for _minute, accepted, _refused in told.minutes) == 1


def test_a_tier_that_is_gone_is_a_busy_one(live_server, settings, tmp_path, poll):
    settings.BALLOT_SOCKET = str(tmp_path / "nobody.sock")
    status, headers, answer = asked(
        f"{live_server.url}/ballot/{poll.pk}/", tier.ballot(poll, at=timezone.now())
    )
    assert (status, answer["reason"]) == (503, "busy")
    assert int(headers["Retry-After"]) > 0
    assert not Ballot.objects.exists()

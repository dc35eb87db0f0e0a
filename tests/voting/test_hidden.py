"""Hidden means hidden: what is posted and the back room tell nobody whom the ballots picked.

Everything is asked twice, with nothing changed in between but the picks of the ballots. Where two answers
differ, something could be learnt of the totals; where they do not, no number of requests tells anything.
"""

import io
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.forms import BooleanField
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal.models import User
from tests import factories
from tests.voting import ground
from voting.models import Alarm, Case
from voting.services import polls
from voting.services.receipts import receipt_code

pytestmark = pytest.mark.django_db
#: What differs between two answers by itself.
CHANCE = re.compile(
    r"clause-[0-9a-f]{8}"
    r"|name=\"csrfmiddlewaretoken\" value=\"[^\"]+\"|nonce=\"[^\"]+\"|csrf-token\" content=\"[^\"]+\""
    r"|\"(ticket|seed|challenge|salt|signature|now)\": ?\"[^\"]*\"|X-CSRFToken[^}]*}"
)
LATER = ground.OPENS + timedelta(days=1, hours=3)
UNTIL = "2026-06-02T23:00:00"
ADMIN_LISTS = ("poll", "candidate", "quarantine", "refusedballots", "result", "resultrow")


@pytest.fixture
def at(monkeypatch):
    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


def world(totals: str) -> SimpleNamespace:
    """A running poll that has something on every page: ballots of two days, cases, an alarm, a pause."""
    poll = ground.poll(totals=totals, closes_itself=False)
    moments = [ground.DURING] * 7 + [LATER - timedelta(hours=1)] * 4
    ballots = [
        ground.cast(poll, (1, 2) if n % 2 else (3,), number=f"199000000{n:02d}", at=at, address=f"10.0.0.{n}")
        for n, at in enumerate(moments)
    ]
    act = ground.set_aside(poll, ballots[:2], now=LATER, reason="同一设备", grounds="device")
    waiting = ground.propose(poll, ballots[4:6], now=LATER)
    alarm = Alarm.objects.create(
        poll=poll,
        rule="device",
        candidate=poll.candidates.get(number=1),
        since=ground.OPENS,
        until=LATER,
        raised_at=LATER,
        seen_at=LATER,
        figures={
            "ratio": 40.0,
            "threshold": 8,
            "digits": 12,
            "devices": 3,
            "together": [],
            "signs": {},
            "series": [],
        },
    )
    alarm.ballots.set(ballot.pk for ballot in ballots[2:6])
    polls.pause_poll(poll, by=ground.office(poll.edition), now=LATER, note="系统维护")
    polls.resume_poll(poll, by=ground.office(poll.edition), now=LATER, note="已恢复")
    candidate = poll.candidates.select_related("nomination__enterprise").get(number=1)
    return SimpleNamespace(
        poll=poll,
        edition=poll.edition,
        candidate=candidate,
        nomination=candidate.nomination,
        enterprise=candidate.nomination.enterprise,
        receipt=receipt_code(ballots[0]),
        case=act.case,
        waiting=waiting,
        alarm=alarm,
        ballots=ballots,
    )


def change_picks(poll, *, since=ground.OPENS) -> None:
    """Other picks in the same ballots, which nobody but this test can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger, no refusal
        cursor.execute(
            "UPDATE voting_ballot SET picks = '{1,4}' WHERE poll_id = %s AND cast_at >= %s",
            [poll.pk, since],
        )
        cursor.execute("SET session_replication_role = origin")
    cache.clear()


def visitors(things) -> dict[str, Client]:
    hats = {
        "office": ground.office(things.edition),
        "second": ground.second(things.edition),
        "auditor": factories.hat("auditor"),
        "recommender": factories.hat("recommender", things.nomination.recommender),
    }
    return {"anonymous": Client(), **{role: factories.sign_in(Client(), hat) for role, hat in hats.items()}}


def said_to(client, address) -> str:
    answer = client.get(address)
    kind = answer.headers.get("Content-Type", "")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if "spreadsheet" in kind:
        sheets = load_workbook(io.BytesIO(body), read_only=True)
        return str([list(sheet.values) for sheet in sheets])
    if not kind.startswith(("text/", "application/json")):
        return kind
    return f"{answer.status_code} {answer.headers.get('Location', '')}\n" + CHANCE.sub(
        "", body.decode("utf-8", "replace")
    )


def test_what_is_posted_is_answered_the_same(at):
    """Proposals by candidate typed into the address, and a decision: the answers tell nothing either."""
    things = world("hidden")
    at(LATER + timedelta(minutes=1))
    office, second = (visitors(things)[role] for role in ("office", "second"))
    chosen = reverse("voting:set_aside", args=[things.edition.pk])

    def answers():
        for asked in ("candidate=1", "picks=3", "kind=restore&candidate=2"):
            answer = office.post(
                f"{chosen}?{asked}&until={UNTIL}", {"reason": "演示", "grounds": "other", "seen": "1"}
            )
            assert answer.status_code == 200
            yield CHANCE.sub("", answer.content.decode())
        answer = second.post(reverse("voting:case", args=[things.waiting.pk]), {"approved": "no", "note": ""})
        yield CHANCE.sub("", answer.content.decode())

    before = list(answers())
    change_picks(things.poll)
    assert list(answers()) == before
    assert Case.objects.count() == 2


def test_the_back_room_shows_and_exports_nothing_of_it(at, client):
    things = world("hidden")
    at(LATER + timedelta(minutes=1))
    client.force_login(User.objects.create_superuser("root", password=factories.PASSWORD))

    def pages():
        for name in ADMIN_LISTS:
            yield said_to(client, reverse(f"admin:voting_{name}_changelist"))
            address = reverse(f"admin:voting_{name}_export")
            fields = client.get(address).context["form"].fields.items()
            ticked = {name: "on" for name, field in fields if isinstance(field, BooleanField)}
            answer = client.post(address, {"format": "0", "resource": "0", **ticked})
            yield str(list(load_workbook(io.BytesIO(answer.content)).active.values))
        for name, pk in (("poll", things.poll.pk), ("candidate", things.candidate.pk)):
            yield said_to(client, reverse(f"admin:voting_{name}_change", args=[pk]))
        yield said_to(client, reverse("admin:voting_quarantine_change", args=[things.case.act.pk]))
        yield said_to(client, reverse("admin:portal_auditentry_changelist"))

    before = list(pages())
    change_picks(things.poll)
    assert list(pages()) == before

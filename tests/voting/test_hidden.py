"""Hidden means hidden: nothing anybody is shown or answered tells whom the ballots picked.

Everything is asked twice, with nothing changed in between but the picks of the ballots. Where two answers
differ, something could be learnt of the totals; where they do not, no number of requests tells anything.
"""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from difflib import unified_diff
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
from tests.address_book import ROWS
from tests.voting import ground
from tests.voting.test_services_detecting import MIDDAY, TICK, everyday, fill, script
from voting.models import Alarm, Ballot, Case
from voting.services import counting, detecting, polls
from voting.services.receipts import receipt_code
from voting.views.booth import SHELVES

pytestmark = pytest.mark.django_db
#: What hangs on a poll, by the names the address book has for things.
HANGS = {"", "edition", "nomination", "poll", "candidate", "receipt", "case", "alarm", "enterprise"}
#: Where nothing hangs on a poll by what they are about.
ELSEWHERE = ("review:", "account_", "portal:calendar")
#: Where figures of a poll could stand.
SPACES = (
    *("voting:", "portal:home", "portal:record", "nominations:edition", "nominations:board"),
    *("nominations:nomination", "nominations:enterprise", "awards:shortlist", "awards:registry"),
)
#: What differs between two answers by itself.
CHANCE = re.compile(
    r"clause-[0-9a-f]{8}"
    r"|name=\"csrfmiddlewaretoken\" value=\"[^\"]+\"|nonce=\"[^\"]+\"|csrf-token\" content=\"[^\"]+\""
    r"|\"(ticket|now)\": ?\"[^\"]*\"|X-CSRFToken[^}]*}|\d+ 毫秒|<script id=\"challenge\".*?</script>"
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
    """A running poll with something on every page: ballots of two days, cases, alarms, a pause.

    The alarms are what detection made of a script and of an honest rush for candidate 6.
    """
    poll = ground.poll(20, max_picks=5, totals=totals, closes_itself=False)
    everyday(poll)
    script(poll)
    fill(
        poll, [(MIDDAY + timedelta(seconds=9 * n), (6, 7 + n % 13), {"network": f"m{n}"}) for n in range(60)]
    )
    detecting.detect(poll, now=MIDDAY + TICK)
    moments = [ground.DURING] * 7 + [LATER - timedelta(minutes=10)] * 4
    ballots = [
        ground.cast(poll, (1, 2) if n % 2 else (3,), number=f"199000000{n:02d}", at=at, address=f"10.0.0.{n}")
        for n, at in enumerate(moments)
    ]
    act = ground.set_aside(poll, ballots[:2], now=LATER, reason="同一设备", grounds="device")
    flagged = Ballot.objects.filter(alarms__rule="clique").order_by("pk")[:5]
    waiting = ground.propose(poll, [*flagged, *ballots[4:6]], now=LATER)
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
        alarm=Alarm.objects.get(poll=poll, rule="clique"),
        others=list(Alarm.objects.filter(poll=poll).exclude(rule="clique")),
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
    for shelf in SHELVES:
        shelf.clear()


def visitors(things) -> dict[str, Client]:
    """One of each role who has begun to choose: the order of the candidates is drawn for each of them."""
    hats = {
        "office": ground.office(things.edition),
        "second": ground.second(things.edition),
        "auditor": factories.hat("auditor"),
        "recommender": factories.hat("recommender", things.nomination.recommender),
    }
    people = {"anonymous": Client(), **{role: factories.sign_in(Client(), hat) for role, hat in hats.items()}}
    for client in people.values():
        client.get(reverse("voting:choose", args=[things.poll.pk]))
    return people


def few(things) -> dict[str, Client]:
    """Who is asked where all have been asked before."""
    people = visitors(things)
    return {role: people[role] for role in ("anonymous", "office")}


def addresses(things, spaces) -> Iterator[str]:
    """Every address of the book that hangs on the poll, and the questions one can add to some."""
    for wanted, _answers, group in ROWS:
        if not set(wanted.split()) <= HANGS:
            continue
        found = [getattr(things, each) for each in wanted.split()]
        args = [getattr(each, "pk", each) for each in found]
        for name in group.split():
            if name.startswith(tuple(spaces)) and not name.startswith(ELSEWHERE):
                yield reverse(name, args=args)
    yield reverse("voting:case", args=[things.waiting.pk])
    yield from (reverse("voting:alarm", args=[other.pk]) for other in things.others)
    chosen = reverse("voting:set_aside", args=[things.edition.pk])
    for asked in (
        "candidate=1",
        "candidate=4",
        "picks=1&picks=2",
        "picks=1&picks=4",
        "kind=restore",
        "kind=restore&candidate=1",
        f"network={things.ballots[0].network}",
        f"network={things.ballots[0].network}&candidate=1",
        "home=local",
        "dwell=30&picks=3",
    ):
        yield f"{chosen}?{asked}&until={UNTIL}"
        yield f"{chosen}?{asked}&until=2026-06-03T12:00:00"
    yield reverse("portal:record") + "?q=voting"


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


def walk(people, things, spaces) -> dict[tuple[str, str], str]:
    """What everybody is answered everywhere, but for the telephone that other tests send messages to."""
    inbox = reverse("voting:inbox")
    return {
        (role, address): said_to(client, address)
        for role, client in people.items()
        for address in addresses(things, spaces)
        if address != inbox
    }


def differing(before, after) -> dict[tuple[str, str], str]:
    """Where two walks were answered differently, and how."""
    assert before.keys() == after.keys()
    return {
        key: "\n".join(unified_diff(before[key].splitlines(), after[key].splitlines(), lineterm="", n=0))
        for key in sorted(before)
        if before[key] != after[key]
    }


def test_while_hidden_no_page_depends_on_the_picks(at):
    things = world("hidden")
    at(LATER + timedelta(minutes=1))
    people = visitors(things)
    before = walk(people, things, SPACES)
    assert sum(page.startswith("200") for page in before.values()) > 60
    for address in [reverse("voting:alarm", args=[each.pk]) for each in (things.alarm, *things.others)]:
        assert before["office", address].startswith("200")
    change_picks(things.poll)
    assert differing(before, walk(people, things, SPACES)) == {}


def test_nor_after_the_closing_until_the_count(at):
    things = world("hidden")
    at(ground.CLOSES + timedelta(hours=1))
    people = few(things)
    before = walk(people, things, SPACES)
    change_picks(things.poll)
    assert differing(before, walk(people, things, SPACES)) == {}


def test_daily_totals_say_nothing_of_what_was_cast_since_midnight(at):
    things = world("daily")
    at(LATER + timedelta(minutes=1))
    until = counting.totals_until(things.poll, now=LATER)
    assert until < LATER
    people, spaces = few(things), ("voting:",)
    before = walk(people, things, spaces)
    change_picks(things.poll, since=until)
    assert differing(before, walk(people, things, spaces)) == {}
    # The same eyes do see what was cast before it.
    change_picks(things.poll)
    seen = {name for _role, name in differing(before, walk(people, things, spaces))}
    assert reverse("voting:result", args=[things.poll.pk]) in seen
    assert reverse("voting:poll", args=[things.edition.pk]) in seen


def test_shown_totals_are_seen(at):
    things = world("shown")
    at(LATER + timedelta(minutes=1))
    clients = visitors(things)
    pages = (
        ("anonymous", reverse("voting:result", args=[things.poll.pk])),
        ("office", reverse("voting:poll", args=[things.edition.pk])),
        ("auditor", reverse("voting:case", args=[things.case.pk])),
    )
    before = [said_to(clients[role], address) for role, address in pages]
    change_picks(things.poll)
    for (role, address), was in zip(pages, before, strict=True):
        assert said_to(clients[role], address) != was, address


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

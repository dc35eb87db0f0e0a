import io
import json
import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.forms import BooleanField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal.models import AuditEntry
from tests import factories
from tests.voting import ground
from tests.voting.voter import text, url
from voting.models import Poll, Quarantine
from voting.services import polls, receipts

pytestmark = pytest.mark.django_db
OFFICE_PAGES = ("poll", "set_up", "open_poll", "close_poll", "pause", "resume", "effort")


@pytest.fixture(autouse=True)
def console(settings):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    cache.clear()


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the server."""

    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(ground.DURING)
    return move


def test_a_poll_of_an_unpublished_edition_is_the_offices_alone(client, office, at):
    poll = ground.poll(published=False)
    ballot = ground.cast(poll)
    for address in (
        url("booth", poll.pk),
        url("result", poll.pk),
        url("candidate", poll.candidates.first().pk),
        url("receipt", receipts.receipt_code(ballot)),
    ):
        assert client.get(address).status_code == 404
    assert poll.edition.title not in text(client.get(url("lookup")))
    assert url("booth", poll.pk) not in text(office.get(url("poll", poll.edition_id)))


def test_the_result_names_every_figure_after_the_count(client, at):
    poll = ground.poll()
    by = ground.office(poll.edition)
    ballots = [ground.cast(poll, (1, 2), number=f"1990000000{n}") for n in range(7)]
    ground.set_aside(poll, ballots[:3], now=ground.DURING, reason="同一设备")
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    at(ground.CLOSES)
    page = text(client.get(url("result", poll.pk)))
    rows = re.findall(r'data-label="得票">(\d+)<', page)
    assert rows == ["4", "4", "0", "0"]
    assert re.findall(r'<dd class="num">(\d+)</dd>', page) == ["7", "3", "4"]
    assert "同一设备" in page and poll.edition.vote_result.digest in page
    # Only whom it concerns; of the others one sentence.
    assert re.findall(r'data-label="收到的得票">(\d+)<', page) == ["7", "7"]
    assert "其他 2 家没有隔离的得票" in page


def surfaces(poll, ballot):
    office = factories.sign_in(Client(), factories.hat("office", poll.edition.host))
    auditor = factories.sign_in(Client(), factories.hat("auditor"))
    public = Client()
    yield public, url("booth", poll.pk)
    yield public, url("result", poll.pk)
    yield public, url("lookup") + f"?code={receipts.receipt_code(ballot)}"
    yield public, url("receipt", receipts.receipt_code(ballot))
    yield public, url("candidate", poll.candidates.first().pk)
    for signed_in in (office, auditor):
        yield signed_in, url("poll", poll.edition_id)
        yield signed_in, url("result", poll.pk)
        yield signed_in, url("booth", poll.pk)


#: Where the figure may stand by chance: heads, dates, addresses and numbers of rows, digests.
CHANCE = re.compile(
    r"<(script|head).*?</\1>|\d{4}年.*?\d\d:\d\d|\b[0-9a-f]{12,}\b"
    r"|\b(?:href|action|value|id|for|name|popovertarget|aria-[a-z]+)=\"[^\"]*\"",
    re.DOTALL,
)


@pytest.mark.parametrize("moment", [ground.DURING, ground.CLOSES + timedelta(hours=1)])
def test_hidden_totals_are_hidden_everywhere(at, moment):
    """Between the closing and the count too, and from the office and the auditor as from everybody."""
    poll = ground.poll(closes_itself=False)
    for n in range(41):
        ballot = ground.cast(poll, (1,), number=f"199000000{n:02d}")
    ground.cast(poll, (2,), number="19900000099")
    at(moment)
    for client, address in surfaces(poll, ballot):
        page = client.get(address)
        assert page.status_code == 200, address
        body = CHANCE.sub(" ", text(page))
        assert not re.search(r"(?<!\d)41(?!\d)", body), address
    details = json.dumps([entry.detail for entry in AuditEntry.objects.all()], ensure_ascii=False)
    assert '"picks":' not in details
    # The same eyes do find the figure once it is counted.
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    assert re.search(r"(?<!\d)41(?!\d)", text(Client().get(url("result", poll.pk))))


def test_the_admin_lists_no_ballots():
    registered = {model.__name__ for model in admin.site._registry if model._meta.app_label == "voting"}
    assert registered == {"Poll", "Candidate", "Quarantine", "RefusedBallots", "Result", "ResultRow"}
    for model in (model for model in admin.site._registry if model._meta.app_label == "voting"):
        back_room = admin.site._registry[model]
        assert not back_room.has_change_permission(None) and not back_room.has_delete_permission(None)


def exported(admin_client, name) -> list[tuple]:
    address = reverse(f"admin:voting_{name}_export")
    form = admin_client.get(address).context["form"]
    ticked = {name: "on" for name, field in form.fields.items() if isinstance(field, BooleanField)}
    assert ticked
    answer = admin_client.post(address, {"format": "0", "resource": "0", **ticked})
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet"), form.errors
    return list(load_workbook(io.BytesIO(answer.content)).active.values)


def test_the_back_room_shows_and_exports_its_lists(at, admin_client):
    poll = ground.poll()
    by = ground.office(poll.edition)
    ballots = [ground.cast(poll, (1,), number=f"1990000000{n}") for n in range(3)]
    ground.set_aside(poll, ballots[:1], now=ground.DURING, reason="同一设备")
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    for name in ("poll", "candidate", "quarantine", "refusedballots", "result", "resultrow"):
        page = admin_client.get(reverse(f"admin:voting_{name}_changelist"))
        assert page.status_code == 200
        assert ballots[0].voter not in text(page) and str(ballots[0].pk) not in text(page)
        assert admin_client.get(reverse(f"admin:voting_{name}_add")).status_code == 403
        sheet = exported(admin_client, name)
        assert len(sheet) > 1 or name == "refusedballots"
        assert not any(str(ballot.pk) in str(row) for row in sheet for ballot in ballots)
    act = Quarantine.objects.get()
    page = text(admin_client.get(reverse("admin:voting_quarantine_change", args=[act.pk])))
    assert "同一设备" in page and str(ballots[0].pk) not in page
    assert exported(admin_client, "resultrow")[0] == (
        *("届", "名次", "统一社会信用代码", "名称", "有效票", "投票得分"),
    )


def test_shown_totals_are_shown(client, at):
    poll = ground.poll(totals="shown")
    for n in range(3):
        ground.cast(poll, (1,), number=f"1990000000{n}", at=ground.OPENS)
    assert re.findall(r'data-label="得票">(\d+)<', text(client.get(url("result", poll.pk)))) == [
        "3",
        "0",
        "0",
        "0",
    ]


# --- the office


@pytest.fixture
def office(at):
    return factories.sign_in(Client(), factories.hat("office"))


def test_the_office_sets_up_opens_pauses_and_counts(office, at):
    at(factories.NOW)
    edition = ground.voting_edition(4)
    assert url("set_up", edition.pk) in text(office.get(url("poll", edition.pk)))
    answer = office.post(
        url("set_up", edition.pk),
        {
            "opens": "2026-06-02T10:00",
            "closes": "2026-06-05T10:00",
            "appeal_days": "30",
            "effort": "normal",
        },
    )
    assert answer.url == url("poll", edition.pk)
    poll = Poll.objects.get()
    assert (poll.opens, poll.closes, poll.closes_itself) == (ground.OPENS, ground.CLOSES, False)
    page = text(office.get(url("open_poll", edition.pk)))
    for each in polls.candidates_of(poll):
        assert each.nomination.subject_name in page
    assert "1 至 2 家" in page and "70%" in page
    assert office.post(url("open_poll", edition.pk)).url == url("poll", edition.pk)
    at(ground.DURING)
    factories.sign_in(office, ground.office(edition))  # a session does not last so long
    answer = office.post(url("pause", edition.pk), {"note": ""})
    assert answer.status_code == 200 and not Poll.objects.get().paused_at
    office.post(url("pause", edition.pk), {"note": "系统维护"})
    assert "已暂停" in text(office.get(url("poll", edition.pk)))
    office.post(url("resume", edition.pk), {"note": ""})
    answer = office.post(url("close_poll", edition.pk))
    assert answer.status_code == 200 and "不能提前关闭" in text(answer)
    at(ground.CLOSES)
    factories.sign_in(office, ground.office(edition))
    assert "待计票" in text(office.get(url("poll", edition.pk)))
    assert office.post(url("close_poll", edition.pk)).url == url("poll", edition.pk)
    assert "已计票" in text(office.get(url("poll", edition.pk)))


def pages_of(poll):
    return [url(name, poll.edition_id) for name in OFFICE_PAGES]


def test_the_cockpit_is_for_the_office_of_the_host(at):
    poll = ground.poll()
    answers = {
        "office": {200},
        "recommender": {403},
        "department": {403},
        "expert": {403},
    }
    for role, expected in answers.items():
        client = factories.sign_in(Client(), factories.hat(role))
        assert {client.get(address).status_code for address in pages_of(poll)} == expected, role
    auditor = factories.sign_in(Client(), factories.hat("auditor"))
    assert [auditor.get(address).status_code for address in pages_of(poll)] == [200] + 6 * [403]
    other = factories.sign_in(Client(), factories.hat("office", factories.district("市北区")))
    assert {other.get(address).status_code for address in pages_of(poll)} == {404}
    nobody = Client()
    assert {nobody.get(address).status_code for address in pages_of(poll)} == {302}


def test_the_city_may_not_run_the_poll_of_a_district(at):
    poll = ground.poll(host="市北区")
    city = factories.sign_in(Client(), factories.hat("office"))
    assert city.post(url("pause", poll.edition_id), {"note": "演示"}).status_code == 403
    assert not Poll.objects.get().paused_at


def test_lists_cost_the_same_for_few_and_for_many(at, office):
    def cost(name, pk):
        office.get(url(name, pk))
        with CaptureQueriesContext(connection) as asked:
            assert office.get(url(name, pk)).status_code == 200
        return len(asked)

    few, many = ground.poll(3), ground.poll(9, nominees=9, totals="shown")
    few_shown = ground.poll(3, totals="shown")
    for poll, number in ((few, 2), (few_shown, 2), (many, 12)):
        for n in range(number):
            ground.cast(poll, number=f"199000000{n:02d}")
    assert cost("booth", few.pk) == cost("booth", many.pk)
    assert cost("poll", few_shown.edition_id) == cost("poll", many.edition_id)
    assert cost("result", few_shown.pk) == cost("result", many.pk)

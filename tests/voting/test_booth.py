"""The voting page: the same bytes for everybody, without a cookie and, mostly, without the database."""

import gzip
import io
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests import factories
from tests.voting import ground
from tests.voting.voter import HERE, choose, text, url
from voting.services import pictures, polls, receipts
from voting.views import booth

pytestmark = pytest.mark.django_db
MOST = 100_000  # bytes of a whole first visit, gzipped


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the server."""

    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(ground.DURING)
    return move


def order(page: str) -> list[str]:
    return re.findall(r'id="pick-(\d+)"', page)


# --- the same for everybody


def test_everybody_has_the_same_bytes_and_no_cookie(at):
    poll = ground.poll()
    signed_in = factories.sign_in(Client(), factories.hat("office"))
    pages = [
        each.get(url("booth", poll.pk)) for each in (Client(), signed_in, Client(HTTP_COOKIE="vote-9=x"))
    ]
    assert len({page.content for page in pages}) == 1
    for page in pages:
        assert not page.cookies and "csrf" not in text(page)
        assert page.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=30"


def test_a_language_and_large_letters_are_pages_of_their_own(at):
    poll = ground.poll()
    plain = text(Client().get(url("booth", poll.pk)))
    large = text(Client(HTTP_COOKIE="letters=large").get(url("booth", poll.pk)))
    english = Client(HTTP_COOKIE="django_language=en").get(url("booth", poll.pk))
    assert 'class="large"' in large and 'class="large"' not in plain
    assert '<html lang="en"' in text(english) and english.headers["Content-Language"] == "en"
    assert text(Client().get(url("booth", poll.pk))) == plain


@pytest.mark.parametrize("name", ["booth", "candidate", "totals"])
def test_a_hit_asks_the_database_nothing(at, name, django_assert_num_queries):
    """Through the whole middleware, for a visitor who comes without a cookie."""
    poll = ground.poll(totals="shown")
    address = url(name, poll.candidates.first().pk if name == "candidate" else poll.pk)
    first = Client().get(address)
    with django_assert_num_queries(0):
        again = Client().get(address)
    assert again.status_code == 200 and again.content == first.content and not again.cookies
    assert again.headers["Cache-Control"].startswith("public, max-age=")


def test_a_page_costs_the_same_for_few_and_for_many(at, django_assert_num_queries):
    few, many = ground.poll(3), ground.poll(9, nominees=9)
    with django_assert_num_queries(2):
        Client().get(url("booth", few.pk))
    with django_assert_num_queries(2):
        Client().get(url("booth", many.pk))


def test_after_a_second_the_page_is_drawn_anew(at):
    poll = ground.poll()
    assert "系统维护" not in text(Client().get(url("booth", poll.pk)))
    polls.pause_poll(poll, by=ground.office(poll.edition), now=ground.DURING, note="系统维护")
    assert "系统维护" not in text(Client().get(url("booth", poll.pk)))
    at(ground.DURING + timedelta(seconds=1))
    assert "系统维护" in text(Client().get(url("booth", poll.pk)))


def test_the_page_is_there_for_half_a_minute_without_the_database(at, monkeypatch):
    poll = ground.poll()
    first = Client().get(url("booth", poll.pk))

    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(booth, "public_poll", away)
    at(ground.DURING + timedelta(seconds=29))
    assert Client().get(url("booth", poll.pk)).content == first.content


def test_the_order_changes_with_the_second_where_no_script_shuffles(at):
    poll = ground.poll(8, nominees=8, max_picks=2)
    orders = set()
    for n in range(6):
        at(ground.DURING + timedelta(seconds=n))
        found = order(text(Client().get(url("booth", poll.pk))))
        assert sorted(found) == list("12345678")
        orders.add(tuple(found))
    assert len(orders) > 1


# --- under 100 kB


def noise(seed: int, side: int = 400) -> io.BytesIO:
    """A picture that compresses badly, as a photograph does."""
    coarse = Image.frombytes("RGB", (40, 40), bytes((n * (7 + seed) * 31) % 251 for n in range(4800)))
    out = io.BytesIO()
    coarse.resize((side, side)).save(out, "JPEG", quality=90)
    out.name = "photo.jpg"
    out.seek(0)
    return out


def fetched(address: str) -> bytes:
    if address.startswith("/static/"):
        return Path(finders.find(address.removeprefix("/static/"))).read_bytes()
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return answer.content


def test_a_whole_first_visit_is_under_a_hundred_kilobytes(at):
    """The page with 40 candidates and their pictures, and everything it names or its scripts ask for."""
    poll = ground.poll(40, opened=False, nominees=40, max_picks=5)
    by = ground.office(poll.edition)
    for each in poll.candidates.all():
        each.nomination.enterprise.name = f"青岛某某智能装备制造第{each.number}（演示）有限公司"
        each.nomination.enterprise.save()
        each.introduction = f"第 {each.number} 家：" + "开展“五小”活动和师带徒，一线职工提出合理化建议。" * 4
        each.save()
        pictures.set_picture(each, noise(each.number), by=by, now=factories.NOW)
    polls.open_poll(poll, by=by, now=factories.NOW)
    page = fetched(url("booth", poll.pk))
    named = set(re.findall(r'(?:src|href|data-worker)="(/(?:static|vote/picture)/[^"#]+)', page.decode()))
    assert sum("/picture/" in each for each in named) == 40
    for script in [each for each in named if each.endswith(".js")]:
        imports = re.findall(r'from "\./([\w-]+\.js)"', fetched(script).decode())
        named |= {f"/static/js/{each}" for each in imports}
    assert {"/static/js/vote-wire.js", "/static/js/proof.js", "/static/css/vote.css"} <= named
    sizes = {each: len(gzip.compress(fetched(each))) for each in named}
    # A screen shows eight rows; the others are loaded lazily, as one comes to them.
    shown = sorted((each for each in named if "/picture/" in each), key=lambda each: -sizes[each])[:8]
    rest = sum(size for each, size in sizes.items() if "/picture/" not in each)
    whole = len(gzip.compress(page)) + rest + sum(sizes[each] for each in shown)
    assert whole < MOST, sizes
    assert page.decode().count('loading="lazy"') == 40
    # Nothing of a third party, nothing of the staff's pages.
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.decode())
    assert not re.search(r"bootstrap|htmx|xuanshu\.(css|js)", page.decode())


# --- what is hidden


def test_totals_say_what_may_be_seen_and_nothing_else(at):
    hidden, shown = ground.poll(), ground.poll(totals="shown")
    for poll in (hidden, shown):
        for n in range(3):
            ground.cast(poll, (1,), number=f"1990000000{n}", at=ground.OPENS)
    answer = json.loads(Client().get(url("totals", hidden.pk)).content)
    assert answer == {"poll": hidden.pk, "phase": "open"}
    answer = json.loads(Client().get(url("totals", shown.pk)).content)
    assert answer["until"] == "2026-06-02T11:00:00+08:00"
    assert [line["picks"] for line in answer["candidates"]] == [3, 0, 0, 0]
    polls.close_poll(hidden, by=ground.office(hidden.edition), now=ground.CLOSES)
    at(ground.CLOSES)
    answer = json.loads(Client().get(url("totals", hidden.pk)).content)
    assert answer["phase"] == "counted" and answer["candidates"][0] == {"number": 1, "picks": 3}


# --- when it may be voted


@pytest.mark.parametrize(
    "moment, words",
    [
        (ground.OPENS - timedelta(seconds=1), "投票还没有开始"),
        (ground.CLOSES, "截止，不再受理"),
    ],
)
def test_outside_the_window_the_page_says_so(client, at, moment, words):
    poll = ground.poll()
    choose(client, poll)
    at(moment)
    page = client.get(url("booth", poll.pk))
    assert page.status_code == 200 and words in text(page) and 'name="pick"' not in text(page)
    assert choose(client, poll).status_code == 422


def test_the_page_says_whose_clock_decides_and_that_the_second_is_outside(client, at):
    poll = ground.poll()
    at(ground.CLOSES - timedelta(seconds=1))
    page = text(client.get(url("booth", poll.pk)))
    assert "截止以服务器时间为准，截止时刻起不再受理" in page and 'name="pick"' in page


def test_a_paused_poll_shows_the_note(client, at):
    poll = ground.poll()
    polls.pause_poll(poll, by=ground.office(poll.edition), now=ground.DURING, note="系统维护，下午恢复")
    page = text(client.get(url("booth", poll.pk)))
    assert "投票已暂停" in page and "系统维护，下午恢复" in page and 'name="pick"' not in page


def test_a_poll_that_is_not_opened_is_not_there(client, at):
    poll = ground.poll(opened=False)
    for name in ("booth", "choose", "totals", "identity", "summary", "mine", "result"):
        assert client.get(url(name, poll.pk)).status_code == 404
    assert client.get(url("candidate", poll.candidates.first().pk)).status_code == 404
    assert client.post(url("cast", poll.pk)).status_code == 404


def test_a_candidate_page_has_facts_and_no_contacts(client, at):
    poll = ground.poll()
    candidate = poll.candidates.first()
    declaration = candidate.nomination.declaration
    declaration.deeds = "攻关 42 项。联系 13812345678。"
    declaration.contact_name, declaration.contact_phone = "王不公开", "13900001111"
    declaration.save()
    page = text(client.get(url("candidate", candidate.pk)))
    assert "攻关 42 项" in page and "制造业" in page
    for contact in ("13812345678", "王不公开", "13900001111"):
        assert contact not in page


# --- choosing without a token


@pytest.mark.parametrize(
    "said, status",
    [
        ({"HTTP_ORIGIN": "http://testserver"}, 302),
        ({"HTTP_REFERER": "http://testserver/vote/1/"}, 302),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 302),
        ({"HTTP_ORIGIN": "https://elsewhere.example"}, 403),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://testserver"}, 403),
        ({}, 403),
    ],
)
def test_a_form_is_taken_from_our_own_page_only(at, said, status):
    poll = ground.poll()
    voter = Client(enforce_csrf_checks=True)
    assert voter.post(url("choose", poll.pk), {"pick": (1, 2)}, **said).status_code == status
    assert voter.post(url("comfort"), {"letters": "large", "next": "/"}, **said).status_code == status
    assert ("letters" in voter.cookies) == (status == 302)


def test_the_comforts_are_two_cookies_and_lead_back(client, at):
    poll = ground.poll()
    here = url("booth", poll.pk)
    answer = client.post(url("comfort"), {"letters": "large", "next": here}, **HERE)
    assert answer.url == here and client.cookies["letters"].value == "large"
    answer = client.post(url("comfort"), {"language": "en", "next": here}, **HERE)
    assert answer.url == here and '<html lang="en" class="large"' in text(client.get(here))
    answer = client.post(url("comfort"), {"letters": "normal", "next": "https://elsewhere.example/"}, **HERE)
    assert answer.url == url("lookup") and 'class="large"' not in text(client.get(here))


# --- receipts


def test_lookup_says_what_became_of_it_and_never_the_picks(client, at):
    poll = ground.poll()
    ballot = ground.cast(poll, (1, 2))
    names = [each.nomination.subject_name for each in polls.candidates_of(poll)]
    code = receipts.receipt_code(ballot)
    page = text(client.get(url("lookup"), {"code": code.lower()}))
    assert "已收到" in page and not any(name in page for name in names)
    page = text(client.get(url("receipt", code)))
    assert code in page and poll.edition.title in page and not any(name in page for name in names)
    # The whole receipt is never the server's to show by a code.
    assert str(ballot.pk) not in page and receipts.receipt_of(ballot)["nonce"] not in page
    assert "没有找到" in text(client.get(url("lookup"), {"code": "AAAA-BBBB-CCCC"}))
    assert client.get(url("receipt", "AAAA-BBBB-CCCC")).status_code == 404


@pytest.mark.parametrize(
    "status, words",
    [
        ("received", "已收到，截止后计入"),
        ("counted", "已计入结果"),
        ("set_aside", "已隔离，暂不计入"),
        ("void", "未计入结果"),
    ],
)
def test_a_receipt_has_a_word_for_each_status(client, at, monkeypatch, status, words):
    poll = ground.poll()
    code = receipts.receipt_code(ground.cast(poll))
    reason = "同一设备连续投票" if status in ("set_aside", "void") else ""
    standing = receipts.Standing(code, poll, ground.DURING, status, reason)
    monkeypatch.setattr(receipts, "lookup", lambda _code: standing)
    for address in (url("receipt", code), f"{url('lookup')}?code={code}"):
        page = text(client.get(address))
        assert words in page and reason in page

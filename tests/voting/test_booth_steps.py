"""The vote without a script: choose, say who one is, look it over, cast, keep the receipt."""

import base64
import html
import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from tests.voting import ground
from tests.voting.voter import NUMBER, choose, prove, slip_of, text, url, vote
from voting.models import Ballot, PhoneCode
from voting.services import casting, polls, receipts

pytestmark = pytest.mark.django_db


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


def whole_of(page: str) -> dict:
    """The whole receipt, as it stands on the page."""
    return json.loads(html.unescape(re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)[1]))


def test_the_whole_way_without_javascript(client, at):
    poll = ground.poll()
    names = [each.nomination.subject_name for each in polls.candidates_of(poll)]
    page = text(client.get(url("booth", poll.pk)))
    assert all(name in page for name in names) and "截止以服务器时间为准" in page
    assert choose(client, poll).url == url("identity", poll.pk)
    assert prove(client, poll).url == url("summary", poll.pk)
    page = text(client.get(url("summary", poll.pk)))
    assert names[0] in page and names[1] in page and names[2] not in page
    answer = client.post(url("cast", poll.pk), {"slip": slip_of(client, poll)})
    ballot = Ballot.objects.get()
    assert ballot.picks == [1, 2] and ballot.network
    page = text(answer)
    assert answer.status_code == 200 and receipts.receipt_code(ballot) in page and "<svg" in page
    assert whole_of(page) == receipts.receipt_of(ballot)
    assert NUMBER not in page and "no-store" in answer.headers["Cache-Control"]
    # The address in the QR code carries the receipt behind the #, where no server sees it.
    address, _hash, fragment = re.search(r'<a href="(http[^"]+)"', page)[1].partition("#")
    assert address == "http://testserver" + url("receipt", receipts.receipt_code(ballot))
    raw = base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4))
    assert json.loads(raw) == receipts.receipt_of(ballot)


@pytest.mark.parametrize(
    "picks, words", [((), "至少选 1 家"), ((1, 2, 3), "最多选 2 家"), (("x",), "候选名单")]
)
def test_picks_are_checked_and_kept(client, at, picks, words):
    poll = ground.poll()
    answer = choose(client, poll, picks)
    assert answer.status_code == 422 and words in text(answer)
    assert text(answer).count(" checked") == sum(isinstance(pick, int) for pick in picks)


def test_once_chosen_the_order_is_the_voters_own_and_stays(at):
    poll = ground.poll(8, nominees=8, max_picks=2)

    def order(client):
        return re.findall(r'id="pick-(\d)"', text(client.get(url("choose", poll.pk))))

    voter = Client()
    choose(voter, poll)
    first = order(voter)
    assert sorted(first) == list("12345678") and order(voter) == first
    assert len({tuple(order(Client())) for _n in range(8)}) > 1


def test_a_look_back_finds_the_picks_ticked(client, at):
    poll = ground.poll()
    choose(client, poll, (2, 3))
    page = text(client.get(url("choose", poll.pk)))
    assert re.findall(r'value="(\d)" checked', page) and page.count(" checked") == 2


def test_a_lost_answer_and_a_second_post_are_one_receipt(client, at):
    poll = ground.poll()
    choose(client, poll)
    prove(client, poll)
    slip = slip_of(client, poll)
    first = client.post(url("cast", poll.pk), {"slip": slip})
    # Later, from a browser that lost its cookies, after the token and after the closing.
    at(ground.CLOSES + timedelta(hours=1))
    again = Client().post(url("cast", poll.pk), {"slip": slip})
    assert again.status_code == 200 and whole_of(text(again)) == whole_of(text(first))
    assert Ballot.objects.count() == 1


def test_whose_answer_was_lost_is_not_told_that_the_picks_did_not_count(client, at):
    poll = ground.poll()
    choose(client, poll)
    prove(client, poll)
    lost = client.cookies[f"vote-{poll.pk}"].value
    client.post(url("cast", poll.pk), {"slip": slip_of(client, poll)})
    client.cookies[f"vote-{poll.pk}"] = lost
    assert client.get(url("summary", poll.pk)).url == url("mine", poll.pk)
    page = text(client.get(url("mine", poll.pk)))
    assert receipts.receipt_code(Ballot.objects.get()) in page and "没有计入" not in page
    # The draft is gone, the proof of the number is not: looking again needs no other code.
    assert " checked" not in text(client.get(url("choose", poll.pk)))
    assert "没有计入" not in text(client.get(url("mine", poll.pk)))
    choose(client, poll, (3,))
    assert "刚才所选的没有计入" in text(client.get(url("mine", poll.pk)))


def test_a_slip_is_good_for_half_an_hour_and_for_its_poll(client, at):
    poll, other = ground.poll(), ground.poll()
    choose(client, poll)
    prove(client, poll)
    slip = slip_of(client, poll)
    for forged in ("", "x", slip[:-3] + "abc"):
        assert client.post(url("cast", poll.pk), {"slip": forged}).status_code == 422
    assert client.post(url("cast", other.pk), {"slip": slip}).status_code == 422
    at(ground.DURING + timedelta(minutes=31))
    answer = client.post(url("cast", poll.pk), {"slip": slip})
    assert answer.status_code == 422 and "30 分钟" in text(answer)
    assert not Ballot.objects.exists()


def test_the_same_number_twice_is_told_of_the_first(at):
    poll = ground.poll()
    first = vote(Client(), poll)
    at(ground.DURING + timedelta(minutes=5))
    second = Client()
    choose(second, poll, (3,))
    prove(second, poll)
    assert second.get(url("summary", poll.pk)).url == url("mine", poll.pk)
    page = text(second.get(url("mine", poll.pk)))
    assert whole_of(text(first))["code"] in page
    # Two telephones at the summary at once: the later one is refused with the receipt of the first.
    one, two = Client(), Client()
    slips = []
    for n, each in enumerate((one, two)):
        at(ground.DURING + timedelta(minutes=10 + 2 * n))
        choose(each, poll, (1 + n,))
        prove(each, poll, "19900000009")
        slips.append(slip_of(each, poll))
    cast = one.post(url("cast", poll.pk), {"slip": slips[0]})
    answer = two.post(url("cast", poll.pk), {"slip": slips[1]})
    assert answer.status_code == 409 and "您已于 2026-06-02 11:12:00 投过票" in text(answer)
    assert url("receipt", whole_of(text(cast))["code"]) in text(answer)


def test_the_same_slip_number_with_other_picks_is_a_conflict(client, at, monkeypatch):
    poll = ground.poll()
    vote(client, poll)
    ballot = Ballot.objects.get()
    other = Client()
    choose(other, poll, (3,))
    prove(other, poll, "19900000009")
    with monkeypatch.context() as patch:
        patch.setattr("voting.draft.uuid4", lambda: ballot.pk)
        choose(other, poll, (4,))
    assert other.post(url("cast", poll.pk), {"slip": slip_of(other, poll)}).status_code == 409
    assert Ballot.objects.get().picks == [1, 2]


def test_who_did_not_vote_sees_that_no_ballot_is_there(client, at):
    poll = ground.poll()
    assert client.get(url("mine", poll.pk)).url == url("identity", poll.pk)
    assert prove(client, poll).url == url("mine", poll.pk)
    assert "没有人用这个号码投过票" in text(client.get(url("mine", poll.pk)))


def test_the_summary_is_not_reached_without_picks_and_a_number(client, at):
    poll = ground.poll()
    assert client.get(url("summary", poll.pk)).url == url("booth", poll.pk)
    choose(client, poll)
    assert client.get(url("summary", poll.pk)).url == url("identity", poll.pk)


def test_after_casting_the_next_person_at_this_telephone_begins_anew(client, at):
    poll = ground.poll()
    vote(client, poll)
    assert " checked" not in text(client.get(url("choose", poll.pk)))
    assert client.get(url("mine", poll.pk)).url == url("identity", poll.pk)


def test_casting_writes_no_session_and_asks_for_a_token_against_forgery(at, django_assert_max_num_queries):
    poll = ground.poll()
    voter = Client(enforce_csrf_checks=True)
    assert voter.post(url("cast", poll.pk), {"slip": "x"}).status_code == 403
    voter = Client()
    choose(voter, poll)
    prove(voter, poll)
    slip = slip_of(voter, poll)
    # The ballot's own transaction, pinned to the disk, is three of them.
    with django_assert_max_num_queries(9) as asked:
        voter.post(url("cast", poll.pk), {"slip": slip})
    statements = " ".join(query["sql"] for query in asked.captured_queries)
    assert "django_session" not in statements and "portal_user" not in statements
    assert statements.count("INSERT") == 1 and "INSERT INTO voting_ballot" in statements
    assert "sessionid" not in voter.cookies


def test_a_database_that_is_away_is_never_a_thank_you(client, at, monkeypatch):
    poll = ground.poll()
    choose(client, poll)
    prove(client, poll)
    slip = slip_of(client, poll)

    def away(*args, **kwargs):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(casting, "_insert", away)
        answer = client.post(url("cast", poll.pk), {"slip": slip})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert slip in text(answer)  # the page offers the very same slip again
    assert client.post(url("cast", poll.pk), {"slip": slip}).status_code == 200


def test_a_key_that_is_away_is_never_a_thank_you(client, at):
    poll = ground.poll()
    choose(client, poll)
    prove(client, poll)
    slip = slip_of(client, poll)

    def busy():
        with ground.key_away(poll):
            answer = client.post(url("cast", poll.pk), {"slip": slip})
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert slip in text(answer)

    busy()
    assert not Ballot.objects.exists()
    first = client.post(url("cast", poll.pk), {"slip": slip})
    assert first.status_code == 200
    # Nor is there half a receipt of what is on disk already, within the half hour or after it.
    busy()
    at(ground.DURING + timedelta(minutes=31))
    busy()
    again = client.post(url("cast", poll.pk), {"slip": slip})
    assert again.status_code == 200 and whole_of(text(again)) == whole_of(text(first))
    assert whole_of(text(again)) == receipts.receipt_of(Ballot.objects.get())


def test_the_inbox_exists_in_development_only(client, settings):
    assert client.get(url("inbox")).status_code == 200
    settings.SMS_BACKEND = "some.http.Gateway"
    settings.PRODUCTION = True
    assert client.get(url("inbox")).status_code == 404


def test_a_number_is_not_in_the_log_of_what_is_stored(client, at):
    poll = ground.poll()
    vote(client, poll)
    assert not PhoneCode.objects.filter(voter__contains=NUMBER).exists()
    assert NUMBER not in "".join(cookie.value for cookie in client.cookies.values())

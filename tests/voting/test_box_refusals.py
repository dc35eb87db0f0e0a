"""Who is let in at the door of the ballot tier, what is answered to the others, and in which language."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import translation

from portal import speech
from tests.voting import ground, tier
from voting.box import door
from voting.models import Ballot
from voting.services import casting, keys, tokens

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=30)


@pytest.fixture
def poll():
    return ground.poll()


@pytest.fixture
def box():
    with tier.box() as made:
        yield made


def reason(answer):
    return answer.status, tier.read(answer)["reason"]


AT_THE_DOOR = (
    ({"HTTP_HOST": "localhost:8000"}, None),
    ({"HTTP_HOST": "elsewhere.example"}, (400, "host")),
    ({"HTTP_HOST": ""}, (400, "host")),
    ({"HTTP_HOST": "localhost@elsewhere.example"}, (400, "host")),
    ({"HTTP_ORIGIN": "http://localhost"}, None),
    ({"HTTP_ORIGIN": "https://localhost"}, (403, "origin")),
    ({"HTTP_ORIGIN": "http://localhost:81"}, (403, "origin")),
    ({"HTTP_ORIGIN": "http://elsewhere.example"}, (403, "origin")),
    ({"HTTP_ORIGIN": "null"}, (403, "origin")),
    ({"HTTP_ORIGIN": ""}, (403, "origin")),
    ({"HTTP_SEC_FETCH_SITE": "same-origin"}, None),
    ({"HTTP_SEC_FETCH_SITE": "same-site"}, (403, "origin")),
    ({"HTTP_SEC_FETCH_SITE": "cross-site"}, (403, "origin")),
    ({"HTTP_SEC_FETCH_SITE": "none"}, (403, "origin")),
    ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://localhost"}, (403, "origin")),
    ({"CONTENT_TYPE": "application/json; charset=utf-8"}, None),
    ({"CONTENT_TYPE": "text/plain"}, (422, "shape")),
    ({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, (422, "shape")),
    ({"CONTENT_LENGTH": "4097"}, (413, "size")),
    ({"CONTENT_LENGTH": "-1"}, (422, "shape")),
    ({"CONTENT_LENGTH": "x"}, (422, "shape")),
    ({"CONTENT_LENGTH": ""}, (422, "shape")),
    ({"REQUEST_METHOD": "GET"}, (405, "method")),
    ({"REQUEST_METHOD": "PUT"}, (405, "method")),
    ({"PATH_INFO": "/ballot/"}, (404, "missing")),
    ({"PATH_INFO": "/ballot/x/"}, (404, "missing")),
    ({"PATH_INFO": "/ballot/999999/"}, (404, "missing")),
    ({"PATH_INFO": "/ballot/9999999999/"}, (404, "missing")),
    ({"PATH_INFO": "/elsewhere/1/"}, (404, "missing")),
)


def test_who_is_let_in(poll, box):
    for n, (environ, expected) in enumerate(AT_THE_DOOR):
        answer = tier.post(box, poll, tier.ballot(poll, number=f"199000000{n:02d}"), **environ)
        assert answer.status == 200 if expected is None else reason(answer) == expected, environ
        assert expected is None or tier.read(answer)["message"]
    assert Ballot.objects.count() == sum(expected is None for _environ, expected in AT_THE_DOOR)


def test_the_origin_may_be_one_the_operator_named(poll, box, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://vote.example"]
    said = tier.ballot(poll)
    assert tier.post(box, poll, said, HTTP_ORIGIN="https://vote.example").status == 200


def test_behind_the_proxy_the_scheme_is_the_proxys_word(poll, box, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answer = tier.post(
        box, poll, tier.ballot(poll), HTTP_ORIGIN="https://localhost", HTTP_X_FORWARDED_PROTO="https"
    )
    assert answer.status == 200


ADDRESSES = (
    ({"REMOTE_ADDR": "203.0.113.9"}, 0, "203.0.113.9"),
    ({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, 0, "203.0.113.9"),
    ({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, 0, "198.51.100.1"),
    ({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.1"}, 1, "198.51.100.1"),
    ({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.1, 10.0.0.1"}, 2, "198.51.100.1"),
)


def test_an_address_is_what_our_own_proxy_wrote_down(poll, box, settings):
    for n, (environ, proxies, address) in enumerate(ADDRESSES):
        settings.PROXY_COUNT = proxies
        said = tier.ballot(poll, number=f"199000000{n:02d}")
        tier.post(box, poll, said, **environ)
        assert Ballot.objects.get(pk=said["ballot"]).address == keys.address_keys(poll, address)[0], environ


NO_BALLOTS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b"\xff\xfe",
    b"[" * 3000,
    {"ballot": "x"},
    {"ballot": "z" * 36},
    {"ballot": 7},
    {"picks": "1"},
    {"picks": None},
    {"picks": [1.0]},
    {"picks": [True]},
    {"picks": ["1"]},
    {"picks": [[1]]},
    {"picks": [1] * 501},
    {"token": None},
    {"proof": {"x": 1}},
)


def test_what_has_not_the_form_of_a_ballot_is_refused_whole(poll, box):
    for said in NO_BALLOTS:
        answer = tier.post(box, poll, said if isinstance(said, bytes) else tier.ballot(poll) | said)
        assert reason(answer) == (422, "shape"), said
    assert not Ballot.objects.exists()


def test_who_shows_no_token_of_this_poll_is_nobody(poll, box):
    other = ground.poll()
    good = tier.ballot(poll)
    begun = tokens.write(tokens.start(poll.pk, now=ground.DURING))
    for token in ("", "x", good["token"][:-1], "A" + good["token"][1:], begun, tier.ballot(other)["token"]):
        assert reason(tier.post(box, poll, good | {"token": token})) == (403, "forged")
    assert not Ballot.objects.exists()


def test_a_token_is_good_for_half_an_hour_and_what_was_cast_is_still_cast_afterwards(poll, box):
    said, late = tier.ballot(poll), tier.ballot(poll, number="19900000002")
    box._clock.at = ground.DURING + LATER - timedelta(seconds=1)
    first = tier.post(box, poll, said)
    assert first.status == 200
    box._clock.at = ground.DURING + LATER
    assert reason(tier.post(box, poll, late)) == (403, "expired")
    assert tier.post(box, poll, said) == first
    assert Ballot.objects.count() == 1


def test_a_proof_of_work_is_of_this_visit(poll, box):
    said, other = tier.ballot(poll), tier.ballot(poll, number="19900000002")
    for proof in ("", "x", other["proof"]):
        assert reason(tier.post(box, poll, said | {"proof": proof})) == (403, "proof")
    assert tier.post(box, poll, said).status == 200


def test_a_proof_of_work_is_of_one_voter_of_a_visit(poll, box):
    visit = tokens.start(poll.pk, now=ground.DURING)
    first, second = (tier.ticket(poll, f"1990000000{n}", visit=visit) for n in range(2))
    said = {"ballot": str(uuid4()), "picks": [1], **second}
    assert reason(tier.post(box, poll, said | {"proof": first["proof"]})) == (403, "proof")
    assert tier.post(box, poll, said).status == 200


def test_without_a_secure_context_there_is_no_proof_but_in_production(poll, box, settings):
    settings.ALLOWED_HOSTS = ["192.0.2.1"]
    said = tier.ballot(poll, proof="")
    settings.PRODUCTION = True
    assert reason(tier.post(box, poll, said, HTTP_HOST="192.0.2.1:8000")) == (403, "proof")
    settings.PRODUCTION = False
    assert tier.post(box, poll, said, HTTP_HOST="192.0.2.1:8000").status == 200


def test_what_is_no_token_slows_an_address_down_and_never_a_voter(poll, box):
    bad = {"ballot": str(uuid4()), "picks": [1], "token": "x"}
    answers = [tier.post(box, poll, bad) for _n in range(door.ADDRESS_FAILURES + 1)]
    assert {answer.status for answer in answers[:-1]} == {403}
    assert reason(answers[-1]) == (429, "slow")
    assert int(tier.header(answers[-1], "Retry-After")) > 0
    assert reason(tier.post(box, poll, bad, REMOTE_ADDR="203.0.113.10")) == (403, "forged")
    assert tier.post(box, poll, tier.ballot(poll)).status == 200


def test_what_is_no_proof_slows_a_visit_down_and_no_other(poll, box):
    said = tier.ballot(poll)
    for _n in range(door.VISIT_FAILURES):
        assert reason(tier.post(box, poll, said | {"proof": "x"})) == (403, "proof")
    assert reason(tier.post(box, poll, said)) == (429, "slow")
    assert tier.post(box, poll, tier.ballot(poll, number="19900000002")).status == 200


def test_a_rehearsals_poll_is_nobodys():
    poll = ground.poll(published=False)
    with tier.box() as box:
        assert reason(tier.post(box, poll, tier.ballot(poll))) == (404, "missing")
        assert tier.get(box, f"/ballot/{poll.pk}/start/").status == 404


def test_a_visit_begins_with_a_ticket_and_the_servers_clock(poll, box):
    answer = tier.get(box, f"/ballot/{poll.pk}/start/", "device=abc")
    said = tier.read(answer)
    assert (said.pop("phase"), said.pop("device"), said.pop("effort")) == ("open", "abc", "normal")
    visit = tokens.read_start(poll.pk, said.pop("ticket"), now=ground.DURING)
    assert (visit.device, visit.began) == ("abc", int(ground.DURING.timestamp()))
    assert said == {
        "now": "2026-06-02T03:00:00+00:00",
        "opens": "2026-06-02T02:00:00+00:00",
        "closes": "2026-06-05T02:00:00+00:00",
    }
    assert tier.header(answer, "Cache-Control") == "no-store"
    nameless = [tier.read(tier.get(box, f"/ballot/{poll.pk}/start/"))["device"] for _n in range(2)]
    assert len(set(nameless)) == 2 and all(len(name) == 32 for name in nameless)
    assert tier.post(box, poll, {}, PATH_INFO=f"/ballot/{poll.pk}/start/").status == 405


LANGUAGES = (
    ({}, "zh"),
    ({"HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.8"}, "en"),
    ({"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh"),
    ({"HTTP_ACCEPT_LANGUAGE": "zh-CN", "HTTP_COOKIE": "a=b; django_language=en"}, "en"),
    ({"HTTP_ACCEPT_LANGUAGE": "en", "HTTP_COOKIE": "django_language=zh-hans"}, "zh"),
    ({"HTTP_ACCEPT_LANGUAGE": "en", "HTTP_COOKIE": "django_language=xx"}, "en"),
    ({"HTTP_COOKIE": '"; django_language'}, "zh"),
)


def test_a_refusal_is_said_in_the_readers_language(poll, box):
    for environ, language in LANGUAGES:
        answer = tier.post(box, poll, tier.ballot(poll, (1, 2, 3)), **environ)
        with translation.override("zh-hans" if language == "zh" else "en"):
            expected = speech.said(casting.void(casting.terms_of(poll), [1, 2, 3]))
        assert tier.read(answer)["message"] == expected, environ


def test_numbers_are_any_uuid_in_its_plain_form(poll, box):
    said = tier.ballot(poll) | {"ballot": str(UUID(int=7)).upper()}
    assert tier.post(box, poll, said).status == 200
    assert json.loads(tier.post(box, poll, said).body)["ballot"] == str(UUID(int=7))

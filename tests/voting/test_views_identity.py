"""What the voting page is answered when it asks who votes; the answers are written down here by hand."""

import json
import re
from datetime import timedelta

import altcha
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from nominations.services import advance
from tests.voting import ground
from voting import sms
from voting.models import PhoneCode
from voting.services import codes, keys, limits, polls, proofs, receipts, tokens

pytestmark = pytest.mark.django_db
NUMBER = "19912345678"
HERE = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def light(settings, monkeypatch):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    monkeypatch.setattr(proofs, "ITERATIONS", 2)
    monkeypatch.setattr(proofs, "TRIES", 2)
    limits._counted.clear()


@pytest.fixture
def at(monkeypatch):
    def move(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(ground.DURING)
    return move


@pytest.fixture
def poll(at):
    return ground.poll()


class Telephone:
    """The requests of a page: no cookie comes back with any of them, and no answer is kept."""

    def __init__(self, poll, number=NUMBER, *, secure=False):
        self.poll, self.number, self.secure = poll, number, secure
        self.ticket = tokens.write(tokens.start(poll.pk, now=timezone.now(), device="telephone-7"))
        self.client = Client(enforce_csrf_checks=True)
        self.origin = {"Origin": f"http{'s' if secure else ''}://testserver"}

    def get(self, name, **asked):
        return self.client.get(f"/vote/{self.poll.pk}/{name}/", asked, secure=self.secure)

    def post(self, name, *, headers=None, **said):
        address = f"/vote/{self.poll.pk}/{name}/"
        answer = self.client.post(
            address,
            json.dumps({"ticket": self.ticket, "phone": self.number} | said),
            content_type="application/json",
            headers=self.origin if headers is None else headers,
            secure=self.secure,
        )
        assert not self.client.cookies and "no-store" in answer.headers["Cache-Control"]
        return answer

    def proof(self):
        challenge = self.get("challenge", ticket=self.ticket).json()["challenge"]
        return solved(challenge)

    def code(self):
        """Ask for a code as the page does, and read it."""
        assert self.post("code", proof=self.proof()).status_code == 200
        return re.search(r"\d{6}", sms.ConsoleBackend().messages()[0]["text"]).group()

    def check(self):
        return self.post("check", code=self.code()).json()


def solved(challenge) -> str:
    found = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(found, altcha.solve_challenge(found)).to_base64()


def answered(answer) -> tuple[int, str]:
    said = answer.json()
    assert said["message"]
    return answer.status_code, said["reason"]


def test_from_ticket_to_token(poll):
    telephone = Telephone(poll)
    answer = telephone.post("code", proof=telephone.proof())
    assert answer.json() == {"sent": True, "wait": 60, "skipped": False, "inbox": "/vote/inbox/"}
    code = re.search(r"\d{6}", sms.ConsoleBackend().messages()[0]["text"]).group()
    said = telephone.post("check", code=code).json()
    assert set(said) == {"token", "challenge", "voted"} and said["voted"] is None
    voter = tokens.read_voter(poll.pk, said["token"])
    visit = tokens.read_start(poll.pk, telephone.ticket, now=ground.DURING)
    assert (voter.key, voter.device) == (codes.voter_key(poll, NUMBER), "telephone-7")
    assert (voter.session, voter.began) == (visit.session, visit.began)
    proof, asked = solved(said["challenge"]), (poll.pk, voter.session, "cast")
    assert proofs.verify(proof, *asked, now=ground.DURING, voter=voter.key)
    # Nobody else of the visit casts with it.
    assert not proofs.verify(proof, *asked, now=ground.DURING, voter=codes.voter_key(poll, "19900000002"))


def test_who_voted_learns_it_of_the_own_number_only(poll):
    ballot = ground.cast(poll, number=NUMBER)
    assert Telephone(poll).check()["voted"] == receipts.receipt_code(ballot)
    assert Telephone(poll, "19900000002").check()["voted"] is None


def test_what_is_answered_before_the_proof_is_the_same_for_who_voted_and_who_did_not(poll):
    ground.cast(poll, number=NUMBER)
    said = []
    for number in (NUMBER, "19900000002"):
        telephone = Telephone(poll, number)
        asked = telephone.post("code", proof=telephone.proof())
        wrong = telephone.post("check", code="no")
        again = telephone.post("code", proof=telephone.proof())
        said.append([(each.status_code, each.content) for each in (asked, wrong, again)])
    assert said[0] == said[1]


def test_only_a_page_of_ours_may_ask(poll):
    telephone = Telephone(poll)
    for headers, status in (
        ({}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 422),
        ({"Origin": "http://testserver"}, 422),
    ):
        for name in ("code", "check"):
            assert telephone.post(name, headers=headers, phone="1").status_code == status, headers


@pytest.mark.parametrize("name", ["code", "check"])
def test_nonsense_is_refused(poll, name):
    telephone = Telephone(poll)
    for body, expected in (
        (b"", (400, "form")),
        (b"[]", (400, "form")),
        (b"[" * 4000, (400, "form")),
        (b"\xff\xfe", (400, "form")),
        (b'{"ticket": 7}', (400, "form")),
        (b'{"ticket": null}', (400, "form")),
        (b"{}", (422, "ticket")),
        (b'{"ticket": "x"}', (422, "ticket")),
        (b" " * 5000, (413, "long")),
    ):
        answer = telephone.client.post(
            f"/vote/{poll.pk}/{name}/", body, content_type="application/json", headers=HERE
        )
        assert answered(answer) == expected
    for phone in ("", "1", "\0", chr(0xFF11), "1" * 900, "19912345678'--"):
        assert telephone.post(name, phone=phone).status_code == 422
    assert telephone.client.get(f"/vote/{poll.pk}/{name}/").status_code == 405
    assert not PhoneCode.objects.exists()


def test_a_ticket_is_good_for_its_poll_and_two_hours(poll, at):
    other = Telephone(ground.poll())
    telephone = Telephone(poll)
    assert answered(telephone.post("code", ticket=other.ticket)) == (422, "ticket")
    assert answered(telephone.get("challenge", ticket=other.ticket)) == (422, "ticket")
    assert answered(telephone.get("challenge")) == (422, "ticket")
    at(ground.DURING + tokens.START_GOOD_FOR)
    assert answered(telephone.post("code")) == (422, "ticket")


def test_a_code_is_good_on_the_page_that_asked_for_it(poll):
    telephone, other = Telephone(poll), Telephone(poll)
    code = telephone.code()
    assert answered(other.post("check", code=code)) == (422, "expired")
    assert telephone.post("check", code=code).status_code == 200
    assert answered(telephone.post("check", code=code)) == (422, "expired")


def test_limits_say_when_to_come_again(poll):
    telephone = Telephone(poll)
    telephone.code()
    answer = telephone.post("code", proof=telephone.proof())
    assert answered(answer) == (429, "limit") and answer.headers["Retry-After"] == "60"
    assert "刚刚发出" in answer.json()["message"]


def test_who_sends_nothing_says_when_to_come_again(poll, settings):
    settings.SMS_BACKEND = ""
    telephone = Telephone(poll)
    answer = telephone.post("code", proof=telephone.proof())
    assert answered(answer) == (503, "not_sent") and answer.headers["Retry-After"] == "60"
    settings.SMS_BACKEND = "tests.voting.test_services_codes.Busy"
    telephone = Telephone(poll, "19900000002")
    answer = telephone.post("code", proof=telephone.proof())
    assert answered(answer) == (503, "busy") and answer.headers["Retry-After"] == "5"


def test_the_database_is_away(poll, monkeypatch):
    def gone(*_args, **_kw):
        raise OperationalError("the connection is closed")

    telephone = Telephone(poll)
    monkeypatch.setattr(codes, "send_code", gone)
    answer = telephone.post("code")
    assert answered(answer) == (503, "busy") and answer.headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    "production, secure, expected",
    [
        (False, False, {"sent": True, "wait": 60, "skipped": True, "inbox": "/vote/inbox/"}),
        (False, True, (422, "proof")),
        (True, True, (422, "proof")),
    ],
)
def test_without_a_proof(poll, settings, production, secure, expected):
    telephone = Telephone(poll, secure=secure)
    settings.PRODUCTION = production
    answer = telephone.post("code")
    if production or secure:
        assert answered(answer) == expected and not PhoneCode.objects.exists()
    else:
        assert answer.json() == expected


def test_a_proof_is_used_once_and_a_wrong_one_never(poll):
    telephone = Telephone(poll)
    payload = telephone.proof()
    assert telephone.post("code", proof=payload).status_code == 200
    assert answered(telephone.post("code", proof=payload, phone="19900000002")) == (422, "proof")
    assert answered(telephone.post("code", proof="x", phone="19900000002")) == (422, "proof")


def test_a_poll_nobody_may_see_is_not_there(at):
    telephone = Telephone(ground.poll(opened=False))
    assert telephone.get("challenge", ticket=telephone.ticket).status_code == 404
    assert (
        telephone.client.post(
            "/vote/0/code/", b"{}", content_type="application/json", headers=HERE
        ).status_code
        == 404
    )


def test_before_the_vote_begins(poll, at):
    at(ground.OPENS - timedelta(seconds=1))
    telephone = Telephone(poll)
    assert answered(telephone.post("code", proof=telephone.proof())) == (422, "not_open")


def test_asking_costs_a_bounded_number_of_queries(poll, django_assert_max_num_queries):
    telephone = Telephone(poll)
    payload = telephone.proof()
    with django_assert_max_num_queries(30):
        telephone.post("code", proof=payload)


# --- the same question after the vote: was a ballot cast under my number?


def mine(client, poll, number=NUMBER) -> str:
    """The page without a script, from the number to what was found."""
    client.post(f"/vote/{poll.pk}/identity/", {"phone": number})
    code = re.search(r"\d{6}", sms.ConsoleBackend().messages()[0]["text"]).group()
    answer = client.post(f"/vote/{poll.pk}/identity/", {"phone": number, "code": code})
    assert answer.url == f"/vote/{poll.pk}/mine/"
    return client.get(answer.url).content.decode()


def test_who_did_not_vote_sees_that_nobody_voted_under_the_number(poll, client):
    ground.cast(poll, number="19900000002")
    page = mine(client, poll)
    assert "没有人用这个号码投过票" in page


@pytest.mark.parametrize("closed, words", [(False, "已收到"), (True, "已计入")])
def test_who_voted_sees_what_became_of_it_and_what_was_picked(poll, client, at, closed, words):
    ballot = ground.cast(poll, (1, 3), number=NUMBER)
    names = {each.number: each.nomination.subject_name for each in poll.candidates.all()}
    if closed:
        polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
        at(ground.CLOSES + timedelta(hours=1))
    page = mine(client, poll)
    assert receipts.receipt_code(ballot) in page and words in page
    assert [number for number, name in names.items() if name in page] == [1, 3]
    assert NUMBER not in page


def test_who_withdrew_later_is_still_what_was_picked(poll, client):
    ground.cast(poll, (1, 3), number=NUMBER)
    gone = poll.candidates.get(number=3).nomination
    advance(gone, "withdraw", by=ground.office(poll.edition), now=ground.DURING, note="演示撤回")
    assert gone.subject_name in mine(client, poll)


def test_the_page_has_a_challenge_for_its_script(poll, client):
    page = client.get(f"/vote/{poll.pk}/identity/").content.decode()
    found = re.search(r'id="challenge" type="application/json">(.*?)</script>', page).group(1)
    client.post(f"/vote/{poll.pk}/identity/", {"phone": NUMBER, "proof": solved(json.loads(found))})
    assert PhoneCode.objects.get().proof
    page = client.post(f"/vote/{poll.pk}/identity/", {"phone": "19900000002", "proof": "x"}).content.decode()
    assert "安全校验已过期" in page and 'id="challenge"' in page
    client.post(f"/vote/{poll.pk}/identity/", {"phone": "19900000002"})
    assert PhoneCode.objects.filter(proof="").count() == 1


def test_a_missing_key_file_is_said(poll, client):
    keys.key_path(poll.key_id).unlink()
    assert client.get(f"/vote/{poll.pk}/identity/").status_code == 200
    answer = client.post(f"/vote/{poll.pk}/identity/", {"phone": NUMBER})
    assert answer.status_code == 200 and "密钥文件不在" in answer.content.decode()
    telephone = Telephone(poll)
    assert answered(telephone.post("code")) == (422, "refused")


def test_a_code_of_the_page_is_good_in_its_browser_only(poll, client):
    client.post(f"/vote/{poll.pk}/identity/", {"phone": NUMBER})
    code = re.search(r"\d{6}", sms.ConsoleBackend().messages()[0]["text"]).group()
    answer = Client().post(f"/vote/{poll.pk}/identity/", {"phone": NUMBER, "code": code})
    assert answer.status_code == 200 and "失效" in answer.content.decode()

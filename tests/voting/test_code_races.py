"""Two requests at once: one code is used once, one number is sent one code, one proof buys one code."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import altcha
import pytest
from django.db import connection

from tests.voting import ground
from voting.models import PhoneCode
from voting.services import codes, limits, proofs, tokens

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, HANDS = "19900000001", 12
sent = []


class Telephone:
    """A backend that remembers what was sent; appending is one step of the interpreter."""

    def send(self, message):
        sent.append((message.phone, message.text))
        return 1


@pytest.fixture
def poll(settings, monkeypatch):
    settings.SMS_BACKEND = "tests.voting.test_code_races.Telephone"
    monkeypatch.setattr(proofs, "ITERATIONS", 2)
    monkeypatch.setattr(proofs, "TRIES", 2)
    limits._counted.clear()
    sent.clear()
    return ground.poll()


def at_once(act) -> list:
    """What twelve hands got, each on a connection of its own: an answer, or the reason of a refusal."""
    start = Barrier(HANDS)

    def hand(n):
        start.wait()
        try:
            return act(n)
        except codes.Refused as refusal:
            return refusal.reason
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(hand, range(HANDS)))


def ask(poll, number=NUMBER, session="a visit", device="", **kw):
    visit = tokens.Start(poll.pk, session, 0, device)
    return codes.send_code(poll, number, visit=visit, now=ground.DURING, **({"without_proof": True} | kw)).pk


def test_a_code_is_used_once(poll):
    ask(poll)
    code = "".join(letter for letter in sent[0][1].split("，")[0] if letter.isdigit())
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    answers = at_once(lambda _n: codes.check_code(poll, NUMBER, code, visit=visit, now=ground.DURING).key)
    assert sorted(answers) == sorted([codes.voter_key(poll, NUMBER), *["expired"] * (HANDS - 1)])


def test_wrong_attempts_at_once_are_all_counted(poll):
    ask(poll)
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    answers = at_once(lambda _n: codes.check_code(poll, NUMBER, "x", visit=visit, now=ground.DURING))
    assert (answers.count("wrong"), answers.count("expired")) == (5, HANDS - 5)


def test_one_number_is_sent_one_code_whoever_asks(poll):
    answers = at_once(lambda n: ask(poll, session=f"visit {n}"))
    assert answers.count("limit") == HANDS - 1
    assert len(sent) == PhoneCode.objects.count() == 1


def test_one_telephone_stays_within_its_limit(poll):
    answers = at_once(lambda n: ask(poll, f"199{n:08d}", device="telephone-7"))
    assert answers.count("limit") == HANDS - 10
    assert len(sent) == 10


def test_one_proof_buys_one_code(poll):
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    made = altcha.Challenge.from_dict(proofs.challenge(poll, visit, "code", now=ground.DURING))
    payload = altcha.Payload(made, altcha.solve_challenge(made)).to_base64()
    answers = at_once(lambda n: ask(poll, f"199{n:08d}", proof=payload, without_proof=False))
    assert answers.count("proof") == HANDS - 1
    assert len(sent) == PhoneCode.objects.count() == 1

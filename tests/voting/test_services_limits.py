from datetime import timedelta

import altcha
import pytest

from tests.voting import ground
from voting.models import PhoneCode
from voting.services import codes, limits, proofs, tokens

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HERE, NEXT_DOOR, ELSEWHERE = "203.0.113.9", "203.0.113.200", "198.51.100.7"


@pytest.fixture
def poll(settings, monkeypatch):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    monkeypatch.setattr(proofs, "ITERATIONS", 2)
    monkeypatch.setattr(proofs, "TRIES", 2)
    limits._counted.clear()
    return ground.poll()


def send(poll, number, *, at=timedelta(0), address=None, device="", proven=True):
    now = ground.DURING + at
    visit = tokens.Start(poll.pk, "a visit", 0, device)
    payload = ""
    if proven:
        made = altcha.Challenge.from_dict(proofs.challenge(poll, visit, "code", now=now))
        payload = altcha.Payload(made, altcha.solve_challenge(made)).to_base64()
    number = number if isinstance(number, str) else f"199{number:08d}"
    return codes.send_code(
        poll, number, visit=visit, now=now, address=address, proof=payload, without_proof=not proven
    )


def refused(poll, number, words, **kw) -> int:
    """Refused with these words; after how many seconds it may be asked again."""
    with pytest.raises(limits.TooMany, match=words) as refusal:
        send(poll, number, **kw)
    return refusal.value.retry_after


def narrow(monkeypatch, name, *rows):
    made = [limits.Limit(column, number, within, limits.THE_NETWORK) for column, number, within in rows]
    monkeypatch.setattr(limits, name, tuple(made))


def test_a_number_waits_a_minute_and_has_five_a_day(poll):
    send(poll, 1)
    assert refused(poll, 1, "刚刚发出", at=timedelta(seconds=20)) == 40
    for n in range(1, 5):
        send(poll, 1, at=n * MINUTE)
    assert refused(poll, 1, "次数已经用完", at=HOUR) == 23 * 3600
    assert send(poll, 2, at=HOUR)  # another's telephone is another's
    assert send(poll, 1, at=24 * HOUR)


def test_a_telephone_has_ten_a_day_whatever_the_numbers(poll):
    for n in range(10):
        send(poll, n, device="telephone-7")
    refused(poll, 11, "这部手机", device="telephone-7")
    assert send(poll, 11, device="telephone-8")
    assert send(poll, 12, device="telephone-7", at=24 * HOUR)


def test_a_device_of_another_poll_is_another_device(poll):
    other = ground.poll()
    for n in range(10):
        send(poll, n, device="telephone-7")
    assert send(other, 1, device="telephone-7")


def test_an_address_and_its_network(poll, monkeypatch):
    narrow(monkeypatch, "LIMITS", ("address", 2, HOUR), ("network", 4, HOUR))
    send(poll, 1, address=HERE)
    send(poll, 2, address=HERE, at=10 * MINUTE)
    assert refused(poll, 3, "您所在的网络", address=HERE, at=30 * MINUTE) == 1800
    send(poll, 3, address=NEXT_DOOR, at=30 * MINUTE)
    send(poll, 4, address=NEXT_DOOR, at=30 * MINUTE)
    refused(poll, 5, "您所在的网络", address="203.0.113.77", at=30 * MINUTE)
    assert send(poll, 5, address=ELSEWHERE, at=30 * MINUTE)
    assert send(poll, 6, address=None, at=30 * MINUTE)  # an address nobody can read is nobody's
    assert send(poll, 7, address=HERE, at=HOUR)


def test_a_whole_factory_behind_one_address_gets_its_codes(poll):
    for n in range(120):
        assert send(poll, n, address=HERE)


def test_without_a_proof_the_limits_are_tighter_and_count_among_themselves(poll, monkeypatch):
    narrow(monkeypatch, "WITHOUT_PROOF", ("address", 2, HOUR), ("network", 3, HOUR))
    monkeypatch.setattr(limits, "OF_A_POLL_WITHOUT_PROOF", limits.Limit("", 4, HOUR, limits.THE_POLL))
    send(poll, 1, address=HERE, proven=False)
    send(poll, 2, address=HERE, proven=False)
    refused(poll, 3, "您所在的网络", address=HERE, proven=False)
    assert send(poll, 3, address=HERE)
    send(poll, 4, address=NEXT_DOOR, proven=False)
    refused(poll, 5, "您所在的网络", address="203.0.113.77", proven=False)
    send(poll, 5, address=ELSEWHERE, proven=False)
    refused(poll, 6, "人很多", address="192.0.2.1", proven=False)
    assert send(poll, 6, address="192.0.2.1")


def test_a_poll_and_the_budget_of_all_polls(poll, monkeypatch, settings):
    monkeypatch.setattr(limits, "OF_A_POLL", limits.Limit("", 3, HOUR, limits.THE_POLL))
    for n in range(3):
        send(poll, n)
    refused(poll, 9, "人很多")
    other = ground.poll()
    send(other, 1)
    settings.SMS_DAILY_BUDGET = 5
    send(other, 2)
    assert refused(other, 3, "短信已经用完", at=HOUR) == 23 * 3600
    assert send(other, 3, at=24 * HOUR)
    settings.SMS_DAILY_BUDGET = 0
    refused(other, 4, "短信已经用完", at=24 * HOUR)


def test_a_wide_limit_is_counted_again_after_half_a_minute(poll, monkeypatch):
    monkeypatch.setattr(limits, "WIDE", 3)
    monkeypatch.setattr(limits, "OF_A_POLL", limits.Limit("", 3, HOUR, limits.THE_POLL))
    for n in range(4):
        send(poll, n)
    refused(poll, 9, "人很多", at=timedelta(seconds=30))


def test_wrong_codes_are_limited_where_they_come_from(poll, monkeypatch):
    monkeypatch.setattr(limits, "WRONG", limits.Limit("address", 7, HOUR, limits.WRONG.sentence))
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    for n in range(2):
        send(poll, n, address=HERE)
    send(poll, 3, address=ELSEWHERE)

    def guess(number, at=timedelta(0)):
        with pytest.raises(codes.Refused) as refusal:
            codes.check_code(poll, f"199{number:08d}", "x", visit=visit, now=ground.DURING + at)
        return refusal.value.reason

    assert [guess(0) for _n in range(6)] == ["wrong"] * 5 + ["expired"]
    assert [guess(1) for _n in range(3)] == ["wrong", "wrong", "limit"]
    assert guess(3) == "wrong"
    assert PhoneCode.objects.get(voter=codes.voter_key(poll, "19900000001")).attempts == 2


@pytest.mark.parametrize(
    "column, count, steps",
    [
        ("device", 1, 0),
        ("device", 2, 1),
        ("device", 4, 2),
        ("device", 6, 3),
        ("address", 29, 0),
        ("address", 30, 1),
        ("network", 199, 0),
        ("network", 200, 1),
    ],
)
def test_risk_grows_with_the_codes_of_the_last_hour(poll, column, count, steps):
    PhoneCode.objects.bulk_create(
        PhoneCode(
            poll=poll,
            voter=str(n),
            sent_at=ground.DURING,
            expires_at=ground.DURING,
            **{column: "here"},
        )
        for n in range(count)
    )
    where = {"device": "", "address": "", "network": ""} | {column: "here"}
    assert limits.risk(poll, now=ground.DURING + MINUTE, **where) == steps
    assert limits.risk(poll, now=ground.DURING + HOUR, **where) == 0
    assert limits.risk(poll, now=ground.DURING, **(where | {column: "there"})) == 0

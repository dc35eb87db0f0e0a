import re
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.errors import Refused
from tests.voting import ground
from voting import sms
from voting.models import PhoneCode
from voting.services import casting, codes, counting, keys, polls, quarantine, receipts

pytestmark = pytest.mark.django_db
NUMBER = "19912345678"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def poll(settings):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    return ground.poll()


def send(poll, number=NUMBER, at=ground.DURING, address=None) -> str:
    """Send a code and read it off the telephone."""
    codes.send_code(poll, number, now=at, address=address)
    newest = sms.ConsoleBackend().messages()[0]
    assert newest["phone"] == number
    return re.search(r"\d{6}", newest["text"]).group()


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_proves_a_number_once(poll):
    code = send(poll)
    token = codes.check_code(poll, "199 1234 5678", code, now=ground.DURING)
    assert codes.read_token(poll, token, now=ground.DURING) == keys.voter_key(poll, NUMBER)
    with pytest.raises(Refused, match="失效"):
        codes.check_code(poll, NUMBER, code, now=ground.DURING)


def test_neither_number_nor_code_is_stored(poll):
    code = send(poll, address="203.0.113.9")
    row = PhoneCode.objects.get()
    stored = " ".join(str(value) for value in row.__dict__.values())
    assert NUMBER not in stored and code not in stored.split() and "203.0.113.9" not in stored
    assert len(row.code_hash) == 64


def test_a_code_is_good_for_ten_minutes(poll):
    code = send(poll)
    with pytest.raises(Refused, match="失效"):
        codes.check_code(poll, NUMBER, code, now=ground.DURING + 10 * MINUTE)
    assert codes.check_code(poll, NUMBER, code, now=ground.DURING + 10 * MINUTE - timedelta(seconds=1))


def test_only_the_newest_code_is_good(poll):
    first = send(poll)
    second = send(poll, at=ground.DURING + 2 * MINUTE)
    if first != second:
        with pytest.raises(Refused, match="不对"):
            codes.check_code(poll, NUMBER, first, now=ground.DURING + 3 * MINUTE)
    assert codes.check_code(poll, NUMBER, second, now=ground.DURING + 3 * MINUTE)


def test_five_wrong_attempts_spend_a_code(poll):
    code = send(poll)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Refused, match=f"再试 {left} 次"):
            codes.check_code(poll, NUMBER, wrong(code), now=ground.DURING)
    with pytest.raises(Refused, match="重新获取"):
        codes.check_code(poll, NUMBER, code, now=ground.DURING)


def test_a_code_is_good_for_its_number_and_its_poll_only(poll):
    other = ground.poll()
    code = send(poll)
    with pytest.raises(Refused, match="失效"):
        codes.check_code(other, NUMBER, code, now=ground.DURING)
    with pytest.raises(Refused, match="失效"):
        codes.check_code(poll, "19900000000", code, now=ground.DURING)


def test_a_token_is_good_for_its_poll_and_half_an_hour(poll):
    token = codes.check_code(poll, NUMBER, send(poll), now=ground.DURING)
    assert codes.read_token(ground.poll(), token, now=ground.DURING) is None
    assert codes.read_token(poll, token, now=ground.DURING + 29 * MINUTE)
    assert codes.read_token(poll, token, now=ground.DURING + 30 * MINUTE) is None
    assert codes.read_token(poll, token[:-2] + "xx", now=ground.DURING) is None
    assert codes.read_token(poll, "", now=ground.DURING) is None


def test_limits_of_a_number(poll):
    send(poll)
    with pytest.raises(Refused, match="刚刚发出"):
        send(poll, at=ground.DURING + timedelta(seconds=59))
    for n in range(1, 5):
        send(poll, at=ground.DURING + n * MINUTE)
    with pytest.raises(Refused, match="次数已经用完"):
        send(poll, at=ground.DURING + 60 * MINUTE)
    assert send(poll, "19900000001", at=ground.DURING + 60 * MINUTE)  # another's telephone is another's
    assert send(poll, at=ground.DURING + 24 * 60 * MINUTE)


def test_limits_of_an_address_and_of_a_poll(poll, monkeypatch):
    monkeypatch.setattr(codes, "PER_ADDRESS", codes.Limit(2, timedelta(hours=1)))
    monkeypatch.setattr(codes, "PER_POLL", codes.Limit(4, timedelta(hours=1)))
    for n in range(2):
        send(poll, f"1990000000{n}", address="203.0.113.9")
    with pytest.raises(Refused, match="您所在的网络"):
        send(poll, "19900000002", address="203.0.113.9")
    for n in range(3, 5):
        send(poll, f"1990000000{n}", address="203.0.113.10")
    with pytest.raises(Refused, match="人很多"):
        send(poll, "19900000005", address="203.0.113.11")
    assert send(poll, "19900000005", at=ground.DURING + 60 * MINUTE, address="203.0.113.9")


def test_a_number_that_is_none_is_refused_and_counts_nothing(poll):
    with pytest.raises(Refused, match="11 位"):
        codes.send_code(poll, "12345", now=ground.DURING)
    assert not PhoneCode.objects.exists()


def test_no_codes_before_the_vote(poll):
    with pytest.raises(Refused, match="还没有开始"):
        codes.send_code(poll, NUMBER, now=ground.OPENS - MINUTE)
    with pytest.raises(Refused, match="还没有开始"):
        codes.send_code(ground.poll(opened=False), NUMBER, now=ground.DURING)


def test_a_message_that_does_not_go_out_is_said(poll, settings):
    settings.SMS_BACKEND = ""
    with pytest.raises(Refused, match="没有发出"):
        codes.send_code(poll, NUMBER, now=ground.DURING)
    assert PhoneCode.objects.get().expires_at == ground.DURING


def test_the_console_has_no_place_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured):
        sms.ConsoleBackend()
    assert sms.development_inbox() is None


def test_a_receipt_is_found_however_it_is_typed():
    poll = ground.poll()
    ballot = ground.cast(poll)
    code = receipts.receipt_code(ballot)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code)
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "O").replace("1", "l")):
        found = receipts.lookup(typed)
        assert (found.code, found.cast_at, found.status) == (code, ground.DURING, "received")
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert receipts.lookup(full_width).code == code


def test_a_receipt_that_is_none_is_not_found():
    ballot = ground.cast(ground.poll())
    code = receipts.receipt_code(ballot).replace("-", "")
    changed = 0
    for place in range(12):
        other = receipts.ALPHABET[(receipts.ALPHABET.index(code[place]) + 1) % 32]
        changed += receipts.lookup(code[:place] + other + code[place + 1 :]) is None
    assert changed == 12
    for nonsense in ("", "U" * 12, code[:-1], code + "0", "查我的票查我的票查我的票", None):
        assert receipts.lookup(nonsense) is None


def test_a_receipt_follows_its_ballot():
    poll = ground.poll()
    by = ground.office(poll.edition)
    kept, doubtful = ground.cast(poll), ground.cast(poll, number="19900000002")
    code = receipts.receipt_code(doubtful)
    quarantine.set_aside(poll, [doubtful], by=by, now=ground.DURING, reason="同一设备")
    assert (receipts.lookup(code).status, receipts.lookup(code).reason) == ("set_aside", "同一设备")
    quarantine.restore(poll, [doubtful], by=by, now=ground.DURING, reason="核实")
    assert (receipts.lookup(code).status, receipts.lookup(code).reason) == ("received", "")
    quarantine.set_aside(poll, [doubtful], by=by, now=ground.DURING, reason="查实")
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    assert receipts.lookup(code).status == "set_aside"
    assert receipts.lookup(receipts.receipt_code(kept)).status == "counted"


def test_phases_by_the_clock():
    poll = ground.poll()
    moments = [ground.OPENS - MINUTE, ground.OPENS, ground.CLOSES - MINUTE, ground.CLOSES]
    assert [casting.phase(poll, at) for at in moments] == ["waiting", "open", "open", "over"]
    assert counting.totals_until(poll, now=ground.CLOSES) is None


def test_codes_are_forgotten_when_no_limit_asks_for_them_any_more(poll):
    send(poll)
    assert codes.forget_old_codes(now=ground.DURING + timedelta(hours=23)) == 0
    assert codes.forget_old_codes(now=ground.DURING + timedelta(hours=25)) == 1

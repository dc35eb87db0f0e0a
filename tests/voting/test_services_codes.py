import re
from datetime import timedelta

import altcha
import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.errors import Refused
from tests.voting import ground
from voting import sms
from voting.models import Ballot, PhoneCode
from voting.services import casting, codes, counting, keys, polls, proofs, receipts, tokens

pytestmark = pytest.mark.django_db
NUMBER = "19912345678"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def poll(settings, monkeypatch):
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    monkeypatch.setattr(proofs, "ITERATIONS", 2)
    monkeypatch.setattr(proofs, "TRIES", 4)
    return ground.poll()


def visit(poll, session="a visit", device="", began=0):
    return tokens.Start(poll.pk, session, began, device)


def send(poll, number=NUMBER, at=ground.DURING, **kw) -> str:
    """Send a code to a number, and read it off the telephone."""
    asked = {"visit": visit(poll), "without_proof": True} | kw
    codes.send_code(poll, number, now=at, **asked)
    newest = sms.ConsoleBackend().messages()[0]
    assert newest["phone"] == number
    return re.search(r"\d{6}", newest["text"]).group()


def check(poll, code, number=NUMBER, at=ground.DURING, of=None):
    return codes.check_code(poll, number, code, visit=of or visit(poll), now=at)


def proof(poll, of, purpose="code", at=ground.DURING) -> str:
    made = altcha.Challenge.from_dict(proofs.challenge(poll, of, purpose, now=at))
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_proves_a_number_once(poll):
    code = send(poll)
    voter = check(poll, code, "199 1234 5678")
    assert voter.key == keys.voter_key(poll, NUMBER)
    assert codes.read_token(poll, tokens.write(voter), now=ground.DURING) == voter.key
    with pytest.raises(Refused, match="失效"):
        check(poll, code)


def test_neither_number_nor_code_nor_address_nor_device_is_stored(poll):
    code = send(poll, address="203.0.113.9", visit=visit(poll, device="telephone-7"))
    row = PhoneCode.objects.get()
    stored = " ".join(str(value) for value in row.__dict__.values())
    assert not any(each in stored for each in (NUMBER, "203.0.113", "telephone-7"))
    assert code not in stored.split() and len(row.code_hash) == 64


def test_a_code_is_good_for_ten_minutes(poll):
    code = send(poll)
    with pytest.raises(Refused, match="失效"):
        check(poll, code, at=ground.DURING + 10 * MINUTE)
    assert check(poll, code, at=ground.DURING + 10 * MINUTE - timedelta(seconds=1))


def test_only_the_newest_code_is_good(poll):
    first = send(poll)
    second = send(poll, at=ground.DURING + 2 * MINUTE)
    if first != second:
        with pytest.raises(Refused, match="不对"):
            check(poll, first, at=ground.DURING + 3 * MINUTE)
    assert check(poll, second, at=ground.DURING + 3 * MINUTE)


def test_five_wrong_attempts_spend_a_code(poll):
    code = send(poll)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Refused, match=f"再试 {left} 次"):
            check(poll, wrong(code))
    with pytest.raises(Refused, match="重新获取"):
        check(poll, code)


def test_a_code_is_good_for_its_number_its_poll_and_its_visit_only(poll):
    other = ground.poll()
    code = send(poll)
    with pytest.raises(Refused, match="失效"):
        check(other, code)
    with pytest.raises(Refused, match="失效"):
        check(poll, code, "19900000000")
    with pytest.raises(Refused, match="失效"):
        check(poll, code, of=visit(poll, "another visit"))
    assert check(poll, code)


def test_somebody_else_asking_for_my_number_does_not_spend_my_code(poll):
    mine = send(poll)
    send(poll, at=ground.DURING + MINUTE, visit=visit(poll, "somebody else's"))
    assert check(poll, mine, at=ground.DURING + 2 * MINUTE)


def test_a_token_is_good_for_its_poll_and_half_an_hour(poll):
    token = tokens.write(check(poll, send(poll)))
    assert codes.read_token(ground.poll(), token, now=ground.DURING) is None
    assert codes.read_token(poll, token, now=ground.DURING + 29 * MINUTE)
    assert codes.read_token(poll, token, now=ground.DURING + 30 * MINUTE) is None
    assert codes.read_token(poll, token[:-2] + "xx", now=ground.DURING) is None
    assert codes.read_token(poll, "", now=ground.DURING) is None


def test_what_is_known_of_the_visit_goes_with_the_code_and_with_the_voter(poll):
    poll.area = "青岛市"
    began = int(ground.DURING.timestamp())
    of = visit(poll, device="telephone-7", began=began)
    later = ground.DURING + MINUTE
    code = send(poll, "13853200000", at=later, visit=of, address="203.0.113.9")
    row = PhoneCode.objects.get()
    assert (row.home, row.session, row.began_at) == ("local", "a visit", ground.DURING)
    assert row.block == keys.block_key(poll, "13853200099") and row.network and row.device
    voter = check(poll, code, "13853200000", at=later, of=of)
    assert (voter.home, voter.block, voter.device) == ("local", row.block, "telephone-7")
    assert (voter.session, voter.dwell(ground.DURING + 2 * MINUTE)) == ("a visit", 120)
    # Detection counts codes and ballots of one device under one name.
    ballot = ground.cast(poll, at=later, signals=casting.Signals.of(voter, now=later))
    assert Ballot.objects.get(pk=ballot.pk).device == row.device


def test_without_a_proof_only_where_it_is_allowed(poll):
    with pytest.raises(codes.CodeRefused, match="安全校验") as refusal:
        codes.send_code(poll, NUMBER, visit=visit(poll), now=ground.DURING)
    assert refusal.value.reason == "proof" and not PhoneCode.objects.exists()
    with pytest.raises(codes.CodeRefused, match="安全校验"):
        # A wrong one is refused even there.
        codes.send_code(poll, NUMBER, visit=visit(poll), now=ground.DURING, proof="x", without_proof=True)
    row = codes.send_code(poll, NUMBER, visit=visit(poll), now=ground.DURING, proof=proof(poll, visit(poll)))
    assert row.proof and row.delivery


def test_a_proof_is_spent_on_one_code(poll):
    payload = proof(poll, visit(poll))
    send(poll, proof=payload, without_proof=False)
    with pytest.raises(codes.CodeRefused, match="已使用过"):
        send(poll, "19900000001", proof=payload, without_proof=False)
    assert PhoneCode.objects.count() == 1
    # Neither is one that was made for casting, or for another visit.
    for other in (proof(poll, visit(poll), "cast"), proof(poll, visit(poll, "another"))):
        with pytest.raises(codes.CodeRefused, match="过期"):
            send(poll, "19900000001", proof=other, without_proof=False)


def test_a_number_that_is_none_is_refused_and_counts_nothing(poll):
    with pytest.raises(Refused, match="11 位"):
        codes.send_code(poll, "12345", visit=visit(poll), now=ground.DURING, without_proof=True)
    assert not PhoneCode.objects.exists()


def test_no_codes_before_the_vote(poll):
    with pytest.raises(Refused, match="还没有开始"):
        send(poll, at=ground.OPENS - MINUTE)
    with pytest.raises(Refused, match="还没有开始"):
        send(ground.poll(opened=False))


def test_who_did_not_vote_may_ask_after_the_closing(poll):
    code = send(poll, at=ground.CLOSES + MINUTE)
    assert check(poll, code, at=ground.CLOSES + MINUTE)


def test_a_message_that_does_not_go_out_is_said(poll, settings):
    settings.SMS_BACKEND = ""
    with pytest.raises(codes.CodeRefused, match="没有发出") as refusal:
        codes.send_code(poll, NUMBER, visit=visit(poll), now=ground.DURING, without_proof=True)
    row = PhoneCode.objects.get()
    assert (row.expires_at, row.delivery, refusal.value.reason) == (ground.DURING, "failed", "not_sent")


def test_a_message_that_was_handed_over_is_sent(poll):
    send(poll)
    row = PhoneCode.objects.get()
    assert (row.delivery, row.tries, len(row.gateway_ref)) == ("sent", 1, 32)


class Busy:
    def send(self, message):
        raise sms.Busy("too many")


def test_a_busy_gateway_spends_neither_the_pause_nor_the_proof(poll, settings):
    payload = proof(poll, visit(poll))
    settings.SMS_BACKEND = "tests.voting.test_services_codes.Busy"
    with pytest.raises(codes.CodeRefused, match="过几秒") as refusal:
        send(poll, proof=payload, without_proof=False)
    assert refusal.value.reason == "busy"
    settings.SMS_BACKEND = "voting.sms.ConsoleBackend"
    assert send(poll, proof=payload, without_proof=False)


class ReportsFirst:
    """The gateway's report overtakes its answer."""

    def send(self, message):
        PhoneCode.objects.filter(gateway_ref=message.id).update(delivery="delivered")
        return 2


def test_a_report_that_came_first_stays(poll, settings):
    settings.SMS_BACKEND = "tests.voting.test_services_codes.ReportsFirst"
    codes.send_code(poll, NUMBER, visit=visit(poll), now=ground.DURING, without_proof=True)
    row = PhoneCode.objects.get()
    assert (row.delivery, row.tries) == ("delivered", 2)


def test_the_console_has_no_place_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured):
        sms.ConsoleBackend()
    assert sms.development_inbox() is None


def test_a_challenge_is_harder_where_many_codes_were_asked_for(poll):
    of = visit(poll, device="telephone-7")
    assert 2 <= effort(poll, of) < 6
    for n in range(4):
        send(poll, f"1990000000{n}", visit=of)
    assert 8 <= effort(poll, of) < 24
    assert 2 <= effort(poll, visit(poll, device="telephone-8")) < 6
    assert 2 <= effort(poll, of, at=ground.DURING + 61 * MINUTE) < 6


def effort(poll, of, at=ground.DURING) -> int:
    made = codes.effort_of(poll, of, "code", now=at)
    return altcha.solve_challenge(altcha.Challenge.from_dict(made)).counter


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
    ground.set_aside(poll, [doubtful], now=ground.DURING, reason="同一设备")
    assert (receipts.lookup(code).status, receipts.lookup(code).reason) == ("set_aside", "同一设备")
    ground.restore(poll, [doubtful], now=ground.DURING, reason="核实")
    assert (receipts.lookup(code).status, receipts.lookup(code).reason) == ("received", "")
    ground.set_aside(poll, [doubtful], now=ground.DURING, reason="查实")
    polls.close_poll(poll, by=by, now=ground.CLOSES)
    assert receipts.lookup(code).status == "void"
    assert receipts.lookup(receipts.receipt_code(kept)).status == "counted"


def test_phases_by_the_clock():
    poll = ground.poll()
    moments = [ground.OPENS - MINUTE, ground.OPENS, ground.CLOSES - MINUTE, ground.CLOSES]
    assert [casting.phase(poll, at) for at in moments] == ["waiting", "open", "open", "over"]
    assert counting.totals_until(poll, now=ground.CLOSES) is None


def test_codes_are_forgotten_when_no_limit_asks_for_them_any_more(poll):
    send(poll)
    assert codes.forget_old_codes(now=ground.DURING + timedelta(hours=24)) == 0
    assert codes.forget_old_codes(now=ground.DURING + timedelta(hours=25)) == 1

"""One-time codes by telephone: who asks proves that the number is theirs, and gets a short-lived token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from nominations.rules import normalise
from portal.errors import Refused
from voting import rules, sms
from voting.models import PhoneCode, Poll
from voting.services import tokens
from voting.services.keys import address_keys, keyed, poll_secret, voter_key

DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
ATTEMPTS = 5


@dataclass(frozen=True)
class Limit:
    number: int
    within: timedelta


#: An address may be a whole factory's; the limit of a poll is what the messages may cost in an hour.
PAUSE = timedelta(seconds=60)
PER_NUMBER = Limit(5, timedelta(days=1))
PER_ADDRESS = Limit(60, timedelta(hours=1))
PER_POLL = Limit(20_000, timedelta(hours=1))


def forget_old_codes(*, now: datetime) -> int:
    """Codes are kept no longer than the longest limit looks back."""
    return PhoneCode.objects.filter(sent_at__lt=now - PER_NUMBER.within).delete()[0]


def send_code(poll: Poll, phone: str, *, now: datetime, address: str | None = None) -> PhoneCode:
    """Send a code to a number, within the limits. Only the newest code of a number is good."""
    number = rules.phone(phone)
    # After the closing too: who did not vote may ask whether a ballot was cast under their number.
    if not poll.opened_at or now < poll.opens:
        raise Refused("投票还没有开始，不发送验证码。")
    voter, (where, _network) = voter_key(poll, number), address_keys(poll, address)
    code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
    with transaction.atomic():
        _one_at_a_time(poll, voter)
        _within_limits(poll, voter, where, now)
        row = PhoneCode.objects.create(
            poll=poll,
            voter=voter,
            address=where,
            code_hash=_hash(poll, voter, code),
            sent_at=now,
            expires_at=now + GOOD_FOR,
        )
    try:
        sms.send(
            number,
            _("【选树】您的投票验证码是 {code}，10 分钟内有效。如非本人操作，请不必理会。").format(code=code),
        )
    except sms.NotSent:
        PhoneCode.objects.filter(pk=row.pk).update(expires_at=now)
        raise Refused("短信没有发出，请稍后再试；仍不成功，请联系投票页面下方的办公室。") from None
    return row


def check_code(poll: Poll, phone: str, code: str, *, now: datetime) -> str:
    """Use a code up; the token that says this voter may cast in this poll, good for half an hour."""
    voter = voter_key(poll, rules.phone(phone))
    with transaction.atomic():
        refusal = _use(poll, voter, normalise(code), now)
    # Raised only now: a wrong attempt must stay counted.
    if refusal:
        raise refusal
    return voter_token(poll, voter, now=now)


def voter_token(poll: Poll, voter: str, *, now: datetime) -> str:
    return tokens.write(tokens.voter(poll, voter, now=now))


def read_token(poll: Poll, token: str, *, now: datetime) -> str | None:
    """The voter of a token; None when it is forged, of another poll, or too old."""
    said = tokens.read_voter(poll.pk, token)
    return None if said is None or said.expired(now) else said.key


def _use(poll, voter, code, now):
    row = PhoneCode.objects.select_for_update().filter(poll=poll, voter=voter).order_by("-pk").first()
    if row is None or row.used_at or row.expires_at <= now:
        return Refused("验证码已失效，请重新获取。")
    if row.attempts >= ATTEMPTS:
        return Refused("验证码已输错 {times} 次，不能再用，请重新获取。", times=ATTEMPTS)
    if not constant_time_compare(row.code_hash, _hash(poll, voter, code)):
        row.attempts += 1
        row.save(update_fields=["attempts"])
        return Refused("验证码不对，还可再试 {left} 次。", left=ATTEMPTS - row.attempts)
    row.used_at = now
    row.save(update_fields=["used_at"])
    return None


def _within_limits(poll, voter, where, now):
    rows = PhoneCode.objects.filter(poll=poll)
    mine = rows.filter(voter=voter)
    if mine.filter(sent_at__gt=now - PAUSE).exists():
        raise Refused("验证码刚刚发出，请在 1 分钟后再获取。")
    if mine.filter(sent_at__gt=now - PER_NUMBER.within).count() >= PER_NUMBER.number:
        raise Refused("这个号码今天获取验证码的次数已经用完，请 24 小时后再试。")
    if where and _since(rows.filter(address=where), PER_ADDRESS, now):
        raise Refused("您所在的网络获取验证码过于频繁，请 1 小时后再试，或换用手机流量。")
    if _since(rows, PER_POLL, now):
        raise Refused("现在获取验证码的人很多，请稍后再试。")


def _since(rows, limit, now):
    return rows.filter(sent_at__gt=now - limit.within).count() >= limit.number


def _one_at_a_time(poll, voter):
    # Two requests for one number count each other.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [voter, poll.pk])


def _hash(poll, voter, code):
    return keyed(poll_secret(poll), "code", f"{voter} {code}")

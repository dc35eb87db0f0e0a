"""One-time codes by telephone: who asks proves that the number is theirs, and gets a short-lived token."""

import secrets
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from nominations.rules import normalise
from portal.errors import Refused
from voting import rules, sms
from voting.models import Delivery, PhoneCode, Poll
from voting.rules.homes import home
from voting.services import limits, proofs, tokens
from voting.services.keys import address_keys, block_key, keyed, poll_secret, voter_key
from voting.services.tokens import Start, Voter

DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
ATTEMPTS = 5


class CodeRefused(Refused):
    """Why no code was sent or taken; `reason` is for the page: proof, expired, wrong, not_sent, busy."""

    def __init__(self, reason: str, message: str, **params):
        super().__init__(message, **params)
        self.reason = reason


def forget_old_codes(*, now: datetime) -> int:
    """Codes are kept no longer than the longest limit looks back."""
    return PhoneCode.objects.filter(sent_at__lt=now - limits.DAY).delete()[0]


def effort_of(
    poll: Poll,
    visit: Start,
    purpose: str,
    *,
    now: datetime,
    address: str | None = None,
    voter: str = "",
) -> dict:
    """The challenge of a visit, the harder the more codes were asked for where it comes from."""
    where, network = address_keys(poll, address)
    risk = limits.risk(poll, device=_device(poll, visit), address=where, network=network, now=now)
    return proofs.challenge(poll, visit, purpose, now=now, risk=risk, voter=voter)


def send_code(
    poll: Poll,
    phone: str,
    *,
    visit: Start,
    now: datetime,
    address: str | None = None,
    proof: str = "",
    without_proof: bool = False,
) -> PhoneCode:
    """Send a code to a number, within the limits; good for the visit that asked, for ten minutes, once.

    `proof` is a payload for `proofs.CODE`; `without_proof` allows none, within tighter limits. Of the codes
    a visit asked for, only the newest is good.
    """
    number = rules.phone(phone)
    # After the closing too: who did not vote may ask whether a ballot was cast under their number.
    if not poll.opened_at or now < poll.opens:
        raise CodeRefused("not_open", "投票还没有开始，不发送验证码。")
    voter = voter_key(poll, number)
    if not (proof or without_proof):
        raise CodeRefused("proof", "请刷新投票页面，等页面完成安全校验后再获取验证码。")
    if proof and not proofs.verify(proof, poll.pk, visit.session, proofs.CODE, now=now):
        raise CodeRefused("proof", "安全校验已过期，请再获取一次验证码。")
    where, network = address_keys(poll, address)
    code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
    row = PhoneCode(
        poll=poll,
        voter=voter,
        address=where,
        network=network,
        device=_device(poll, visit),
        session=visit.session,
        began_at=datetime.fromtimestamp(visit.began, tz=UTC) if visit.began else None,
        block=block_key(poll, number),
        home=home(number, poll.area),
        code_hash=_hash(poll, voter, code),
        proof=proofs.name(proof) if proof else "",
        sent_at=now,
        expires_at=now + GOOD_FOR,
        gateway_ref=secrets.token_hex(16),
    )
    _keep(poll, row, now)
    _send(row, number, code, now)
    return row


def check_code(poll: Poll, phone: str, code: str, *, visit: Start, now: datetime) -> Voter:
    """Use a code up; who may cast in this poll, good for half an hour."""
    voter = voter_key(poll, rules.phone(phone))
    with transaction.atomic():
        row, refusal = _use(poll, voter, normalise(code), visit, now)
    # Raised only now: a wrong attempt must stay counted.
    if refusal:
        raise refusal
    return tokens.voter(poll, voter, now=now, visit=visit, block=row.block, home=row.home)


def read_token(poll: Poll, token: str, *, now: datetime) -> str | None:
    """The voter of a token; None when it is forged, of another poll, or too old."""
    said = tokens.read_voter(poll.pk, token)
    return None if said is None or said.expired(now) else said.key


def _keep(poll, row, now):
    limits.require_budget(poll, row, now=now)
    try:
        with transaction.atomic():
            limits.line_up(poll, row.voter, row.device, row.address, row.network)
            limits.require_room(poll, row, now=now)
            row.save()
    except IntegrityError:
        # A proof is computed for one code; only its row says whether it was used.
        raise CodeRefused("proof", "安全校验已使用过，请再获取一次验证码。") from None


def _send(row, number, code, now):
    text = _("【选树】您的投票验证码是 {code}，10 分钟内有效。如非本人操作，请不必理会。")
    message = sms.Message(row.gateway_ref, number, text.format(code=code), now)
    mine = PhoneCode.objects.filter(pk=row.pk)
    try:
        row.tries = sms.send(message)
    except sms.Busy:
        # It never left: neither the number's pause nor the proof is spent.
        mine.delete()
        raise CodeRefused("busy", "现在获取验证码的人很多，请过几秒再获取一次。") from None
    except sms.NotSent as failure:
        mine.update(expires_at=now, tries=failure.tries, delivery=Delivery.FAILED)
        raise CodeRefused(
            "not_sent", "短信没有发出，请稍后再试；仍不成功，请联系投票页面下方的办公室。"
        ) from None
    # The gateway's report may have come before its answer.
    mine.update(tries=row.tries)
    mine.filter(delivery=Delivery.QUEUED).update(delivery=Delivery.SENT)


def _use(poll, voter, code, visit, now):
    asked = PhoneCode.objects.filter(poll=poll, voter=voter, session=visit.session)
    row = asked.select_for_update().order_by("-pk").first()
    if row is None or row.used_at or row.expires_at <= now:
        return row, CodeRefused("expired", "验证码已失效，请重新获取。")
    if row.attempts >= ATTEMPTS:
        return row, CodeRefused("expired", "验证码已输错 {times} 次，不能再用，请重新获取。", times=ATTEMPTS)
    if row.attempts:  # the first try of a code is always heard, whoever else shares the address
        limits.require_few_wrong(row, now=now)
    right = code.isascii() and constant_time_compare(row.code_hash, _hash(poll, voter, code))
    if not right:
        row.attempts += 1
        row.save(update_fields=["attempts"])
        return row, CodeRefused("wrong", "验证码不对，还可再试 {left} 次。", left=ATTEMPTS - row.attempts)
    row.used_at = now
    row.save(update_fields=["used_at"])
    return row, None


def _device(poll, visit):
    # As the ballot names it.
    return keyed(poll_secret(poll), "device", visit.device)[:32] if visit.device else ""


def _hash(poll, voter, code):
    return keyed(poll_secret(poll), "code", f"{voter} {code}")

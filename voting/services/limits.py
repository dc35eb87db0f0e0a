"""How many codes may be asked for, counted from the codes themselves; and how much a visit has to compute.

Addresses and networks are those of whole factories and of telephone companies: their limits are wide, and
before they are reached a visit only computes longer.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum

from portal.errors import N_, Refused
from voting.models import Delivery, PhoneCode, Poll

log = structlog.get_logger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `number` codes with the same `column` in a poll."""

    column: str
    number: int
    within: timedelta
    sentence: str


THE_NETWORK = N_("您所在的网络获取验证码过于频繁，请稍后再试，或换用手机流量。")
THE_POLL = N_("现在获取验证码的人很多，请稍后再试。")
NO_BUDGET = N_("今天可以发送的短信已经用完，请明天再试，或联系投票页面下方的办公室。")
PAUSE = timedelta(seconds=60)
LIMITS = (
    Limit("voter", 5, DAY, N_("这个号码今天获取验证码的次数已经用完，请 24 小时后再试。")),
    Limit("device", 10, DAY, N_("这部手机今天获取验证码的次数已经用完，请 24 小时后再试，或换一部手机。")),
    Limit("address", 300, HOUR, THE_NETWORK),
    Limit("address", 2_000, DAY, THE_NETWORK),
    Limit("network", 1_000, HOUR, THE_NETWORK),
    Limit("network", 8_000, DAY, THE_NETWORK),
)
#: Of a whole poll; what a day may cost over all polls is `SMS_DAILY_BUDGET`.
OF_A_POLL = Limit("", 20_000, HOUR, THE_POLL)
#: Codes sent without a proof of work, to pages without JavaScript: counted among themselves as well.
WITHOUT_PROOF = (
    Limit("address", 20, HOUR, THE_NETWORK),
    Limit("network", 60, HOUR, THE_NETWORK),
)
OF_A_POLL_WITHOUT_PROOF = Limit("", 1_000, HOUR, THE_POLL)
#: Wrong codes typed for codes that one address asked for.
WRONG = Limit("address", 100, HOUR, N_("您所在的网络输错验证码的次数过多，请稍后再试，或换用手机流量。"))
#: What is this wide is counted again only every half minute, as counting a busy day takes tenths of a
#: second; a process may let through what comes meanwhile.
WIDE, SECONDS = 1_000, 30
_counted: dict = {}

#: From how many codes of the last hour on a visit computes twice, four times, eight times as long.
RISK = {"device": (2, 4, 6), "address": (30, 100, 200), "network": (200, 500, 800)}


class TooMany(Refused):
    """Not now; `retry_after` seconds later perhaps."""

    reason = "limit"

    def __init__(self, message: str, *, retry_after: timedelta, **params):
        super().__init__(message, **params)
        self.retry_after = max(1, int(retry_after.total_seconds()))


def line_up(poll: Poll, *names: str) -> None:
    """Two requests with a name in common count each other: the second waits until the first is committed."""
    keys = {
        int.from_bytes(hashlib.sha256(f"{poll.pk} {name}".encode()).digest()[:8], "big", signed=True)
        for name in names
        if name
    }
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def require_budget(poll: Poll, code: PhoneCode, *, now: datetime) -> None:
    """Raise `TooMany` when the poll, or the day, has sent enough."""
    rows = PhoneCode.objects.filter(poll=poll)
    wide = [((poll.pk, True), rows, OF_A_POLL)]
    if not code.proof:
        wide.append(((poll.pk, False), rows.filter(proof=""), OF_A_POLL_WITHOUT_PROOF))
    for key, counted, limit in wide:
        wait = _wide(key, counted, limit.number, limit.within, now)
        if wait:
            raise TooMany(limit.sentence, retry_after=wait)
    budget = settings.SMS_DAILY_BUDGET
    wait = _wide("budget", PhoneCode.objects.all(), budget, DAY, now)
    if wait:
        log.error("sms_budget_spent", budget=budget)
        raise TooMany(NO_BUDGET, retry_after=wait)


def require_room(poll: Poll, code: PhoneCode, *, now: datetime) -> None:
    """Raise `TooMany` when a code as this one, not saved yet, is one too many for who asks."""
    rows = PhoneCode.objects.filter(poll=poll)
    wait = _full(rows.filter(voter=code.voter), 1, PAUSE, now)
    if wait:
        raise TooMany("验证码刚刚发出，请在 1 分钟后再获取。", retry_after=wait)
    for limit in LIMITS:
        _require(rows, limit, code, now)
    if not code.proof:
        for limit in WITHOUT_PROOF:
            _require(rows.filter(proof=""), limit, code, now)


def require_few_wrong(code: PhoneCode, *, now: datetime) -> None:
    """Raise `TooMany` when wrong codes were typed too often for codes asked for where this one was."""
    if not code.address:
        return
    rows = PhoneCode.objects.filter(
        poll_id=code.poll_id, address=code.address, sent_at__gt=now - WRONG.within
    )
    if (rows.aggregate(n=Sum("attempts"))["n"] or 0) >= WRONG.number:
        raise TooMany(WRONG.sentence, retry_after=HOUR / 4)


def risk(poll: Poll, *, device: str, address: str, network: str, now: datetime) -> int:
    """Steps of more work, 0 to 3, for a visit from where many codes were asked for (keyed names)."""
    rows = PhoneCode.objects.filter(poll=poll, sent_at__gt=now - HOUR)
    found = 0
    for column, value in (("device", device), ("address", address), ("network", network)):
        if value:
            steps = RISK[column]
            count = rows.filter(**{column: value})[: steps[-1]].count()
            found = max(found, sum(count >= step for step in steps))
    return found


def _require(rows, limit, code, now):
    value = getattr(code, limit.column)
    if limit.column in ("voter", "device"):
        # What the gateway never sent does not use up anybody's day; the messages' budget counts it.
        rows = rows.exclude(delivery=Delivery.FAILED)
    wait = value and _full(rows.filter(**{limit.column: value}), limit.number, limit.within, now)
    if wait:
        raise TooMany(limit.sentence, retry_after=wait)


def _full(rows: QuerySet, number: int, within: timedelta, now: datetime) -> timedelta | None:
    """How long until there is room again; None when there is."""
    rows = rows.filter(sent_at__gt=now - within).order_by("-sent_at")
    oldest = rows.values_list("sent_at", flat=True)[number - 1 : number].first() if number > 0 else now
    return oldest and oldest + within - now


def _wide(key, rows, number, within, now):
    if number < WIDE:
        return _full(rows, number, within, now)
    slot = int(now.timestamp()) // SECONDS
    known = _counted.get(key)
    if known is None or known[0] != slot:
        # Counting is several times as quick as looking up the row that must leave.
        full = rows.filter(sent_at__gt=now - within).count() >= number
        known = _counted[key] = slot, _full(rows, number, within, now) if full else None
    return known[1]

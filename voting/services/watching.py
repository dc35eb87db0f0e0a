"""How the poll runs, now: for a page that asks every few seconds, at a cost that does not grow with the poll.

Nothing here says whom anybody voted for: moments, numbers of ballots and states only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncHour, TruncMinute

from portal import watch
from portal.models import AuditEntry
from voting.models import Alarm, Ballot, Case, Delivery, PhoneCode, Poll

MINUTES, HOURS = 60, 24
#: Waiting ballots are counted up to here: when the sequencer stands still there may be millions.
MOST_WAITING = 10_000
#: The sequencer works every few seconds; a ballot that waits longer than this is worth a word, then two.
LOG_LATE, LOG_SILENT = timedelta(seconds=30), timedelta(seconds=120)
SHOWN = 5

# One statement, one moment: what the sequencer moves is in neither or in one of the two.
LOG = """
    SELECT coalesce(newest.size, 0), newest.signed_at,
           (SELECT count(*) FROM (SELECT FROM voting_waiting WHERE poll_id = %(poll)s LIMIT %(most)s) line)
    FROM (SELECT) one LEFT JOIN LATERAL (
        SELECT size, signed_at FROM voting_checkpoint WHERE poll_id = %(poll)s ORDER BY size DESC LIMIT 1
    ) newest ON true
"""


@dataclass(frozen=True)
class Log:
    """The public record as far as it is: ballots in it, when it was last signed, ballots not yet in it."""

    size: int
    signed_at: datetime | None
    waiting: int

    @property
    def cast(self) -> int:
        """Ballots on disk; no fewer than this while `more` is true."""
        return self.size + self.waiting

    @property
    def more(self) -> bool:
        return self.waiting >= MOST_WAITING

    def age(self, now: datetime) -> timedelta | None:
        return now - self.signed_at if self.signed_at else None

    def light(self, now: datetime) -> str:
        """Nothing waits: well. Something waits: how long ago was the last signature?"""
        if not self.waiting:
            return watch.OK
        age = self.age(now)
        if self.more or (age and age > LOG_SILENT):
            return watch.DOWN
        return watch.CAUTION if age is None or age > LOG_LATE else watch.OK


@dataclass(frozen=True)
class Codes:
    """One-time codes: those of the last hour by their delivery; the messages of a day, and their budget."""

    by_delivery: dict[str, int]
    a_day: int
    budget: int

    @property
    def sent(self) -> int:
        return sum(self.by_delivery.values())

    @property
    def failed(self) -> int:
        return self.by_delivery.get(Delivery.FAILED, 0)

    @property
    def left(self) -> int:
        return max(self.budget - self.a_day, 0)

    def light(self) -> str:
        """Nothing may be sent any more; less than a tenth is left, or more than a tenth did not arrive."""
        if not self.left:
            return watch.DOWN
        few = self.left * 10 < self.budget
        return watch.CAUTION if few or self.failed * 10 > max(self.sent, 10) else watch.OK


def log(poll: Poll) -> Log:
    with connection.cursor() as cursor:
        cursor.execute(LOG, {"poll": poll.pk, "most": MOST_WAITING})
        return Log(*cursor.fetchone())


def by_minute(poll: Poll, now: datetime) -> list[tuple[datetime, int]]:
    """Ballots of each of the last 60 minutes, the running one last.

    Full minutes are counted once a minute and process; each call counts only the running one.
    """
    this = now.replace(second=0, microsecond=0)
    first = this - timedelta(minutes=MINUTES - 1)
    found = _full_minutes(poll.pk, first, this) | _counted(poll.pk, TruncMinute, this, now)
    return [(each, found.get(each, 0)) for each in (first + timedelta(minutes=n) for n in range(MINUTES))]


def by_hour(poll: Poll, now: datetime) -> list[tuple[datetime, int]]:
    """Ballots of each of the last 24 hours since the opening; full hours are counted once an hour."""
    this = min(now, poll.closes).replace(minute=0, second=0, microsecond=0)
    first = max(this - timedelta(hours=HOURS - 1), poll.opens.replace(minute=0, second=0, microsecond=0))
    found = _full_hours(poll.pk, first, this) | _counted(poll.pk, TruncHour, this, now)
    count = int((this - first) / timedelta(hours=1)) + 1
    return [(each, found.get(each, 0)) for each in (first + timedelta(hours=n) for n in range(count))]


@lru_cache(maxsize=8)
def _full_minutes(pk: int, since: datetime, until: datetime) -> dict[datetime, int]:
    return _counted(pk, TruncMinute, since, until)


@lru_cache(maxsize=8)
def _full_hours(pk: int, since: datetime, until: datetime) -> dict[datetime, int]:
    return _counted(pk, TruncHour, since, until)


def _counted(pk, unit, since, until):
    rows = Ballot.objects.filter(poll_id=pk, cast_at__gte=since, cast_at__lt=until)
    # Rows, not their keys: the index on poll and time then answers alone.
    rows = rows.annotate(at=unit("cast_at")).values_list("at").annotate(n=Count("*")).order_by()
    return dict(rows)


def codes(poll: Poll, now: datetime) -> Codes:
    """Bounded by the limits on sending: never more rows than messages were paid for."""
    recent = PhoneCode.objects.filter(poll=poll, sent_at__gt=now - timedelta(hours=1))
    by_delivery = dict(recent.values_list("delivery").annotate(n=Count("pk")).order_by())
    a_day = PhoneCode.objects.filter(sent_at__gt=now - timedelta(days=1)).count()
    return Codes(by_delivery, a_day, settings.SMS_DAILY_BUDGET)


def open_alarms(poll: Poll) -> tuple[list[Alarm], int]:
    """The newest open alarms, and how many there are."""
    rows = poll.alarms.filter(state=Alarm.State.OPEN).order_by("-seen_at", "-pk")
    return _first(rows)


def open_cases(poll: Poll) -> tuple[list[Case], int]:
    """The cases nobody has decided yet, the oldest first, and how many there are."""
    rows = poll.cases.filter(decision="").select_related("proposed_by__user").order_by("number")
    return _first(rows)


def _first(rows):
    found = list(rows[:SHOWN])
    return found, rows.count()


def history(poll: Poll) -> list[AuditEntry]:
    """What the office did to the running poll, the newest first."""
    acts = ("voting.open_poll", "voting.pause_poll", "voting.raise_effort")
    rows = AuditEntry.objects.filter(act__in=acts, subject_type="voting.poll", subject_id=str(poll.pk))
    return list(rows.order_by("-pk"))

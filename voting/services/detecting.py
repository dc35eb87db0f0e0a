"""Detection, off the hot path: looks at new ballots, and raises alarms for people to decide on.

Three looks, by the same rules: the last ten minutes every time; the last day every five minutes; the whole
poll every half hour. None reads more than `MOST` ballots one by one: of a long day the newest, of a big poll
those that share a device, a set or a stay with suspiciously many.
"""

from collections import Counter
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction

from voting.models import Poll, Watch
from voting.rules.detection import Finding, Seen, Thresholds, collisions, look, odd_sets
from voting.services.alarms import raise_alarms
from voting.services.past import learn, write_past

log = structlog.get_logger(__name__)

MINUTES, DAY = timedelta(minutes=10), timedelta(days=1)
DAY_EVERY, WHOLE_EVERY = timedelta(minutes=5), timedelta(minutes=30)
MOST = 20_000
TIMEOUT = "30s"  # of one statement
AFTER = timedelta(hours=1)  # a last look at what came in before the end
TERMS = Thresholds()

COLUMNS = """
    id, voter, extract(epoch FROM cast_at)::float, picks, address, network, device, block, home, dwell
"""
NEWEST = f"""
    SELECT {COLUMNS} FROM voting_ballot
    WHERE poll_id = %(poll)s AND cast_at > %(since)s AND cast_at <= %(now)s
    ORDER BY cast_at DESC LIMIT %(most)s
"""
SETS = """
    SELECT picks, count(*) FROM voting_ballot
    WHERE poll_id = %(poll)s AND cast_at <= %(now)s AND cardinality(picks) > 1
    GROUP BY picks HAVING count(*) >= %(least)s ORDER BY count(*) DESC LIMIT 2000
"""
DEVICES = """
    SELECT device FROM voting_ballot
    WHERE poll_id = %(poll)s AND cast_at <= %(now)s AND device <> ''
    GROUP BY device HAVING count(*) >= %(least)s AND min(voter) <> max(voter)
    ORDER BY count(*) DESC LIMIT 2000
"""
SUSPECTS = f"""
    SELECT {COLUMNS} FROM voting_ballot
    WHERE poll_id = %(poll)s AND cast_at <= %(now)s
      AND (array_to_string(picks, ',') = ANY(%(sets)s) OR device = ANY(%(devices)s))
    ORDER BY cast_at DESC LIMIT %(most)s
"""


def due_polls(*, now: datetime):
    """Polls whose ballots are to be looked at: open now, or over for less than an hour, and not counted."""
    return Poll.objects.filter(
        opened_at__isnull=False, closed_at__isnull=True, opens__lte=now, closes__gt=now - AFTER
    )


def detect(poll: Poll, *, now: datetime) -> list[Finding] | None:
    """Look at a poll now; what was found, after alarms were raised for it. None: another run is at it."""
    Watch.objects.get_or_create(poll=poll)
    with transaction.atomic():
        watch = Watch.objects.select_for_update(skip_locked=True, of=("self",)).filter(poll=poll).first()
        if watch is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [TIMEOUT])
        learnt = watch.learnt_until
        past = learn(watch, poll, now)
        found = [*_last_minutes(poll, watch, past, now)]
        if _due(watch.day_at, DAY_EVERY, now):
            found += _tried(_last_day, poll, past, now)
            watch.day_at = now
        if _due(watch.whole_at, WHOLE_EVERY, now):
            found += _tried(_whole, poll, past, now)
            watch.whole_at = now
        raise_alarms(poll, found, now=now, terms=TERMS)
        fields = ["looked_at", "day_at", "whole_at"]
        if now in (watch.day_at, watch.whole_at) or watch.learnt_until != learnt:
            watch.past = write_past(past)  # a week of it is a page of text: not written every ten seconds
            fields += ["past", "learnt_until"]
        watch.looked_at = now
        watch.save(update_fields=fields)
    return found


def _tried(look_at, poll, past, now):
    """A wide look that takes too long is left out until its next turn; the last minutes are looked at."""
    try:
        with transaction.atomic():
            return look_at(poll, past, now)
    except DatabaseError:
        log.exception("wide_look_left_out", poll=poll.pk, look=look_at.__name__)
        return []


def _due(last, every, now):
    return last is None or now - last >= every


def _last_minutes(poll, watch, past, now):
    """The last ten minutes, or as far back as nobody has looked."""
    since = min(now - MINUTES, watch.looked_at or now - MINUTES)
    ballots = _newest(poll, max(since, now - DAY), now)
    last = watch.looked_at.timestamp() if watch.looked_at else 0
    return look(ballots, past, TERMS) if ballots and ballots[0].at > last - 1 else []


def _last_day(poll, past, now):
    ballots = _newest(poll, now - DAY, now)
    for home in {each.home for each in ballots}:
        past.sharing[home] = collisions(
            Counter(each.block for each in ballots if each.home == home and each.block)
        )
    return look(ballots, past, TERMS, surges=False)


def _whole(poll, past, now):
    """The whole poll: every ballot of a small one, else those a cheap count throws suspicion on."""
    span = {"poll": poll.pk, "now": now, "most": MOST}
    if past.n <= MOST:
        return look(_newest(poll, poll.opens - DAY, now), past, TERMS, surges=False)
    with connection.cursor() as cursor:
        cursor.execute(SETS, span | {"least": TERMS.clique_least})
        counts = [(tuple(picks), n) for picks, n in cursor.fetchall()]
        cursor.execute(DEVICES, span | {"least": TERMS.device_voters})
        devices = [row[0] for row in cursor.fetchall()]
    sets = [",".join(map(str, picks)) for picks in odd_sets(counts, past.n, past, TERMS)]
    ballots = _read(SUSPECTS, span | {"sets": sets, "devices": devices})
    return look(ballots, past, TERMS, surges=False, complete=False, voters=past.n)


def _newest(poll, since, now) -> list[Seen]:
    return _read(NEWEST, {"poll": poll.pk, "since": since, "now": now, "most": MOST})


def _read(sql, params) -> list[Seen]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Seen(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in cursor]

"""A poll's own past in counts, learnt ten minutes at a time: every ballot is read once for it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import connection

from voting.models import Poll, Watch
from voting.rules.detection import Past
from voting.rules.detection.view import FAR, HOUR, TEN

#: A ballot is on disk at most so long after its time: what is older is all there.
SETTLED = timedelta(seconds=60)
DAY = 24 * HOUR

TENS = """
    SELECT floor(extract(epoch FROM cast_at) / 600)::bigint * 600 AS begin, 0 AS pick, count(*)
    FROM voting_ballot WHERE poll_id = %(poll)s AND cast_at >= %(since)s AND cast_at < %(until)s
    GROUP BY begin
    UNION ALL
    SELECT floor(extract(epoch FROM cast_at) / 600)::bigint * 600 AS begin, pick, count(*)
    FROM voting_ballot, unnest(picks) pick
    WHERE poll_id = %(poll)s AND cast_at >= %(since)s AND cast_at < %(until)s
    GROUP BY begin, pick
"""
HABITS = """
    SELECT least(dwell, %(far)s), home, count(*)
    FROM voting_ballot WHERE poll_id = %(poll)s AND cast_at >= %(since)s AND cast_at < %(until)s
    GROUP BY 1, 2
"""


def learn(watch: Watch, poll: Poll, now: datetime) -> Past:
    """The past of a poll up to the last whole ten minutes; what is new of it is added to `watch`."""
    past = read_past(watch.past)
    since = watch.learnt_until or _floor(poll.opens)
    until = _floor(now - SETTLED)
    if until <= since:
        return past
    span = {"poll": poll.pk, "since": since, "until": until, "far": FAR}
    with connection.cursor() as cursor:
        cursor.execute(TENS, span)
        for begin, pick, number in cursor.fetchall():
            for book, key in ((past.tens, begin), (past.hours, begin // HOUR * HOUR)):
                n, picks = book.get(key, (0, Counter()))
                if pick:
                    picks[pick] += number
                book[key] = (n + (0 if pick else number), picks)
            past.n += 0 if pick else number
        cursor.execute(HABITS, span)
        for dwell, home, number in cursor.fetchall():
            past.home[home] += number
            if dwell is not None:
                past.dwell[dwell] += number
    oldest = until.timestamp() - DAY
    past.tens = {begin: each for begin, each in past.tens.items() if begin >= oldest}
    watch.learnt_until = until
    return past


def read_past(kept: dict) -> Past:
    return Past(
        n=kept.get("n", 0),
        hours=_book(kept.get("hours", {})),
        tens=_book(kept.get("tens", {})),
        dwell=Counter({int(second): n for second, n in kept.get("dwell", {}).items()}),
        home=Counter(kept.get("home", {})),
        sharing=kept.get("sharing", {}),
    )


def write_past(past: Past) -> dict:
    return {
        "n": past.n,
        "hours": {begin: [n, dict(picks)] for begin, (n, picks) in past.hours.items()},
        "tens": {begin: [n, dict(picks)] for begin, (n, picks) in past.tens.items()},
        "dwell": dict(past.dwell),
        "home": dict(past.home),
        "sharing": past.sharing,
    }


def _book(kept):
    return {
        int(begin): (n, Counter({int(pick): number for pick, number in picks.items()}))
        for begin, (n, picks) in kept.items()
    }


def _floor(moment):
    return datetime.fromtimestamp(int(moment.timestamp()) // TEN * TEN, tz=UTC)

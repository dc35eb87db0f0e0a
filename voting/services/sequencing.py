"""The sequencer: what is on disk gets its place in the log, dense and after commit, and the log is signed.

It holds a share of the poll's row, as every ballot does, and a lock of its own: voters never wait for it.
"""

import base64
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from portal.errors import Refused
from voting.models import Checkpoint, Poll, Tile, Waiting
from voting.rules import entries, tiles
from voting.services.keys import origin, signer

log_line = structlog.get_logger(__name__)

#: How many ballots are logged in one transaction: a second's work, a few megabytes.
CHUNK = 20_000

LOCK = 1_988_072_606  # of all logs; the second number is the poll's

# A poll that is being counted holds its row for itself: then it is not our turn.
SHARE = "SELECT 1 FROM voting_poll WHERE id = %s FOR KEY SHARE SKIP LOCKED"

# What can be seen here was committed. The order of the records says nothing about time.
TAKE = """
    WITH taken AS (
        DELETE FROM voting_waiting WHERE ballot_id = ANY (ARRAY(
            SELECT ballot_id FROM voting_waiting WHERE poll_id = %(poll)s LIMIT %(most)s
        )) RETURNING ballot_id
    ), placed AS (
        SELECT ballot.id, ballot.record, ballot.picks, ballot.cast_at, ballot.commitment,
               %(size)s + row_number() OVER (ORDER BY ballot.record) - 1 AS place
        FROM taken JOIN voting_ballot ballot ON ballot.id = taken.ballot_id
    ), logged AS (
        INSERT INTO voting_entry (poll_id, index, ballot_id, record)
        SELECT %(poll)s, place, id, record FROM placed
    )
    SELECT record, picks, cast_at, commitment FROM placed ORDER BY place
"""


def sequence_waiting(*, now: datetime) -> int:
    """Log every ballot that waits, of every poll, a chunk a transaction; how many."""
    logged = 0
    for poll_id in Waiting.objects.values_list("poll_id", flat=True).distinct():
        try:
            while taken := sequence(poll_id, now=now, most=CHUNK):
                logged += taken
                if taken < CHUNK:
                    break
        except (ValueError, DatabaseError):
            # One log that is broken must not hold up those of other polls.
            log_line.exception("log_not_grown", poll=poll_id)
    return logged


@transaction.atomic
def sequence(poll_id: int, *, now: datetime, most: int = CHUNK) -> int:
    """Log up to `most` ballots that wait and sign; how many. 0 too while somebody else is at it.

    One transaction: whenever it is killed, nothing was done and the next one does it.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHARE, [poll_id])
        if cursor.fetchone() is None:
            return 0
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, poll_id])
        if not cursor.fetchone()[0]:
            return 0
    log = _opened(poll_id)
    taken = _grow(poll_id, log, most)
    if taken:
        _write(poll_id, log)
        _sign(poll_id, log, now)
    return taken


def complete(poll: Poll, *, now: datetime) -> Checkpoint:
    """Log what still waits, in the transaction of whoever holds the poll's row for himself, and see that
    every ballot is in the log; its last checkpoint. Refused where one is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, poll.pk])
    log = _opened(poll.pk)
    while _grow(poll.pk, log, CHUNK):
        _write(poll.pk, log)
    cast = poll.ballots.count()
    if log.size != cast:
        raise Refused(
            "收到选票 {cast} 张，公开记录中有 {logged} 条，两者不符，不能计票。请技术人员核查公开记录。",
            cast=cast,
            logged=log.size,
        )
    return newest(poll.pk, log.size) or _sign(poll.pk, log, now)


def newest(poll_id: int, size: int | None = None) -> Checkpoint | None:
    """The newest checkpoint, or the one of this size."""
    found = Checkpoint.objects.filter(poll_id=poll_id, **({} if size is None else {"size": size}))
    return found.order_by("-size").first()


def tiles_at(poll_id: int, places) -> dict[tiles.Place, bytes]:
    """Those tiles, in one query."""
    wanted = Q(pk__in=())
    for level, index in places:
        wanted |= Q(level=level, index=index)
    rows = Tile.objects.filter(wanted, poll_id=poll_id).values_list("level", "index", "hashes")
    return {(level, index): bytes(hashes) for level, index, hashes in rows}


def _opened(poll_id):
    last = newest(poll_id)
    size = last.size if last else 0
    places, _counts = tiles.ends(size)
    return tiles.Growing(size, tiles_at(poll_id, places))


def _grow(poll_id, log, most):
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"poll": poll_id, "most": most, "size": log.size})
        rows = cursor.fetchall()
    for record, picks, cast_at, commitment in rows:
        log.append(entries.leaf(entries.line(poll_id, record, picks, cast_at, commitment)))
    return len(rows)


def _write(poll_id, log):
    Tile.objects.bulk_create(
        [
            Tile(poll_id=poll_id, level=level, index=index, hashes=hashes)
            for (level, index), hashes in log.changed().items()
        ],
        update_conflicts=True,
        unique_fields=["poll", "level", "index"],
        update_fields=["hashes"],
    )


def _sign(poll_id, log, now):
    root = log.root()
    body = f"{origin(poll_id)}\n{log.size}\n{base64.b64encode(root).decode()}\n"
    return Checkpoint.objects.create(
        poll_id=poll_id, size=log.size, root=root, note=signer().sign(body), signed_at=now
    )

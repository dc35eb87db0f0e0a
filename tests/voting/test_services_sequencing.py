"""The sequencer on real PostgreSQL: dense, after commit, once, and whole whenever it is killed."""

import base64
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg2
import pytest
from django.db import connection, connections, transaction

from portal.errors import Refused
from tests.races import overtaking
from tests.voting import ground
from voting.models import Ballot, Checkpoint, Entry, Poll, Tile, Waiting
from voting.rules import entries, notes, tree
from voting.services import casting, keys, paper, polls, sequencing

INSERT = """
    INSERT INTO voting_ballot (id, poll_id, voter, turn, picks, cast_at, record, commitment,
                               address, network, device, block, home)
    SELECT gen_random_uuid(), %(poll)s, md5(number::text || %(salt)s), '2026-01-01', '{1,2}', %(at)s,
           gen_random_uuid(), decode(repeat('ab', 32), 'hex'), '', '', '', '', ''
    FROM generate_series(1, %(number)s) number
"""


def fill(poll, number):
    """So many ballots at once, of nobody."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {"poll": poll.pk, "number": number, "salt": uuid4().hex, "at": ground.DURING})


def leaves(poll):
    rows = Entry.objects.filter(poll=poll).order_by("index").select_related("ballot")
    return [
        entries.leaf(
            entries.line(
                poll.pk, row.ballot.record, row.ballot.picks, row.ballot.cast_at, row.ballot.commitment
            )
        )
        for row in rows
    ]


def places(poll):
    return list(Entry.objects.filter(poll=poll).order_by("index").values_list("index", flat=True))


def sizes(poll):
    return list(poll.checkpoints.order_by("size").values_list("size", flat=True))


@pytest.mark.django_db
def test_every_ballot_gets_a_dense_place_and_growth_one_checkpoint():
    poll = ground.poll()
    assert sequencing.sequence_waiting(now=ground.DURING) == 0
    assert sizes(poll) == []
    for stop in (3, 258, 700):
        fill(poll, stop - Entry.objects.count())
        later = ground.DURING + timedelta(seconds=stop)
        assert sequencing.sequence_waiting(now=later) > 0
        assert sequencing.sequence_waiting(now=later) == 0
        assert places(poll) == list(range(stop))
        newest = sequencing.newest(poll.pk)
        assert (newest.size, newest.signed_at) == (stop, later)
        assert bytes(newest.root) == tree.root(leaves(poll))
        body = notes.opened(newest.note, keys.signer().verifier).splitlines()
        root = base64.b64encode(newest.root).decode()
        assert body == [f"{keys.signer().name}/vote/{poll.pk}", str(stop), root]
    assert sizes(poll) == [3, 258, 700]
    assert not Waiting.objects.exists()
    assert [len(each.hashes) // 32 for each in Tile.objects.order_by("level", "index")] == [256, 256, 188, 2]


@pytest.mark.django_db
def test_within_a_checkpoint_the_order_is_that_of_the_records():
    poll = ground.poll()
    fill(poll, 50)
    sequencing.sequence_waiting(now=ground.DURING)
    rows = Entry.objects.order_by("index").values_list("record", "ballot__record")
    assert [first for first, _second in rows] == sorted(first for first, _second in rows)
    assert all(first == second for first, second in rows)


@pytest.mark.django_db
def test_many_that_wait_are_taken_a_chunk_at_a_time(monkeypatch):
    monkeypatch.setattr(sequencing, "CHUNK", 100)
    poll, other = ground.poll(), ground.poll(year=2027)
    fill(poll, 250)
    fill(other, 100)
    assert sequencing.sequence(poll.pk, now=ground.DURING, most=100) == 100
    assert sequencing.sequence_waiting(now=ground.DURING) == 250
    assert (sizes(poll), sizes(other)) == ([100, 200, 250], [100])
    assert places(other) == list(range(100))
    assert bytes(sequencing.newest(poll.pk).root) == tree.root(leaves(poll))


@pytest.mark.django_db
def test_paper_ballots_are_in_the_same_log():
    poll = ground.poll()
    code = poll.candidates.get(number=2).nomination.enterprise.credit_code
    ground.cast(poll)
    rows = [paper.PaperBallot(2, "13900000001", ground.DURING, (code,))]
    paper.cast_many(poll, rows, by=ground.office(poll.edition), now=ground.DURING)
    sequencing.sequence_waiting(now=ground.DURING)
    assert places(poll) == [0, 1]


@pytest.mark.django_db
def test_counting_completes_the_log_and_says_its_size_and_root():
    poll = ground.poll()
    fill(poll, 5)
    result = polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    newest = sequencing.newest(poll.pk)
    assert (newest.size, places(poll)) == (5, [0, 1, 2, 3, 4])
    assert result.inputs["log"] == {"size": 5, "root": tree.root(leaves(poll)).hex()}


@pytest.mark.django_db
def test_a_poll_nobody_voted_in_has_a_signed_empty_log():
    poll = ground.poll()
    result = polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    assert result.inputs["log"] == {"size": 0, "root": tree.EMPTY.hex()}
    assert sizes(poll) == [0]


@pytest.mark.django_db
def test_without_a_complete_log_there_is_no_result():
    poll = ground.poll()
    fill(poll, 3)
    Waiting.objects.all()[:1].get().delete()
    with pytest.raises(Refused, match="收到选票 3 张，公开记录中有 2 条"):
        polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    assert not hasattr(Poll.objects.get(pk=poll.pk).edition, "vote_result")


@pytest.mark.django_db(transaction=True)
def test_who_began_first_and_commits_last_is_logged_all_the_same():
    poll = ground.poll()
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()
    slow = UUID("00000000-0000-4000-8000-000000000001")

    def late():
        try:
            with transaction.atomic():
                ground.cast(poll, ballot_id=slow, number="19900000009")
                begun.set()
                go_on.wait(30)
        finally:
            done.set()
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    try:
        assert begun.wait(30)
        quick = ground.cast(poll, number="19900000001")
        # The sequencer waits for nobody: it takes what is committed.
        assert sequencing.sequence_waiting(now=ground.DURING) == 1
        assert list(Entry.objects.values_list("ballot_id", flat=True)) == [quick.pk]
    finally:
        go_on.set()
        assert done.wait(30)
        thread.join(30)
    assert sequencing.sequence_waiting(now=ground.DURING) == 1
    assert list(Entry.objects.order_by("index").values_list("ballot_id", flat=True)) == [quick.pk, slow]
    assert sizes(poll) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_are_one():
    poll = ground.poll()
    fill(poll, 300)

    def run():
        return sequencing.sequence(poll.pk, now=ground.DURING)

    # The second comes while the first holds the lock, and goes away at once.
    assert overtaking(run, run) == [300, 0]
    assert (places(poll), sizes(poll)) == (list(range(300)), [300])

    fill(poll, 2000)
    counts = []

    def many():
        try:
            for _time in range(20):
                counts.append(sequencing.sequence(poll.pk, now=ground.DURING, most=100))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=many) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    counts.append(sequencing.sequence_waiting(now=ground.DURING))
    assert sum(counts) == 2000
    assert places(poll) == list(range(2300))
    assert bytes(sequencing.newest(poll.pk).root) == tree.root(leaves(poll))


@pytest.mark.django_db(transaction=True)
def test_a_voter_does_not_wait_for_the_sequencer():
    """While a chunk is being logged and not committed, ballots are cast."""
    poll = ground.poll()
    fill(poll, 10)

    def vote():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            return ground.cast(poll).pk

    logged, ballot = overtaking(lambda: sequencing.sequence(poll.pk, now=ground.DURING), vote)
    assert logged == 10
    assert Waiting.objects.get().ballot_id == ballot


@pytest.mark.django_db(transaction=True)
def test_while_a_poll_is_being_counted_the_sequencer_goes_away():
    poll = ground.poll()
    fill(poll, 10)

    def close():
        return polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES).inputs["log"]["size"]

    assert overtaking(close, lambda: sequencing.sequence(poll.pk, now=ground.DURING)) == [10, 0]
    assert (places(poll), sizes(poll)) == (list(range(10)), [10])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ("_grow", "_write", "_sign"))
def test_killed_midway_it_leaves_nothing_and_the_next_goes_on(moment, monkeypatch):
    """The connection is cut by the server, as when the process is killed, after each step."""
    poll = ground.poll()
    fill(poll, 300)
    sequencing.sequence(poll.pk, now=ground.DURING)
    fill(poll, 400)
    whole = getattr(sequencing, moment)

    def killed(*args):
        whole(*args)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    raised = []

    def run():
        try:
            sequencing.sequence(poll.pk, now=ground.DURING)
        except Exception as problem:
            raised.append(problem)
        finally:
            connections.close_all()

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, moment, killed)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)
    assert isinstance(raised[0].__cause__, psycopg2.OperationalError)
    assert (places(poll), sizes(poll), Waiting.objects.count()) == (list(range(300)), [300], 400)
    assert sequencing.sequence_waiting(now=ground.DURING) == 400
    assert (places(poll), sizes(poll)) == (list(range(700)), [300, 700])
    assert bytes(sequencing.newest(poll.pk).root) == tree.root(leaves(poll))


@pytest.mark.django_db
def test_what_is_signed_or_logged_cannot_be_changed():
    poll = ground.poll()
    ground.cast(poll)
    sequencing.sequence_waiting(now=ground.DURING)
    for rows, change in ((Entry.objects.all(), {"index": 7}), (Checkpoint.objects.all(), {"size": 7})):
        for act in (lambda rows=rows, change=change: rows.update(**change), rows.delete):
            with pytest.raises(Exception, match="is refused"), transaction.atomic():
                act()
    assert Ballot.objects.count() == Entry.objects.count() == 1
    assert casting.phase(poll, ground.DURING) == "open"

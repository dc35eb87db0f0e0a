from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from nominations.services import advance
from portal.models import AuditEntry
from tests.voting import ground
from voting.models import Ballot
from voting.services import casting, counting, keys, polls, receipts

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "at, taken",
    [
        (ground.OPENS - TICK, False),
        (ground.OPENS, True),
        (ground.CLOSES - TICK, True),
        (ground.CLOSES, False),
        (ground.CLOSES + timedelta(days=1), False),
    ],
)
def test_the_window_is_half_open_to_the_microsecond(at, taken):
    poll = ground.poll()
    if taken:
        assert ground.cast(poll, at=at).cast_at == at
    else:
        with pytest.raises(casting.BallotRefused) as refusal:
            ground.cast(poll, at=at)
        assert refusal.value.reason == "outside"
        assert not Ballot.objects.exists()


@pytest.mark.parametrize("picks", [(), (1, 2, 3), (1, 1), (5,), (0,), (-1,)])
def test_a_void_ballot_is_refused_whole_and_does_not_use_up_the_turn(picks):
    poll = ground.poll()
    with pytest.raises(casting.BallotRefused) as refusal:
        ground.cast(poll, picks)
    assert (refusal.value.reason, refusal.value.status) == ("void", 422)
    assert ground.cast(poll, (2, 1)).picks == [1, 2]


def test_outside_is_asked_before_void():
    poll = ground.poll()
    with pytest.raises(casting.BallotRefused) as refusal:
        ground.cast(poll, (), at=ground.CLOSES)
    assert refusal.value.reason == "outside"


def test_the_same_request_is_the_same_ballot_even_after_the_closing():
    poll, ballot_id = ground.poll(), uuid4()
    first = ground.cast(poll, (1, 2), ballot_id=ballot_id)
    for at in (ground.DURING + timedelta(minutes=1), ground.CLOSES + timedelta(minutes=1)):
        again = ground.cast(poll, (2, 1), ballot_id=ballot_id, at=at)
        assert again == first
        assert again.cast_at == first.cast_at == ground.DURING
    assert Ballot.objects.count() == 1


def test_the_same_request_with_other_picks_or_another_voter_is_a_conflict():
    poll, ballot_id = ground.poll(), uuid4()
    ground.cast(poll, (1,), ballot_id=ballot_id)
    for other in ({"picks": (2,)}, {"number": "19900000002"}):
        with pytest.raises(casting.AnotherBallot) as refusal:
            ground.cast(poll, **({"picks": (1,)} | other), ballot_id=ballot_id)
        assert refusal.value.status == 409
    assert Ballot.objects.get().picks == [1]


def test_a_second_ballot_in_the_turn_says_when_the_first_was_received():
    poll = ground.poll()
    first = ground.cast(poll)
    with pytest.raises(casting.VotedAlready) as refusal:
        ground.cast(poll, (2,), at=ground.DURING + timedelta(days=1))
    assert refusal.value.first == first
    assert "2026-06-02 11:00:00" in str(refusal.value)  # the city's clock, not the server's


def test_a_turn_is_a_day_of_the_city():
    """OPENS is 10:00 in the city; its midnight is 16:00 UTC."""
    poll = ground.poll(ballots_per="day")
    midnight = ground.OPENS + timedelta(hours=14)
    assert ground.cast(poll, at=midnight - TICK).turn == date(2026, 6, 2)
    assert ground.cast(poll, at=midnight).turn == date(2026, 6, 3)
    with pytest.raises(casting.VotedAlready):
        ground.cast(poll, at=midnight + timedelta(hours=23))


def test_a_poll_is_one_turn():
    assert ground.cast(ground.poll(), at=ground.CLOSES - TICK).turn == date(2026, 6, 2)


def test_a_voter_of_one_poll_is_nobody_in_another():
    one, other = ground.poll(), ground.poll()
    assert keys.voter_key(one, "19900000001") != keys.voter_key(other, "19900000001")
    ground.cast(one)
    ground.cast(other)
    assert Ballot.objects.count() == 2


def test_addresses_are_kept_as_names_only():
    poll = ground.poll()
    ballot = ground.cast(poll, address="203.0.113.9")
    near = ground.cast(poll, number="19900000002", address="203.0.113.200")
    far = ground.cast(poll, number="19900000003", address="203.0.114.9")
    assert ballot.address != near.address
    assert ballot.network == near.network != far.network
    assert "203" not in ballot.address[:3] and len(ballot.address) == 32
    assert ground.cast(poll, number="19900000004", address="nonsense").address == ""
    six = keys.address_keys(poll, "2001:db8:0:1::1")
    assert six[1] == keys.address_keys(poll, "2001:db8:0:ff::2")[1]
    assert keys.address_keys(poll, "::ffff:203.0.113.9")[0] == ballot.address


def test_the_way_of_a_ballot_is_one_insert_and_no_record():
    poll = ground.poll()
    before = AuditEntry.objects.count()
    ground.cast(poll)
    assert AuditEntry.objects.count() == before


def test_a_candidate_who_withdrew_can_be_picked_no_more_but_keeps_the_others_standing():
    poll = ground.poll()
    by = ground.office(poll.edition)
    ground.cast(poll, (1, 2))
    gone = poll.candidates.get(number=1).nomination
    advance(gone, "withdraw", by=by, now=ground.DURING, note="演示撤回")
    with pytest.raises(casting.BallotRefused):
        ground.cast(poll, (1, 3), number="19900000002")
    result = polls.close_poll(poll, by=by, now=ground.CLOSES)
    assert {row.nomination.candidacy.number: row.picks for row in result.rows.all()} == {2: 1, 3: 0, 4: 0}


def test_a_paused_poll_takes_nothing_and_forgets_nothing():
    poll = ground.poll()
    by = ground.office(poll.edition)
    kept = ground.cast(poll, ballot_id=(ballot_id := uuid4()))
    paused = polls.pause_poll(poll, by=by, now=ground.DURING, note="系统维护")
    for seen in (poll, paused):  # `poll` was read before the pause: the insert itself must see it
        with pytest.raises(casting.BallotRefused) as refusal:
            ground.cast(seen, number="19900000002")
        assert refusal.value.reason == "paused"
    assert ground.cast(paused, ballot_id=ballot_id) == kept
    resumed = polls.resume_poll(paused, by=by, now=ground.DURING)
    assert ground.cast(resumed, number="19900000002")


def test_a_ballot_on_its_way_when_the_poll_was_counted_is_not_taken():
    poll = ground.poll()
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    with pytest.raises(casting.BallotRefused) as refusal:  # judged a moment before, inserted after
        ground.cast(poll, at=ground.CLOSES - TICK)
    assert refusal.value.reason == "outside"
    assert not Ballot.objects.exists()


def test_ballots_are_never_changed_nor_deleted():
    poll = ground.poll()
    ground.cast(poll)
    act = ground.set_aside(poll, Ballot.objects.all(), now=ground.DURING, reason="演示")
    for statement in (
        "UPDATE voting_ballot SET picks = '{2}'",
        "DELETE FROM voting_ballot",
        "DELETE FROM voting_quarantine_ballots",
        f"UPDATE voting_quarantine SET kind = 'restore' WHERE id = {act.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Ballot.objects.get().picks == [1]


def crowd(posts: int, post) -> list:
    """Sixty posts from twenty hands that begin at once: each hand is a connection of its own."""
    hands, start = 20, Barrier(20)

    def hand(n):
        start.wait()
        try:
            return [post(each) for each in range(n, posts, hands)]
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return [answer for answers in pool.map(hand, range(hands)) for answer in answers]


@pytest.mark.django_db(transaction=True)
def test_sixty_posts_at_once_are_one_ballot():
    poll = ground.poll()

    def post(n):
        try:
            return ground.cast(poll, (1 + n % 4,)).pk
        except casting.VotedAlready as refusal:
            return refusal.first.pk

    answers = crowd(60, post)
    assert len(answers) == 60 and set(answers) == {Ballot.objects.get().pk}
    assert sum(counting.tally(poll).values()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_ballot_is_committed_to_the_disk_whatever_the_session_is_set_to():
    poll = ground.poll()

    def setting():
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone()[0]

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        with transaction.atomic():
            ground.cast(poll)
            assert setting() == "on"
        # Of that transaction alone: what else the session does is as it was.
        assert setting() == "off"
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_sixty_repeats_of_one_request_are_one_receipt():
    poll, ballot_id = ground.poll(), uuid4()
    codes = crowd(60, lambda _n: receipts.receipt_code(ground.cast(poll, (1,), ballot_id=ballot_id)))
    assert len(codes) == 60 and len(set(codes)) == 1
    assert Ballot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_ballot_slips_in_behind_the_count():
    """Ballots race with the closing: whatever was thanked for is in the frozen count."""
    poll, start = ground.poll(), Barrier(21)
    by = ground.office(poll.edition)

    def post(n):
        start.wait()
        taken = 0
        try:
            for turn in range(20):
                try:
                    ground.cast(poll, number=f"199{n:04d}{turn:04d}", at=ground.CLOSES - TICK)
                    taken += 1
                except casting.BallotRefused:
                    pass
            return taken
        finally:
            connection.close()

    def close(_n):
        start.wait()
        try:
            polls.close_poll(poll, by=by, now=ground.CLOSES)
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(21) as crowd:
        jobs = [crowd.submit(post, n) for n in range(20)] + [crowd.submit(close, 0)]
        taken = sum(job.result() for job in jobs)
    poll.edition.refresh_from_db()
    assert poll.edition.vote_result.cast == taken == Ballot.objects.count()
    assert sum(row.picks for row in poll.edition.vote_result.rows.all()) == taken

"""What the ballot tier takes, what it answers, and that an answer that was lost is the same again."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from nominations.services import advance
from tests.voting import ground, tier
from voting.models import Ballot
from voting.rules import notes
from voting.services import counting, keys, polls, receipts

pytestmark = pytest.mark.django_db(transaction=True)
TICK = timedelta(microseconds=1)


def test_a_ballot_is_on_disk_and_its_receipt_is_a_promise_about_its_line():
    poll = ground.poll()
    with tier.box() as box:
        said = tier.ballot(poll, (2, 1))
        answer = tier.post(box, poll, said)
    kept = Ballot.objects.get()
    receipt = tier.read(answer)
    assert answer.status == 200
    assert (str(kept.pk), kept.picks, kept.cast_at) == (said["ballot"], [1, 2], ground.DURING)
    assert receipt == json.loads(json.dumps(receipts.receipt_of(kept)))
    assert set(receipt) == {"code", "ballot", "nonce", "note", "record", "cast_at", "picks"}
    assert receipt["code"] in notes.opened(receipt["note"], keys.signer().verifier)
    assert tier.header(answer, "Cache-Control") == "no-store"


def test_the_signals_of_the_visit_are_kept_as_names():
    poll = ground.poll()
    with tier.box() as box:
        said = tier.ballot(poll, **tier.ticket(poll, block="b" * 32, home="away"))
        tier.post(box, poll, said)
    kept = Ballot.objects.get()
    assert (kept.address, kept.network) == keys.address_keys(poll, "203.0.113.9")
    assert (kept.block, kept.home, kept.dwell, kept.turn) == ("b" * 32, "away", 0, date(2026, 6, 2))


@pytest.mark.parametrize(
    "at, status",
    [
        (ground.OPENS - TICK, 422),
        (ground.OPENS, 200),
        (ground.CLOSES - TICK, 200),
        (ground.CLOSES, 422),
        (ground.CLOSES + timedelta(days=1), 422),
    ],
)
def test_the_window_is_half_open_to_the_microsecond(at, status):
    poll = ground.poll()
    with tier.box(at=at) as box:
        answer = tier.post(box, poll, tier.ballot(poll, at=at))
    assert answer.status == status
    assert [kept.cast_at for kept in Ballot.objects.all()] == ([at] if status == 200 else [])
    if status == 422:
        assert tier.read(answer)["reason"] == "outside"


@pytest.mark.parametrize("at", [ground.OPENS - TICK, ground.CLOSES])
def test_the_database_holds_the_window_whatever_the_process_believes(at):
    poll = ground.poll()
    with tier.box() as box:
        tier.post(box, poll, tier.ballot(poll))
        known = box.polls.get(poll.pk, box.writer.knock)
        known.poll.opens, known.poll.closes = ground.OPENS - timedelta(1), ground.CLOSES + timedelta(1)
        believed = type(known.terms)(known.poll.opens, known.poll.closes, 1, 2, "poll")
        box.polls._known = {poll.pk: type(known)(known.poll, believed, known.standing)}
        box._clock.at = at
        answer = tier.post(box, poll, tier.ballot(poll, number="19900000002", at=at))
    assert (answer.status, tier.read(answer)["reason"]) == (422, "outside")
    assert Ballot.objects.count() == 1


@pytest.mark.parametrize("picks", [(), (1, 2, 3), (1, 1), (5,), (0,), (-1,), (10**30,)])
def test_a_void_ballot_is_refused_whole_and_does_not_use_up_the_turn(picks):
    poll = ground.poll()
    with tier.box() as box:
        answer = tier.post(box, poll, tier.ballot(poll, picks))
        assert (answer.status, tier.read(answer)["reason"]) == (422, "void")
        assert tier.post(box, poll, tier.ballot(poll, (1, 2))).status == 200


def test_the_same_request_is_the_same_answer_to_the_byte_even_after_the_closing():
    poll = ground.poll()
    with tier.box() as box:
        said = tier.ballot(poll, (1, 2))
        first = tier.post(box, poll, said)
        turned = said | {"picks": [2, 1]}
        for at in (ground.DURING + timedelta(minutes=1), ground.CLOSES + timedelta(minutes=1)):
            box._clock.at = at
            assert tier.post(box, poll, turned) == first
    with tier.box(at=ground.CLOSES) as another_process:
        assert tier.post(another_process, poll, said) == first
    assert Ballot.objects.count() == 1


def test_the_same_request_with_other_picks_or_another_voter_is_a_conflict():
    poll = ground.poll()
    with tier.box() as box:
        said = tier.ballot(poll, (1,))
        tier.post(box, poll, said)
        for other in ({"picks": [2]}, {"picks": [9]}, tier.ticket(poll, "19900000002")):
            answer = tier.post(box, poll, said | other)
            assert (answer.status, tier.read(answer)["reason"]) == (409, "conflict")
    assert Ballot.objects.get().picks == [1]


def test_a_second_ballot_of_the_turn_is_told_the_receipt_of_the_first():
    poll = ground.poll()
    with tier.box() as box:
        first = tier.read(tier.post(box, poll, tier.ballot(poll)))
        again = tier.post(box, poll, tier.ballot(poll, (2,)))
    assert again.status == 409
    assert (tier.read(again)["reason"], tier.read(again)["code"]) == ("again", first["code"])
    assert "2026-06-02 11:00:00" in tier.read(again)["message"]


def test_a_turn_is_a_day_of_the_city():
    poll = ground.poll(ballots_per="day")
    midnight = ground.OPENS + timedelta(hours=14)
    with tier.box(at=midnight - TICK) as box:
        assert tier.post(box, poll, tier.ballot(poll, at=midnight)).status == 200
        box._clock.at = midnight
        assert tier.post(box, poll, tier.ballot(poll, at=midnight)).status == 200
        assert tier.post(box, poll, tier.ballot(poll, at=midnight)).status == 409
    turns = Ballot.objects.order_by("turn").values_list("turn", flat=True)
    assert list(turns) == [date(2026, 6, 2), date(2026, 6, 3)]


def test_a_pause_is_seen_by_the_insert_before_the_process_knows_of_it():
    poll = ground.poll()
    by = ground.office(poll.edition)
    with tier.box() as box:
        said = tier.ballot(poll)
        first = tier.post(box, poll, said)
        polls.pause_poll(poll, by=by, now=ground.DURING, note="系统维护")
        answer = tier.post(box, poll, tier.ballot(poll, number="19900000002"))
        assert (answer.status, tier.read(answer)["reason"]) == (422, "paused")
        assert tier.post(box, poll, said) == first


def test_a_resumed_poll_takes_ballots_again():
    poll = ground.poll()
    by = ground.office(poll.edition)
    polls.pause_poll(poll, by=by, now=ground.DURING, note="系统维护")
    with tier.box() as box:
        assert tier.read(tier.post(box, poll, tier.ballot(poll)))["reason"] == "paused"
    polls.resume_poll(poll, by=by, now=ground.DURING)
    with tier.box() as box:
        assert tier.post(box, poll, tier.ballot(poll)).status == 200


def test_a_ballot_on_its_way_when_the_poll_was_counted_is_not_taken():
    poll = ground.poll()
    with tier.box(at=ground.CLOSES - TICK) as box:
        assert tier.post(box, poll, tier.ballot(poll, at=ground.CLOSES - TICK)).status == 200
        polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
        answer = tier.post(box, poll, tier.ballot(poll, number="19900000002", at=ground.CLOSES - TICK))
    assert (answer.status, tier.read(answer)["reason"]) == (422, "outside")
    assert Ballot.objects.count() == 1


def test_a_candidate_who_withdrew_can_be_picked_no_more():
    poll = ground.poll()
    gone = poll.candidates.get(number=1).nomination
    advance(gone, "withdraw", by=ground.office(poll.edition), now=ground.DURING, note="演示撤回")
    with tier.box() as box:
        assert tier.read(tier.post(box, poll, tier.ballot(poll, (1, 2))))["reason"] == "void"
        assert tier.post(box, poll, tier.ballot(poll, (2, 3))).status == 200


def test_a_ballot_the_database_refuses_does_not_take_the_others_along():
    """A token we signed ourselves, longer than its column: it cannot happen, and must not spread."""
    poll = ground.poll()
    posts = [tier.ballot(poll, number=f"1990000{n:04d}") for n in range(24)]
    for n in (3, 17):
        posts[n] |= tier.ticket(poll, f"1990000{n:04d}", home="x" * 20)
    posts[9] |= tier.ticket(poll, "19900000009", home="\0")
    with tier.box() as box:
        answers = at_once(24, lambda n: tier.post(box, poll, posts[n]))
    bad = [n for n, answer in enumerate(answers) if answer.status != 200]
    assert bad == [3, 9, 17]
    assert {answers[n].status for n in bad} == {422}
    assert Ballot.objects.count() == 21


def test_a_hundred_posts_of_one_voter_are_one_ballot():
    poll = ground.poll()
    with tier.box() as box, tier.box() as other_process:
        tickets = tier.ticket(poll)

        def post(n):
            said = {"ballot": str(uuid4()), "picks": [1 + n % 4], **tickets}
            return tier.post(box if n % 2 else other_process, poll, said)

        answers = at_once(100, post)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 99
    codes = {tier.read(answer)["code"] for answer in answers}
    assert codes == {receipts.receipt_code(Ballot.objects.get())}
    assert sum(counting.tally(poll).values()) == 1


def test_a_hundred_repeats_of_one_request_are_one_answer():
    poll = ground.poll()
    with tier.box() as box, tier.box() as other_process:
        said = tier.ballot(poll, (1, 3))
        answers = at_once(100, lambda n: tier.post(box if n % 2 else other_process, poll, said))
    assert len(set(answers_as_text(answers))) == 1
    assert answers[0].status == 200
    assert Ballot.objects.count() == 1


def test_many_voters_at_once_are_all_taken_and_wait_for_the_log():
    poll = ground.poll()
    posts = [tier.ballot(poll, number=f"1990000{n:04d}") for n in range(120)]
    with tier.box() as box, tier.box() as other_process:
        answers = at_once(120, lambda n: tier.post(box if n % 2 else other_process, poll, posts[n]))
    assert {answer.status for answer in answers} == {200}
    assert Ballot.objects.count() == 120
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM voting_waiting")
        assert cursor.fetchone() == (120,)


def test_no_ballot_slips_in_behind_the_count():
    poll = ground.poll()
    by = ground.office(poll.edition)
    at = ground.CLOSES - TICK
    posts = [tier.ballot(poll, number=f"1990000{n:04d}", at=at) for n in range(200)]
    with tier.box(at=at) as box, tier.box(at=at) as other_process:

        def post(n):
            if n == 100:
                polls.close_poll(poll, by=by, now=ground.CLOSES)
                connection.close()
                return None
            return tier.post(box if n % 2 else other_process, poll, posts[n])

        answers = [answer for answer in at_once(200, post, hands=20) if answer]
    taken = sum(answer.status == 200 for answer in answers)
    assert {answer.status for answer in answers} <= {200, 422}
    poll.edition.refresh_from_db()
    assert poll.edition.vote_result.cast == taken == Ballot.objects.count()


def at_once(posts, post, hands=None) -> list:
    """The answers to posts by as many hands, all beginning at the same moment."""
    hands = hands or posts
    start = Barrier(hands)

    def hand(n):
        start.wait()
        return [(each, post(each)) for each in range(n, posts, hands)]

    with ThreadPoolExecutor(hands) as pool:
        found = dict(pair for pairs in pool.map(hand, range(hands)) for pair in pairs)
    return [found[n] for n in range(posts)]


def answers_as_text(answers):
    return [(answer.status, answer.body) for answer in answers]

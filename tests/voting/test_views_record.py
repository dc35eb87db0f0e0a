"""The record at its public addresses: proofs that hold, files to the byte, and nothing early."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from nominations.models import Edition
from tests.voting import ground
from tests.voting.test_services_publishing import counted, public_root, publish, text  # noqa: F401
from tests.voting.test_services_sequencing import fill, leaves
from voting.models import Poll
from voting.rules import notes, tree
from voting.services import keys, publishing, receipts, sequencing

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    """An open poll with logs of 3, 260 and 600 ballots."""
    poll = ground.poll()
    Edition.objects.filter(pk=poll.edition_id).update(published=True)
    for number in (3, 257, 340):
        fill(poll, number)
        sequencing.sequence_waiting(now=ground.DURING)
    return poll


def ask(name, *args, **query):
    return Client().get(reverse(f"voting:{name}", args=args), query)


def unpacked(proof):
    return [base64.b64decode(each) for each in proof]


def signed(note):
    """Size and root of a checkpoint whose signature fits."""
    _origin, size, root = notes.opened(note, keys.signer().verifier).splitlines()
    return int(size), base64.b64decode(root)


def test_every_ballot_is_proved_by_its_receipt_at_any_checkpoint(running):
    log = leaves(running)
    for size in (3, 260, 600):
        for place in {0, 1, 2, 130, 255, 256, 259, 511, 512, 599}:
            answer = ask("inclusion_at", running.pk, leaf=place, size=size)
            if place >= size:
                assert answer.status_code == 404
                continue
            said = answer.json()
            assert (said["index"], said["size"], said["leaf"]) == (place, size, log[place].hex())
            assert signed(said["checkpoint"]) == (size, tree.root(log[:size]))
            assert tree.includes(
                log[place], place, size, unpacked(said["proof"]), signed(said["checkpoint"])[1]
            )


def test_a_receipt_leads_to_its_proof(running):
    ballot = ground.cast(running, (2,))
    receipt = receipts.receipt_of(ballot)
    answer = ask("inclusion", running.pk, receipt["record"])
    assert (answer.status_code, "message" in answer.json()) == (404, True)
    sequencing.sequence_waiting(now=ground.DURING)
    said = ask("inclusion", running.pk, receipt["record"]).json()
    leaf = base64.b64decode(notes.opened(receipt["note"], keys.signer().verifier).splitlines()[2])
    size, root = signed(said["checkpoint"])
    assert (said["size"], said["index"], size) == (601, 600, 601)
    assert tree.includes(leaf, 600, 601, unpacked(said["proof"]), root)


def test_a_later_log_is_proved_to_begin_with_an_earlier(running):
    for old, new in ((3, 260), (3, 600), (260, 600), (600, 600)):
        said = ask("consistency", running.pk, **{"from": old, "to": new}).json()
        before, after = (signed(note) for note in said["checkpoints"])
        assert (before[0], after[0]) == (said["from"], said["to"]) == (old, new)
        assert tree.extends(old, before[1], new, after[1], unpacked(said["proof"]))
    assert ask("consistency", running.pk, **{"from": 3}).json()["to"] == 600


def test_what_was_not_signed_is_not_proved(running):
    for name, args, query, status in (
        ("consistency", (), {"from": 4, "to": 600}, 404),
        ("consistency", (), {"from": 600, "to": 3}, 404),
        ("consistency", (), {"from": 0}, 404),
        ("consistency", (), {}, 400),
        ("consistency", (), {"from": "-3"}, 400),
        ("consistency", (), {"from": "9" * 30}, 400),
        ("inclusion_at", (), {"leaf": 1, "size": 4}, 404),
        ("inclusion_at", (), {"leaf": 600}, 404),
        ("inclusion_at", (), {"leaf": "²"}, 400),
        ("inclusion_at", (), {}, 400),
        ("inclusion", ("0" * 32,), {}, 404),
        ("inclusion", ("nonsense",), {}, 400),
        ("checkpoint_at", (4,), {}, 404),
        ("checkpoint_at", (10**30,), {}, 404),
        ("record_file", ("tally.json",), {}, 404),
        ("record_file", ("nothing",), {}, 404),
    ):
        answer = ask(name, running.pk, *args, **query)
        assert answer.status_code == status, (name, args, query)


def test_checkpoints_are_text_and_kept_by_everybody(running):
    answer = ask("checkpoint", running.pk)
    assert signed(answer.content.decode()) == (600, tree.root(leaves(running)))
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3"
    old = ask("checkpoint_at", running.pk, 3)
    assert signed(old.content.decode())[0] == 3
    assert "immutable" in old.headers["Cache-Control"]
    assert not answer.cookies and not old.cookies
    assert "immutable" in ask("inclusion_at", running.pk, leaf=0, size=3).headers["Cache-Control"]
    assert ask("inclusion_at", running.pk, leaf=0).headers["Cache-Control"] == "public, max-age=3"
    assert Client().post(reverse("voting:checkpoint", args=[running.pk])).status_code == 405


def test_proofs_take_the_same_few_queries_however_long_the_log(running, django_assert_num_queries):
    small = ground.poll(year=2027)
    Edition.objects.filter(pk=small.edition_id).update(published=True)
    for _checkpoint in range(2):
        fill(small, 1)
        sequencing.sequence_waiting(now=ground.DURING)
    for poll in (small, running):
        record, first = poll.entries.first().record.hex, poll.checkpoints.first().size
        with django_assert_num_queries(4):  # the poll, the checkpoint, the entry, the tiles
            ask("inclusion", poll.pk, record)
        with django_assert_num_queries(4):  # the poll, two checkpoints, the tiles
            ask("consistency", poll.pk, **{"from": first})


def test_a_rehearsal_has_no_public_record():
    poll = counted(published=False)
    for name, args in (
        ("record", ()),
        ("checkpoint", ()),
        ("checkpoint_at", (7,)),
        ("inclusion_at", ()),
        ("record_file", ("tally.json",)),
    ):
        assert ask(name, poll.pk, *args).status_code == 404


def test_the_page_while_the_poll_runs_says_how_many_and_never_for_whom(running):
    page = ask("record", running.pk).content.decode()
    assert "记录中有 600 张选票" in page
    assert keys.signer().verifier.replace("+", "&#x2B;") in page or keys.signer().verifier in page
    assert "有效票" not in page and "tally.json" not in page
    assert not any(each.nomination.subject_name in page for each in running.candidates.all())


def test_the_files_and_the_page_after_the_count():
    poll = counted()
    assert "tally.json" not in ask("record", poll.pk).content.decode()
    made = publish(poll)
    page = ask("record", poll.pk).content.decode()
    assert all(made.files[name]["sha256"] in page for name in publishing.FILES)
    assert "举报查实 1" in page and "举报查实 <span" in page
    for name, mime in (
        ("ballots.txt", "text/plain"),
        ("cases.jsonl", "application/x-ndjson"),
        ("tally.json", "application/json"),
        ("statement.txt", "text/plain"),
        ("key.txt", "text/plain"),
    ):
        answer = ask("record_file", poll.pk, name)
        assert b"".join(answer.streaming_content).decode() == text(poll, name)
        assert answer.headers["Content-Type"] == f"{mime}; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert not answer.cookies
        again = Client().get(
            reverse("voting:record_file", args=[poll.pk, name]),
            headers={"If-None-Match": answer.headers["ETag"]},
        )
        assert (again.status_code, again.content) == (304, b"")
    assert json.loads(text(poll, "tally.json"))["cast"] == 7
    for name in ("..", "..%2Fkey.txt", "settings.py"):
        assert Client().get(f"/vote/{poll.pk}/record/{name}").status_code == 404


def test_a_receipt_says_what_became_of_its_ballot_after_the_secret_is_gone():
    poll = counted()
    Poll.objects.filter(pk=poll.pk).update(secret_destroyed_at=ground.CLOSES)
    stands = {
        tuple(ballot.picks): receipts.lookup(receipts.receipt_code(ballot)) for ballot in poll.ballots.all()
    }
    assert {picks: (each.status, each.case) for picks, each in stands.items()} == {
        (1,): ("counted", 0),
        (1, 2): ("counted", 0),
        (2,): ("void", 1),
        (3,): ("counted", 0),
        (2, 3): ("counted", 0),
        (1, 4): ("counted", 0),
        (4,): ("counted", 0),
    }
    assert stands[(2,)].reason == "演示"

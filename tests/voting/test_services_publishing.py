"""What is published: checked by the public script, which has no line of ours, and by hand."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from nominations.models import Edition
from portal.errors import Refused
from portal.models import Membership
from tests.voting import ground
from tests.voting.tampering import without_guards
from tests.voting.test_services_sequencing import fill, leaves
from voting.models import Poll, Publication
from voting.rules import notes, tree
from voting.services import keys, polls, publishing, sequencing
from voting.tasks import publish_records

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "verify" / "verify_poll.py"


@pytest.fixture(autouse=True)
def public_root(settings, tmp_path):
    settings.PUBLIC_ROOT = tmp_path / "public"


def counted(*, published=True, **fields):
    """A poll of seven ballots, two of them set aside and one of these restored, counted."""
    poll = ground.poll(min_picks=1, max_picks=3, **fields)
    Edition.objects.filter(pk=poll.edition_id).update(published=published)
    ballots = []
    for number, picks in enumerate(([1], [1, 2], [2], [3], [2, 3], [1, 4], [4]), start=1):
        ballots.append(ground.cast(poll, picks, number=f"1990000000{number}"))
        if number % 3 == 0:
            sequencing.sequence_waiting(now=ground.DURING)
    ground.set_aside(poll, ballots[1:3], grounds="report")
    ground.restore(poll, ballots[1:2], grounds="report")
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    return Poll.objects.get(pk=poll.pk)


def publish(poll):
    return publishing.publish_record(poll, by=Membership.objects.system(), now=ground.CLOSES)


def text(poll, name):
    return (publishing.folder_of(poll.pk) / name).read_text("utf-8")


def verify(folder, key=None):
    """The answer of the public script: its code and what it says."""
    command = [sys.executable, str(SCRIPT), str(folder), "--quiet", "--processes", "1"]
    done = subprocess.run(
        [*command, "--key", key or keys.signer().verifier], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.django_db
def test_the_public_script_finds_everything_in_order():
    poll = counted()
    publish(poll)
    code, said = verify(publishing.folder_of(poll.pk))
    assert code == 0, said
    assert "收到 7 张，隔离 1 张，有效 6 张" in said


@pytest.mark.django_db
def test_the_files_by_hand():
    poll = counted()
    made = publish(poll)
    lines = text(poll, "ballots.txt").splitlines()
    assert len(lines) == 7
    hashes = [hashlib.sha256(b"\0" + line.encode()).digest() for line in lines]
    assert hashes == leaves(poll)
    root = tree.root(hashes)

    acts = [json.loads(line) for line in text(poll, "cases.jsonl").splitlines()]
    assert [(each["act"], each["kind"]) for each in acts] == [(1, "set_aside"), (2, "restore")]
    aside = set(acts[0]["entries"]) - set(acts[1]["entries"])
    assert len(acts[0]["entries"]) == 2 and len(aside) == 1

    tally = json.loads(text(poll, "tally.json"))
    assert [(each["number"], each["picks"], each["set_aside"]) for each in tally["candidates"]] == [
        (1, 3, {}),
        (2, 2, {"report": 1}),
        (3, 2, {}),
        (4, 2, {}),
    ]
    assert (tally["cast"], tally["set_aside"], tally["valid"]) == (7, 1, 6)
    assert tally["grounds"] == {"report": 1}
    assert (tally["opens"], tally["closes"]) == tuple(
        f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (ground.OPENS, ground.CLOSES)
    )
    assert text(poll, "checkpoints.txt").count("\n— ") == 3

    body = notes.opened(text(poll, "statement.txt"), keys.signer().verifier).splitlines()
    assert body[:2] == [f"{keys.signer().name}/vote/{poll.pk}/statement", "7"]
    assert body[3:] == [
        f"{name} {hashlib.sha256(text(poll, name).encode()).hexdigest()}"
        for name in ("ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json")
    ]
    assert poll.edition.vote_result.inputs["log"] == {"size": 7, "root": root.hex()}
    assert made.statement == text(poll, "statement.txt")
    assert text(poll, "key.txt") == keys.signer().verifier + "\n"
    assert sorted(path.name for path in publishing.folder_of(poll.pk).iterdir()) == sorted(publishing.FILES)
    assert [path.name for path in publishing.folder_of(poll.pk).parent.iterdir()] == [str(poll.pk)]


@pytest.mark.django_db
def test_a_poll_nobody_voted_in_is_published_too():
    poll = ground.poll()
    Edition.objects.filter(pk=poll.edition_id).update(published=True)
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    publish(poll)
    code, said = verify(publishing.folder_of(poll.pk))
    assert code == 0, said


@pytest.mark.django_db
def test_before_the_count_and_before_the_edition_is_published_nothing_is_written():
    poll = ground.poll()
    ground.cast(poll)
    with pytest.raises(Refused, match="还没有关闭并计票"):
        publish(poll)
    hidden = counted(published=False, year=2027)
    with pytest.raises(Refused, match="本届还没有发布"):
        publish(hidden)
    publish_records()
    assert not Publication.objects.exists()
    assert not publishing.folder_of(poll.pk).exists() and not publishing.folder_of(hidden.pk).exists()
    assert publishing.due() == []


@pytest.mark.django_db
def test_publishing_twice_is_once_and_lost_files_come_back_to_the_byte():
    poll = counted()
    assert [each.pk for each in publishing.due()] == [poll.pk]
    publish_records()
    first = Publication.objects.get()
    assert publishing.due() == []
    assert publish(poll) == first
    before = {name: text(poll, name) for name in publishing.FILES}
    (publishing.folder_of(poll.pk) / "tally.json").unlink()
    (publishing.folder_of(poll.pk).parent / f".{poll.pk}-left").mkdir()
    assert [each.pk for each in publishing.due()] == [poll.pk]
    publish_records()
    assert {name: text(poll, name) for name in publishing.FILES} == before
    assert Publication.objects.get() == first
    assert [path.name for path in publishing.folder_of(poll.pk).parent.iterdir()] == [str(poll.pk)]


@pytest.mark.django_db
def test_something_else_is_never_put_in_the_place_of_what_was_published():
    poll = counted()
    publish(poll)
    before = {name: text(poll, name) for name in publishing.FILES}
    with without_guards():
        poll.quarantines.update(reason="改过的理由")
    (publishing.folder_of(poll.pk) / "statement.txt").unlink()
    with pytest.raises(Refused, match="与已发布的不符"):
        publish(poll)
    publish_records()  # logs it, and goes on
    assert text(poll, "tally.json") == before["tally.json"]


@pytest.mark.django_db
def test_a_name_corrected_after_the_count_is_not_corrected_in_what_was_signed():
    poll = counted()
    publish(poll)
    before = {name: text(poll, name) for name in publishing.FILES}
    Edition.objects.filter(pk=poll.edition_id).update(title="另一个名称")
    (publishing.folder_of(poll.pk) / "tally.json").unlink()
    publish_records()
    assert {name: text(poll, name) for name in publishing.FILES} == before


@pytest.mark.django_db
def test_a_log_that_is_not_what_was_signed_is_not_published():
    poll = counted()
    with without_guards():
        poll.ballots.filter(picks=[4]).update(picks=[3])
    with pytest.raises(Refused, match="检查点不符"):
        publish(poll)
    assert not Publication.objects.exists()
    assert list(publishing.folder_of(poll.pk).parent.iterdir()) == []


@pytest.mark.django_db
def test_files_are_written_with_a_few_rows_in_memory(django_assert_num_queries):
    poll = ground.poll()
    Edition.objects.filter(pk=poll.edition_id).update(published=True)
    fill(poll, 12_000)
    polls.close_poll(poll, by=ground.office(poll.edition), now=ground.CLOSES)
    publish(poll)
    code, said = verify(publishing.folder_of(poll.pk))
    assert "收到 12000 张" in said and "[通过]   张数和树根" in said, (code, said)

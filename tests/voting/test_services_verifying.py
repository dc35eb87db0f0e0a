"""`verify_poll` finds every way in which rows can be made to differ, and nothing where they do not."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from portal.speech import said
from tests.voting import ground
from tests.voting.tampering import without_guards
from tests.voting.test_services_publishing import counted, public_root, publish  # noqa: F401
from tests.voting.test_services_sequencing import fill
from voting.models import Case, Checkpoint, Entry, Poll, Publication, Quarantine, Result, Tile, Waiting
from voting.services import publishing, sequencing
from voting.services.verifying import differences

pytestmark = pytest.mark.django_db


def told(poll):
    return [said(each) for each in differences(poll)]


def verify(poll):
    """Code and words of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_poll", poll.edition_id, stdout=out, stderr=err)
    except SystemExit as left:
        return left.code, out.getvalue() + err.getvalue()
    return 0, out.getvalue()


def test_an_untouched_record_is_equal_at_every_stage():
    poll = ground.poll()
    assert told(poll) == []
    first, second = ground.cast(poll), ground.cast(poll, (2, 3), number="19900000002")
    assert told(poll) == []  # both wait
    sequencing.sequence_waiting(now=ground.DURING)
    ground.set_aside(poll, [first, second])
    ground.restore(poll, [second])
    ground.cast(poll, number="19900000003")
    assert told(poll) == []
    done = counted(year=2027)
    assert told(done) == []
    publish(done)
    assert told(done) == []
    assert verify(done) == (0, f"一致：{done.edition.title}，公开记录 7 条\n")
    Poll.objects.filter(pk=done.pk).update(secret_destroyed_at=ground.CLOSES)
    assert told(done) == []


def test_a_log_of_many_tiles_is_equal():
    poll = ground.poll()
    fill(poll, 700)
    sequencing.sequence_waiting(now=ground.DURING)
    found = told(poll)
    # These ballots are of nobody: only whose they are cannot be derived.
    assert len(found) == 5 and all("投票人标识不符" in each for each in found)


def sql(statement):
    def change(_poll):
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return change


def tile(poll):
    held = Tile.objects.get(poll=poll, level=0)
    held.hashes = bytes(32) + bytes(held.hashes)[32:]
    held.save()


def swap(poll):
    """Two ballots change places."""
    one, two = Entry.objects.filter(poll=poll).order_by("index")[:2]
    fields = (one.ballot, one.record), (two.ballot, two.record)
    Entry.objects.filter(pk__in=(one.pk, two.pk)).delete()
    for (ballot, record), index in zip(fields, (1, 0), strict=True):
        Entry.objects.create(poll=poll, index=index, ballot=ballot, record=record)


def frozen(**fields):
    def change(poll):
        result = Result.objects.get(edition=poll.edition_id)
        for name, value in fields.items():
            setattr(result, name, value(result) if callable(value) else value)
        result.save()

    return change


def file(name):
    def change(poll):
        path = publishing.folder_of(poll.pk) / name
        path.write_bytes(path.read_bytes().replace(b"1", b"7", 1))

    return change


CHANGES = {
    "other picks": (sql("UPDATE voting_ballot SET picks = '{3,4}' WHERE picks = '{1}'"), "检查点与选票不符"),
    "another time": (
        sql("UPDATE voting_ballot SET cast_at = cast_at + interval '10 minutes' WHERE picks = '{1}'"),
        "检查点与选票不符",
    ),
    "a time outside": (
        sql("UPDATE voting_ballot SET cast_at = cast_at + interval '10 days' WHERE picks = '{1}'"),
        "不符合投票规则",
    ),
    "another voter": (sql("UPDATE voting_ballot SET voter = 'x' WHERE picks = '{1}'"), "投票人标识不符"),
    "a ballot that is gone": (
        sql(
            "DELETE FROM voting_entry WHERE index = 6;"
            "DELETE FROM voting_ballot ballot"
            " WHERE NOT EXISTS (SELECT 1 FROM voting_entry WHERE ballot_id = ballot.id)"
        ),
        "检查点有 7 张，公开记录只有 6 条",
    ),
    "a ballot beside the log": (sql("DELETE FROM voting_entry WHERE index = 6"), "数目不符"),
    "a gap": (sql("UPDATE voting_entry SET index = 9 WHERE index = 6"), "序号不连续"),
    "another record": (sql("UPDATE voting_entry SET record = gen_random_uuid() WHERE index = 0"), "记录号"),
    "two that changed places": (swap, "检查点与选票不符"),
    "a leaf": (tile, "第 0 层第 0 块与选票不符"),
    "a tile that is gone": (sql("DELETE FROM voting_tile"), "第 0 层第 0 块与选票不符"),
    "a root": (sql(r"UPDATE voting_checkpoint SET root = '\x00' WHERE size = 3"), "检查点与选票不符"),
    "a signature": (
        sql("UPDATE voting_checkpoint SET note = replace(note, '/vote/', '/Vote/') WHERE size = 3"),
        "签名不对",
    ),
    "no last checkpoint": (sql("DELETE FROM voting_checkpoint WHERE size = 7"), "没有签名的检查点"),
    "an act that is gone": (
        sql(
            "DELETE FROM voting_quarantine_ballots"
            " WHERE quarantine_id = (SELECT max(id) FROM voting_quarantine)"
        ),
        "“隔离选票”：冻结的是 1，重新计算得 2",
    ),
    "an act twice": (
        sql("UPDATE voting_quarantine SET kind = 'set_aside'"),
        "重复隔离或恢复",
    ),
    "one person for two": (sql("UPDATE voting_case SET decided_by_id = NULL"), "须由另一人同意"),
    "a case that was declined": (sql("UPDATE voting_case SET decision = 'declined'"), "须由另一人同意"),
    "a ballot not of the case": (sql("DELETE FROM voting_case_ballots"), "须由另一人同意"),
    "figures": (frozen(cast=8), "“收到选票”：冻结的是 8，重新计算得 7"),
    "picks": (
        frozen(inputs=lambda row: row.inputs | {"picks": dict.fromkeys(row.inputs["picks"], 2)}),
        "冻结的是 2，重新计算得 3",
    ),
    "a row": (sql("UPDATE voting_resultrow SET picks = picks + 1"), "重新计算得"),
    "a waiting ballot": (
        lambda poll: Waiting.objects.create(ballot=poll.ballots.first(), poll_id=poll.pk),
        "没有入册",
    ),
    "a published file": (file("ballots.txt"), "公开文件夹中的 ballots.txt 不是所发布的"),
    "a key file": (file("key.txt"), "公开文件夹中的 key.txt 不是所发布的"),
    "a file that is gone": (
        lambda poll: (publishing.folder_of(poll.pk) / "tally.json").unlink(),
        "tally.json 不在公开文件夹中",
    ),
    "a reason": (
        sql("UPDATE voting_quarantine SET reason = '改过' WHERE kind = 'restore'"),
        "已发布的 cases.jsonl 与重新生成的不符",
    ),
    "a statement": (
        sql("UPDATE voting_publication SET statement = replace(statement, 'tally', 'Tally')"),
        "签名声明与已发布的文件不符",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_is_told(name):
    change, words = CHANGES[name]
    poll = counted()
    publish(poll)
    with without_guards():
        change(poll)
    found = told(poll)
    assert any(words in each for each in found), found
    assert verify(poll)[0] == 1


def test_an_edition_without_a_poll():
    edition = ground.voting_edition()
    out = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("verify_poll", edition.pk, stderr=out)
    assert left.value.code == 2 and "没有投票" in out.getvalue()
    assert not Case.objects.exists() and not Quarantine.objects.exists()
    assert not Checkpoint.objects.exists() and not Publication.objects.exists()


def test_a_key_that_is_away_is_said_and_nothing_is_called_equal():
    poll = ground.poll()
    ground.cast(poll)
    sequencing.sequence_waiting(now=ground.DURING)
    with ground.key_away(poll):
        code, words = verify(poll)
    assert code == 3 and "密钥文件不在" in words and "一致" not in words
    assert verify(poll)[0] == 0

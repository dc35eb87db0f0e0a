import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.voting import ground
from voting.models import Poll
from voting.services import codes, counting, keys, polls, receipts, tokens
from voting.services.destroying import destroy_secret

pytestmark = pytest.mark.django_db
OVER = ground.CLOSES + timedelta(days=30)
NUMBER = "19900000001"


@pytest.fixture
def poll():
    """Two ballots, counted."""
    made = ground.poll()
    ground.cast(made, (1, 2), number=NUMBER)
    ground.cast(made, (2,), number="19900000002")
    polls.close_poll(made, by=ground.office(made.edition), now=ground.CLOSES)
    return Poll.objects.get(pk=made.pk)


def destroy(poll, now=OVER, by=None):
    return destroy_secret(poll, by=by or ground.office(poll.edition), now=now)


def test_the_key_is_overwritten_and_gone(poll):
    path = keys.key_path(poll.key_id)
    # A second name of the same file shows what lies on the disk afterwards.
    witness = path.with_suffix(".witness")
    os.link(path, witness)
    key = path.read_text()
    assert len(key) == 64
    done = destroy(poll)
    assert done.file and not path.exists()
    assert witness.read_bytes() == bytes(64)
    witness.unlink()
    poll.refresh_from_db()
    assert poll.secret_destroyed_at == OVER
    entry = AuditEntry.objects.get(act="voting.destroy_secret")
    assert entry.detail["key"] == poll.key_id and entry.detail["file"] is True
    assert key not in str(entry.detail)
    assert "备份" in " ".join(done.left)


def test_not_before_the_count_nor_before_the_period_is_over(poll):
    running = ground.poll()
    with pytest.raises(Refused, match="还没有关闭并计票"):
        destroy(running)
    with pytest.raises(Refused, match="2026-07-05 10:00"):
        destroy(poll, OVER - timedelta(seconds=1))
    poll.appeal_days = 31
    poll.save()
    with pytest.raises(Refused, match="2026-07-06 10:00"):
        destroy(poll)
    poll.appeal_days = 0
    poll.save()
    assert destroy(poll, ground.CLOSES).file
    with pytest.raises(Refused, match="已经销毁"):
        destroy(poll)
    assert keys.key_path(running.key_id).exists()


@pytest.mark.parametrize("role, place", [("auditor", None), ("admin", None), ("office", "市北区")])
def test_only_the_office_of_the_host(poll, role, place):
    hat = factories.hat(role, factories.district(place)) if place else factories.hat(role)
    with pytest.raises(PermissionDenied):
        destroy(poll, by=hat)
    assert keys.key_path(poll.key_id).exists()


def test_receipts_and_figures_outlive_the_secret(poll):
    ballot = poll.ballots.get(voter=keys.voter_key(poll, NUMBER))
    code = receipts.receipt_code(ballot)
    before = counting.tally(poll)
    token = tokens.write(tokens.voter(poll, ballot.voter, now=OVER))
    destroy(poll)
    poll.refresh_from_db()
    assert (receipts.lookup(code).status, receipts.lookup(code).code) == ("counted", code)
    assert counting.tally(poll) == before
    assert codes.read_token(poll, token, now=OVER) == ballot.voter  # for its half hour
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    for act in (
        lambda: keys.voter_key(poll, NUMBER),
        lambda: codes.send_code(poll, NUMBER, visit=visit, now=OVER, without_proof=True),
        lambda: codes.check_code(poll, NUMBER, "123456", visit=visit, now=OVER),
        lambda: codes.effort_of(poll, visit, "code", now=OVER),
    ):
        with pytest.raises(Refused, match="密钥已按规定销毁"):
            act()


def test_pages_say_so_and_nothing_breaks(poll, client, monkeypatch):
    code = receipts.receipt_code(poll.ballots.first())
    destroy(poll)
    monkeypatch.setattr(timezone, "now", lambda: OVER)
    for address, status in (
        (f"/vote/{poll.pk}/", 200),
        (f"/vote/{poll.pk}/result/", 200),
        (f"/vote/{poll.pk}/mine/", 302),
        (f"/vote/receipt/{code}/", 200),
        (f"/vote/lookup/?code={code}", 200),
    ):
        assert client.get(address).status_code == status, address
    page = client.get(f"/vote/{poll.pk}/identity/").content.decode()
    assert "按规定销毁" in page and "凭回执号查询" in page and 'name="phone"' not in page
    page = client.post(f"/vote/{poll.pk}/identity/", {"phone": NUMBER}).content.decode()
    assert "按规定销毁" in page and 'name="phone"' not in page
    ticket = tokens.write(tokens.start(poll.pk, now=OVER))
    answer = client.get(f"/vote/{poll.pk}/challenge/", {"ticket": ticket})
    assert (answer.status_code, answer.json()["reason"]) == (422, "destroyed")
    client.force_login(ground.office(poll.edition).user)
    assert client.get(f"/vote/edition/{poll.edition_id}/").status_code == 200


def test_a_key_in_the_environment_is_left_to_people(poll, monkeypatch):
    monkeypatch.setenv(f"POLL_KEY_{poll.key_id.upper()}", "ab" * 32)
    assert "环境变量" in destroy(poll).left[0]


def test_what_has_no_key_of_its_own_cannot_be_destroyed_alone(poll):
    Poll.objects.filter(pk=poll.pk).update(key_id=keys.BEFORE_FILES)
    with pytest.raises(Refused, match="没有单独的密钥"):
        destroy(Poll.objects.get(pk=poll.pk))
    assert Poll.objects.get(pk=poll.pk).secret_destroyed_at is None


def test_a_row_rolled_back_after_the_file_went_is_finished_later(poll):
    keys.key_path(poll.key_id).unlink()
    done = destroy(poll)
    assert not done.file and done.poll.secret_destroyed_at == OVER


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"\xff" * 64, b"short"])
def test_a_broken_key_names_nobody(content):
    poll = ground.poll()
    keys.key_path(poll.key_id).write_bytes(content)
    with pytest.raises(Refused, match="密钥文件不在"):
        keys.voter_key(poll, NUMBER)


def run(edition, by) -> str:
    out = StringIO()
    call_command("destroy_voter_secret", str(edition), "--by", by, stdout=out)
    return out.getvalue()


def test_the_command(poll, monkeypatch):
    office = ground.office(poll.edition).user.username
    monkeypatch.setattr(timezone, "now", lambda: ground.CLOSES)
    with pytest.raises(CommandError, match="查询期到"):
        run(poll.edition_id, office)
    monkeypatch.setattr(timezone, "now", lambda: OVER)
    with pytest.raises(CommandError, match="没有投票"):
        run(0, office)
    for stranger in ("nobody", factories.hat("auditor").user.username):
        with pytest.raises(CommandError, match="不是"):
            run(poll.edition_id, stranger)
    assert keys.key_path(poll.key_id).exists()
    said = run(poll.edition_id, office)
    assert "不能恢复" in said and "备份" in said and "重新启动" in said
    assert not keys.key_path(poll.key_id).exists()
    with pytest.raises(CommandError, match="已经销毁"):
        run(poll.edition_id, office)

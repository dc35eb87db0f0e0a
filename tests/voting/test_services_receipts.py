"""The whole receipt: the same bytes whenever asked, a promise that binds the portal."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.errors import Refused
from tests.voting import ground
from voting.models import Ballot, Poll
from voting.rules import notes
from voting.services import keys, receipts

NUMBER = "19900000001"


@pytest.fixture
def ballot(db):
    poll = ground.poll()
    ballot = ground.cast(poll, (3, 1), ballot_id=UUID("7f000001-0000-4000-8000-000000000001"))
    return Ballot.objects.select_related("poll").get(pk=ballot.pk)


def test_a_receipt_is_the_same_bytes_before_and_after_the_disk(ballot):
    handed = receipts.full_receipt(
        ballot.poll,
        ballot_id=ballot.pk,
        record=str(ballot.record),
        picks=[3, 1],
        cast_at=ballot.cast_at.astimezone(UTC),
        commitment=bytes(ballot.commitment),
    )
    assert receipts.receipt_of(ballot) == handed
    assert list(handed) == ["code", "ballot", "nonce", "note", "record", "cast_at", "picks"]
    assert handed["code"] == receipts.receipt_code(ballot)
    assert (handed["picks"], handed["ballot"]) == ([1, 3], "7f000001-0000-4000-8000-000000000001")
    assert datetime.fromisoformat(handed["cast_at"]) == ballot.cast_at


def test_its_note_promises_the_line_and_its_nonce_opens_it(ballot):
    """Worked out here from ADR 15 alone, not with the code that writes it."""
    receipt, poll = receipts.receipt_of(ballot), ballot.poll
    nonce = bytes.fromhex(receipt["nonce"])
    record = hashlib.sha256(b"xuanshu record 1" + ballot.pk.bytes + nonce).digest()[:16].hex()
    voter = keys.voter_key(poll, NUMBER)
    commitment = hashlib.sha256(b"xuanshu voter 1" + nonce + voter.encode()).hexdigest()
    began = ballot.cast_at.astimezone(UTC)
    ten = (began - timedelta(minutes=began.minute % 10)).strftime("%Y-%m-%dT%H:%MZ")
    line = f"1 {poll.pk} {record} 1,3 {ten} {commitment}"
    leaf = base64.b64encode(hashlib.sha256(b"\0" + line.encode()).digest()).decode()
    name = keys.signer().name
    assert receipt["record"] == record
    assert notes.opened(receipt["note"], keys.signer().verifier) == (
        f"{name}/vote/{poll.pk}/receipt\n{receipt['code']}\n{leaf}\n{ten}\n"
    )


def test_without_the_secret_the_promise_stands_and_the_line_stays_shut(ballot, settings):
    with_secret = receipts.receipt_of(ballot)
    Poll.objects.filter(pk=ballot.poll_id).update(secret_destroyed_at=ground.CLOSES)
    later = receipts.receipt_of(Ballot.objects.get(pk=ballot.pk))
    assert later == with_secret | {"nonce": None}


def test_a_key_that_is_only_away_gives_no_receipt_rather_than_half_of_one(ballot):
    whole = receipts.receipt_of(ballot)
    with ground.key_away(ballot.poll):
        with pytest.raises(Refused, match="密钥文件不在"):
            receipts.receipt_of(ballot)
        # Once it is destroyed, nobody looks for the file.
        Poll.objects.filter(pk=ballot.poll_id).update(secret_destroyed_at=ground.CLOSES)
        later = receipts.receipt_of(Ballot.objects.get(pk=ballot.pk))
        assert later == whole | {"nonce": None}

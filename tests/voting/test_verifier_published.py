"""What the portal really publishes and hands out, as the two verifiers and their page see it."""

import pytest
from django.test import Client
from django.urls import reverse

from nominations.models import Edition
from tests.voting import ground
from tests.voting.test_services_publishing import counted, public_root, publish  # noqa: F401
from tests.voting.verifiers import by_module, by_script, wrong_in
from voting.models import Ballot, Entry, Poll
from voting.services import keys, publishing, receipts, sequencing

pytestmark = pytest.mark.django_db


def receipts_of(poll):
    entries = Entry.objects.filter(poll=poll).select_related("ballot__poll").order_by("index")
    return [receipts.receipt_of(entry.ballot) for entry in entries]


def test_a_published_record_and_every_receipt_pass_both(tmp_path):
    poll = counted()
    publish(poll)
    folder, key = publishing.folder_of(poll.pk), keys.signer().verifier
    given = receipts_of(poll)
    jobs = [{"folder": str(folder), "key": key, "receipt": each} for each in given]
    aside = set(Ballot.objects.filter(quarantines__poll=poll, picks=[2]).values_list("record", flat=True))
    for place, (each, answer) in enumerate(zip(given, by_module(jobs, tmp_path), strict=True)):
        script = by_script(folder, key, each)
        assert (wrong_in(script), wrong_in(answer)) == (set(), set())
        assert (script.good, answer["good"]) == (True, True)
        assert answer["counts"] == {"cast": 7, "set_aside": 1, "valid": 6}
        assert (answer["receipt"]["line"], answer["receipt"]["picks"]) == (place + 1, each["picks"])
        grounds = "report" if each["record"] in {record.hex for record in aside} else ""
        assert answer["receipt"]["grounds"] == script.told["grounds"] == grounds


def test_a_receipt_of_a_destroyed_secret_is_a_promise_still(tmp_path):
    poll = counted()
    publish(poll)
    folder, key = publishing.folder_of(poll.pk), keys.signer().verifier
    given = {**receipts_of(poll)[0], "nonce": None}
    (answer,) = by_module([{"folder": str(folder), "key": key, "receipt": given}], tmp_path)
    assert wrong_in(answer) == wrong_in(by_script(folder, key, given)) == {"receipt_bound"}


def test_while_the_poll_runs_the_address_proves_a_receipt(tmp_path):
    poll = ground.poll()
    Edition.objects.filter(pk=poll.edition_id).update(published=True)
    cast = [ground.cast(poll, [1 + n % 3], number=f"1990000001{n}") for n in range(6)]
    sequencing.sequence_waiting(now=ground.DURING)
    late = ground.cast(poll, [1], number="19900000030")
    key, poll = keys.signer().verifier, Poll.objects.get(pk=poll.pk)

    def asked(ballot):
        given = receipts.receipt_of(Ballot.objects.get(pk=ballot.pk))
        reply = Client().get(reverse("voting:inclusion", args=[poll.pk, given["record"]]))
        return {"receipt": given, "answer": reply.json() if reply.status_code == 200 else None, "key": key}

    jobs = [{"included": asked(ballot)} for ballot in (*cast, late)]
    *found, missing = by_module(jobs, tmp_path)
    assert [each["good"] for each in found] == [True] * 6
    assert {each["line"] for each in found} == set(range(1, 7))
    assert wrong_in(missing) == {"inclusion"}


def test_the_page_offers_what_is_published_and_keeps_nobody(django_assert_num_queries):
    first = counted()
    address = reverse("voting:verify")
    with django_assert_num_queries(1):
        page = Client().get(address).content.decode()
    assert "<select" not in page
    assert "还没有投票发布了公开记录" in page
    publish(first)
    with django_assert_num_queries(1):
        answer = Client().get(address)
    page = answer.content.decode()
    assert f'<option value="{first.pk}" data-bytes="' in page
    assert f'data-key="{keys.signer().verifier}"' in page
    assert 'data-root="/vote/"' in page
    assert not answer.cookies


def test_a_rehearsal_is_not_offered():
    poll = counted()
    publish(poll)
    Edition.objects.filter(pk=poll.edition_id).update(published=False)
    assert f'<option value="{poll.pk}"' not in Client().get(reverse("voting:verify")).content.decode()

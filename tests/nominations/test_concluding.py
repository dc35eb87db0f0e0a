"""Ending an edition before its end: who may still be waiting, and that the office says why."""

import pytest
from django.urls import reverse

from nominations.invariants import CHECKS
from nominations.models import Edition, Nomination
from nominations.services import advance, returning
from nominations.services.conclusion import conclude, preview_conclude
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.stage import published
from tests.moments import NOW

pytestmark = pytest.mark.django_db
STEPS = ("recommendation", "screening", "review", "voting", "inspection", "publicity")


@pytest.fixture
def office():
    return factories.hat("office")


def at(step, *states, **fields):
    """An edition whose current step is this one, with one in each of these states."""
    edition = factories.edition(**fields)
    for n, state in enumerate(states, 1):
        factories.nomination(edition, n, state=state)
    for kind in STEPS[: STEPS.index(step)]:
        if edition.has(kind):
            close_step(edition, kind, by=factories.hat("office"), now=NOW)
    return Edition.objects.get(pk=edition.pk)


# The step that is not closed, who is where, and whether the edition may be ended there.
WHERE = [
    ("recommendation", (), True),
    ("recommendation", ("draft",), False),
    ("recommendation", ("recommendation",), False),
    ("recommendation", ("withdrawn",), True),
    ("screening", ("rejected", "withdrawn"), True),
    ("screening", ("draft", "recommendation"), True),
    ("screening", ("rejected", "screening"), False),
    ("review", ("rejected", "rejected"), True),
    ("review", ("rejected", "review"), False),
    ("voting", ("rejected", "draft"), True),
    ("voting", ("voting",), False),
    ("inspection", ("rejected",), True),
    ("inspection", ("inspection",), False),
    ("publicity", ("rejected",), True),
    ("publicity", ("inspection", "voting"), True),
]


@pytest.mark.parametrize(("step", "states", "may"), WHERE)
def test_where_nobody_is_left_it_may_be_ended_with_a_reason(office, step, states, may):
    edition = at(step, *states)
    assert (preview_conclude(edition).blocks == []) is may
    if not may:
        with pytest.raises(Refused, match="环节还没有关闭，请先办结该环节"):
            conclude(edition, by=office, now=NOW, reason="演示理由")
        return
    with pytest.raises(Refused, match="没有办完，请写明就此办结的理由"):
        conclude(edition, by=office, now=NOW)
    conclude(edition, by=office, now=NOW, reason=" 无一家合格 ")
    unheld = list(STEPS[STEPS.index(step) :])
    told = AuditEntry.objects.get(act="nominations.conclude").detail
    assert (told["reason"], told["unheld"]) == ("无一家合格", unheld)
    edition = Edition.objects.get(pk=edition.pk)
    assert edition.concluded_at == NOW and edition.current_step is None
    assert {row.state for row in edition.nominations.all()} <= {"rejected", "withdrawn"}
    assert [finding for check in CHECKS for finding in check.find()] == []


def test_one_sent_back_to_be_mended_is_waited_for(office):
    edition = at("screening", "screening")
    row = Nomination.objects.get()
    returning.send_back(row, by=office, now=NOW, codes=["other"], reason="补一项", deadline=NOW.date())
    assert len(preview_conclude(edition).blocks) == 1
    advance(row, "withdraw", by=office, now=NOW, note="企业申请")
    assert preview_conclude(edition).blocks == []


def test_where_a_list_was_published_only_the_publicity_closes_its_step(office):
    edition = published().edition
    assert str(preview_conclude(edition).blocks[0]).startswith("已经公示过名单，“提名公示”环节还没有关闭。")
    for row in edition.nominations.filter(state="publicity"):
        advance(row, "withdraw", by=office, now=NOW, note="企业申请")
    with pytest.raises(Refused, match="写明理由关闭该环节，再办结本届"):
        conclude(edition, by=office, now=NOW, reason="演示理由")


def test_the_page_asks_for_the_reason_where_one_is_needed(client, office):
    edition = at("review", "rejected")
    factories.sign_in(client, office)
    address = reverse("nominations:conclude", args=[edition.pk])
    assert address in client.get(edition.get_absolute_url()).content.decode()
    answer = client.get(address)
    assert "reason" in answer.context["form"].fields
    words = answer.content.decode()
    assert "没有办完的环节一并关闭：专家评审、公众投票、差额考察、提名公示。" in words
    assert client.post(address, {"reason": " "}).status_code == 200
    assert Edition.objects.get(pk=edition.pk).concluded_at is None
    assert client.post(address, {"reason": "无一家合格"}).status_code == 302
    assert Edition.objects.get(pk=edition.pk).concluded_at is not None

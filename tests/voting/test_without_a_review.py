"""An edition without 专家评审: all who qualify are voted on. And one without 公众投票: no page of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from nominations.models import Edition, Nomination
from nominations.services.conclusion import preview_conclude
from nominations.services.editions import change_edition
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.invariants import broken
from portal.models import AuditEntry
from review import services
from review.todo import todos as review_todos
from tests import factories
from tests.moments import NOW
from tests.review.conftest import at_screening, cleared
from tests.voting import ground
from voting.services import polls
from voting.todo import todos

VOTE_ALONE = {"expert_weight": Decimal(0), "vote_weight": Decimal(100)}
PANEL_ALONE = {"expert_weight": Decimal(100), "vote_weight": Decimal(0)}


@pytest.fixture(params=[("review",), ("review", "inspection")], ids="+".join)
def screened_out(request, db):
    """Three answered 无异议, waiting for the closing of the screening."""
    return cleared(at_screening(off=request.param, **VOTE_ALONE))


@pytest.fixture
def candidates(screened_out):
    services.close_screening(screened_out.edition, by=screened_out.office, now=NOW)
    screened_out.edition = Edition.objects.get(pk=screened_out.edition.pk)
    return screened_out


def all_holds():
    with connection.cursor() as cursor:
        # The chain of the record is closed at commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return broken() == {}


def set_up(place):
    return polls.set_up_poll(
        place.edition, by=place.office, now=NOW, opens=ground.OPENS, closes=ground.CLOSES
    )


def test_the_closing_of_the_screening_says_where_they_go_and_sends_them(client, screened_out):
    # The page goes by the real clock.
    change_edition(screened_out.edition, by=screened_out.office, now=NOW, finding_days=3650)
    factories.sign_in(client, screened_out.office)
    url = reverse("review:close_screening", args=[screened_out.edition.pk])
    words = client.get(url).content.decode()
    assert "3 家进入公众投票" in words and "进入专家评审" not in words
    words = client.post(url, follow=True).content.decode()
    assert "资格审查已关闭：3 家进入公众投票，0 家不予通过。" in words
    states = {Nomination.objects.get(pk=each.pk).state for each in screened_out.nominations}
    assert states == {State.VOTING}


def test_everybody_who_qualified_stands_on_the_ballot(candidates):
    poll = set_up(candidates)
    assert sorted(poll.candidates.values_list("nomination_id", flat=True)) == [
        each.pk for each in candidates.nominations
    ]
    poll = polls.open_poll(poll, by=candidates.office, now=NOW)
    frozen = AuditEntry.objects.get(act="nominations.freeze_rules").detail["rules"]
    assert "review" in frozen["off"] and frozen["vote_weight"] == "100"
    for change in ({"max_picks": 1}, {"off": ()}, {"off": ("review", "voting")}):
        with pytest.raises(Refused):
            change_edition(candidates.edition, by=candidates.office, now=NOW, **change)
    ground.cast(poll, (1,))
    result = polls.close_poll(poll, by=candidates.office, now=ground.CLOSES)
    assert sorted(row.picks for row in result.rows.all()) == [0, 0, 1]
    edition = Edition.objects.get(pk=candidates.edition.pk)
    following = "inspection" if edition.has("inspection") else "publicity"
    assert edition.current_step.kind == following
    # Nobody has moved, and nobody is left out of what the closing of the edition tells.
    assert {each.state for each in edition.nominations.all()} == {State.VOTING}
    preview = preview_conclude(edition)
    assert len(preview.rejected) == 3
    assert bool(preview.blocks) is edition.has("inspection")
    assert all_holds()


def test_before_the_screening_is_closed_there_is_nobody_to_vote_on(screened_out):
    with pytest.raises(Refused, match="请先关闭资格审查环节"):
        set_up(screened_out)


def test_the_pages_speak_of_who_qualified(client, candidates):
    factories.sign_in(client, candidates.office)
    for name in ("voting:poll", "voting:set_up"):
        words = client.get(reverse(name, args=[candidates.edition.pk])).content.decode()
        assert "提名企业" not in words and "专家评审权重" not in words, name
    set_up(candidates)
    words = client.get(reverse("voting:open_poll", args=[candidates.edition.pk])).content.decode()
    assert "公众投票权重 100%" in words and "专家评审权重" not in words
    assert ("差额比例" in words) is candidates.edition.has("inspection")


def test_nothing_waits_for_a_panel_that_is_not_there(client, candidates):
    assert review_todos(candidates.office, now=NOW) == []
    (line,) = todos(candidates.office, now=NOW)
    assert line.verb == "设置投票"
    factories.sign_in(client, candidates.office)
    for name in ("progress", "panel", "assign", "conflicts", "draw", "close_review", "discussion", "papers"):
        answer = client.get(reverse(f"review:{name}", args=[candidates.edition.pk]))
        assert answer.status_code == 404, name
    home = client.get(reverse("nominations:edition", args=[candidates.edition.pk])).content.decode()
    assert reverse("review:progress", args=[candidates.edition.pk]) not in home
    assert reverse("review:panel", args=[candidates.edition.pk]) not in home
    assert "本届不设" in home


def test_a_panel_cannot_be_seated_nor_given_work(candidates):
    expert = factories.hat("expert", username="expert1")
    seat = services.Seat("E01", expert.user.full_name, expert.user)
    for service in (
        lambda: services.seat_panel(candidates.edition, [seat], by=candidates.office, now=NOW),
        lambda: services.assign_all(candidates.edition, by=candidates.office, now=NOW),
        lambda: services.close_review(candidates.edition, by=candidates.office, now=NOW),
    ):
        with pytest.raises(Refused, match="未启用"):
            service()


def test_where_nobody_votes_there_is_no_page_and_nothing_to_do(client, db):
    edition = factories.edition(off=("voting",), **PANEL_ALONE)
    factories.nomination(edition, 1, state="review")
    office = factories.hat("office")
    assert todos(office, now=NOW) == []
    factories.sign_in(client, office)
    for name in ("poll", "set_up", "open_poll", "alarms", "cases"):
        answer = client.get(reverse(f"voting:{name}", args=[edition.pk]))
        assert answer.status_code == 404, name
    words = client.get(reverse("nominations:edition", args=[edition.pk])).content.decode()
    assert reverse("voting:poll", args=[edition.pk]) not in words
    assert "下发第一份评审任务时冻结" in words and "提名家数" not in words
    with pytest.raises(Refused, match="未启用"):
        polls.set_up_poll(
            edition,
            by=office,
            now=NOW,
            opens=NOW + timedelta(days=1),
            closes=NOW + timedelta(days=2),
        )
    assert edition.steps.get(kind=StepKind.VOTING).opens is None

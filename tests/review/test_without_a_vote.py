"""An edition without 公众投票: the panel's result ends the scoring, and its first task freezes the rules."""

import io
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from nominations.models import Edition, Nomination
from nominations.services.editions import change_edition
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.invariants import broken
from portal.models import AuditEntry
from review import services
from review.mine import CLOSED, DONE, tasks_of
from review.models import Assignment, PanelMember, kept_from
from review.services.assigning import give
from review.services.freezing import digest_of, standings_of, verify
from review.services.progress import of_experts
from review.services.reviewing import preview_review
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, at_screening, cleared, page, submit, text, under_review

WEIGHTS = {"expert_weight": Decimal(100), "vote_weight": Decimal(0)}


@pytest.fixture(params=[("voting",), ("voting", "inspection")], ids="+".join)
def unvoted(request, db):
    """Three under review for two seats, four experts, everybody assigned."""
    return under_review(cleared(at_screening(off=request.param, **WEIGHTS)))


@pytest.fixture
def scored(unvoted):
    """By hand, weights 35/30/35: 80, 90 and 80 — the first and the third tie."""
    for expert in range(3):
        for number, points in enumerate((80, 90, 80)):
            submit(unvoted, expert, number, points, points, points)
    return unvoted


def close(place):
    return services.close_review(place.edition, by=place.office, now=NOW)


def states(place):
    return [Nomination.objects.get(pk=each.pk).state for each in place.nominations]


def test_nobody_is_cut_and_nobody_moves(scored):
    result = close(scored)
    assert states(scored) == [State.REVIEW] * 3
    rows = [
        (row.nomination_id, row.rank, row.score, row.nominee) for row in result.rows.order_by("rank", "pk")
    ]
    first, second, third = (each.pk for each in scored.nominations)
    assert rows[0] == (second, 1, Fraction(90), False)
    assert sorted(rows[1:]) == sorted([(first, 2, Fraction(80), False), (third, 2, Fraction(80), False)])
    edition = Edition.objects.get(pk=scored.edition.pk)
    assert edition.step(StepKind.REVIEW).closed_at and not edition.step(StepKind.VOTING).closed_at
    following = "inspection" if edition.has("inspection") else "publicity"
    assert edition.current_step.kind == following
    told = AuditEntry.objects.get(act="review.close_review").detail
    assert (told["nominees"], told["cut"]) == ([], "")


def test_the_frozen_result_says_no_nominees_and_recomputes(scored):
    result = close(scored)
    assert result.inputs["rules"]["nominees"] == 0
    assert result.digest == digest_of(result.inputs) and verify(result) == []
    out = StringIO()
    call_command("verify_review", str(scored.edition.pk), stdout=out)
    assert result.digest in out.getvalue()
    standings = standings_of(scored.edition)
    assert [(each.rank, each.nominee, each.missed_by) for each in standings] == [
        (1, False, None),
        (2, False, None),
        (2, False, None),
    ]
    result.rows.filter(rank=1).update(nominee=True)
    assert len(verify(type(result).objects.get(pk=result.pk))) == 1


def test_the_preview_cuts_nobody(scored):
    preview = preview_review(scored.edition)
    assert (preview.nominees, preview.missed, preview.cut, preview.warning) == ([], [], None, None)
    assert len(preview.ranked) == 3 and not preview.at_the_cut and not preview.blocked


def test_the_score_table_has_no_column_of_nominees(scored):
    out = io.BytesIO()
    services.write_score_table(scored.edition, out, by=scored.office)
    heads = list(openpyxl.load_workbook(out)["汇总"].iter_rows(max_row=4, values_only=True))
    assert any("专家得分" in row for row in heads) and not any("提名" in row for row in heads)


def test_too_few_sheets_still_keep_it_open(unvoted):
    with pytest.raises(Refused, match="不足 3 份"):
        close(unvoted)


def test_the_first_task_freezes_the_rules(db):
    place = cleared(at_screening(off=("voting",), **WEIGHTS))
    services.close_screening(place.edition, by=place.office, now=NOW)
    change_edition(place.edition, by=place.office, now=NOW, min_sheets=2)
    expert = factories.hat("expert", username="expert1")
    seat = services.Seat("E01", expert.user.full_name, expert.user)
    services.seat_panel(place.edition, [seat], by=place.office, now=NOW)
    assert Edition.objects.get(pk=place.edition.pk).frozen_at is None
    give(PanelMember.objects.get(), place.nominations[0], by=place.office, now=NOW)
    frozen = Edition.objects.get(pk=place.edition.pk)
    assert frozen.frozen_at == NOW and len(frozen.digest) == 64
    assert AuditEntry.objects.get(act="nominations.freeze_rules").detail["rules"]["off"] == ["voting"]
    for change in (
        {"min_sheets": 3},
        {"seats": 1},
        {"dimensions": [("mechanism", "甲", "60"), ("platform", "乙", "20"), ("effect", "丙", "20")]},
        {"off": ()},
    ):
        with pytest.raises(Refused, match="随评审任务下发而冻结"):
            change_edition(place.edition, by=place.office, now=NOW, **change)
    change_edition(place.edition, by=place.office, now=NOW, notice_workdays=6)


def test_assigning_all_freezes_too_and_once(unvoted):
    assert Edition.objects.get(pk=unvoted.edition.pk).frozen_at == NOW
    assert AuditEntry.objects.filter(act="nominations.freeze_rules").count() == 1


def test_where_there_is_a_vote_a_task_freezes_nothing(reviewed):
    assert Edition.objects.get(pk=reviewed.edition.pk).frozen_at is None


def test_after_the_closing_everything_of_the_panel_is_over(scored):
    close(scored)
    line = of_experts(Edition.objects.get(pk=scored.edition.pk))[3]
    assert (line.assigned, line.open) == (3, 0)
    assert {each.status for each in tasks_of(scored.experts[0])} == {DONE}
    assert {each.status for each in tasks_of(scored.experts[3])} == {CLOSED}
    # An expert who is of the office too sees the scores from now on.
    both = factories.hat("office", username="expert1")
    assert not kept_from(both).exists()
    with pytest.raises(Refused, match="已经关闭"):
        submit(scored, 3, 0, 70, 70, 70)


def test_the_pages_of_a_closed_review_offer_nothing_more(scored, client):
    before = text(page(client, scored.office, "close_review", scored.edition))
    assert "综合排序" in before and "进入公众投票" not in before and "不予通过" not in before
    answer = client.post(reverse("review:close_review", args=[scored.edition.pk]), follow=True)
    assert "进入公众投票" not in text(answer) and "成绩已冻结" in text(answer)
    client.logout()
    mine = assignment(scored, 0, 0)
    shown = text(page(client, scored.experts[0], "sheet", mine))
    assert "重开" not in shown
    assert "可提名" not in text(page(client, scored.office, "progress", scored.edition))
    reopening = text(page(client, scored.office, "reopen_sheet", mine))
    assert "不能再改" in reopening
    waiting = Assignment.objects.filter(member__code="E04")
    waiting.update(declared_at=None)
    assert text(page(client, scored.experts[3], "declare")).count("演示企业") == 0


def test_the_invariants_hold(scored):
    close(scored)
    with connection.cursor() as cursor:
        # The chain of the record is closed at commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert broken() == {}

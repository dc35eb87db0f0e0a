"""Reminding experts, what keeps a review open, and the frozen result recomputed."""

import io
from datetime import timedelta
from fractions import Fraction
from io import StringIO

import openpyxl
import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nominations.states import StepKind
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import services
from review.models import Conflict, Discussion, OfficeRecusal, PanelMember, Recusal, Result
from review.services import reminders
from review.services.conflicts import pin
from review.services.freezing import verify
from review.services.progress import of_experts
from review.services.reviewing import preview_review
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare, page, submit, text


@pytest.fixture
def scored(reviewed):
    """Three of the four have scored all three, the fourth nothing."""
    for expert in range(3):
        for number in range(3):
            submit(reviewed, expert, number, 70 + 5 * expert + number, 80, 90 - number)
    return reviewed


def left(place):
    return {
        each.line.member.code: each.line.open for each in reminders.preview_reminders(place.edition, now=NOW)
    }


def test_only_who_has_not_finished_is_reminded_once_a_day(scored):
    everyone = [each.pk for each in scored.edition.panel.all()]
    assert left(scored) == {"E04": 3}
    assert reminders.remind_experts(scored.edition, everyone, by=scored.office, now=NOW) == 1
    told = Notification.objects.get(event="review.remind_experts", channel="site")
    assert told.recipient == scored.experts[3].user and "3 份" in told.subject
    assert AuditEntry.objects.get(act="review.remind_experts").detail["experts"] == ["E04"]
    with pytest.raises(Refused, match="今天已经催办过"):
        reminders.remind_experts(scored.edition, everyone, by=scored.office, now=NOW)
    assert (
        reminders.remind_experts(scored.edition, everyone, by=scored.office, now=NOW + timedelta(days=1)) == 1
    )


def test_who_finished_recused_or_left_is_not_reminded(scored):
    with pytest.raises(Refused, match="已经提交完"):
        finished = scored.edition.panel.get(code="E01")
        reminders.remind_experts(scored.edition, [finished.pk], by=scored.office, now=NOW)
    fourth = scored.edition.panel.get(code="E04")
    pin(fourth, scored.nominations[0], conflict=True, reason="演示", by=scored.office, now=NOW)
    assert left(scored) == {"E04": 2}
    PanelMember.objects.filter(pk=fourth.pk).update(standing=PanelMember.Standing.REPLACED)
    assert left(scored) == {}


@pytest.mark.parametrize(("days", "told"), [(4, 0), (3, 1), (2, 0), (1, 1), (0, 1), (-1, 0)])
def test_the_reminder_comes_three_days_one_day_before_and_on_the_day(scored, days, told):
    scored.edition.steps.filter(kind=StepKind.REVIEW).update(closes=NOW + timedelta(days=days))
    assert reminders.remind_experts_of(scored.edition, now=NOW) == told
    assert reminders.remind_experts_of(scored.edition, now=NOW) == 0


def test_a_conflict_that_stands_is_a_recusal_in_every_figure(scored):
    member = scored.edition.panel.get(code="E01")
    pin(member, scored.nominations[0], conflict=True, reason="演示", by=scored.office, now=NOW)
    line = of_experts(scored.edition)[0]
    assert (line.submitted, line.recused, line.due) == (2, 1, 2)
    assert preview_review(scored.edition).short[0].nomination == scored.nominations[0]


def test_an_opened_sheet_keeps_the_review_open_until_it_is_back(scored):
    submit(scored, 3, 0, 80, 80, 80)
    services.reopen_sheet(assignment(scored, 3, 0).sheet, reason="演示", by=scored.office, now=NOW)
    with pytest.raises(Refused, match="重开后没有再次提交"):
        services.close_review(scored.edition, by=scored.office, now=NOW)
    PanelMember.objects.filter(code="E04").update(standing=PanelMember.Standing.REPLACED)
    preview = preview_review(scored.edition, now=NOW)
    assert preview.blocked is None and preview.left >= 1 and preview.unfinished == 0


def test_a_running_discussion_keeps_the_review_open(scored):
    Discussion.objects.create(
        edition=scored.edition,
        opened_at=NOW,
        opened_by=scored.office,
        ends_at=NOW + timedelta(hours=2),
        spread={},
    )
    with pytest.raises(Refused, match="讨论轮还没有结束"):
        services.close_review(scored.edition, by=scored.office, now=NOW)
    services.close_review(scored.edition, by=scored.office, now=NOW + timedelta(hours=2))


def test_the_frozen_result_is_recomputed_and_a_change_is_found(scored, client):
    result = services.close_review(scored.edition, by=scored.office, now=NOW)
    assert verify(result) == []
    out = StringIO()
    call_command("verify_review", str(scored.edition.pk), stdout=out)
    assert result.digest in out.getvalue()
    assert "完全一致" in text(page(client, scored.office, "recompute", scored.edition))
    row = result.rows.order_by("rank").first()
    result.rows.filter(pk=row.pk).update(score=row.score + 1)
    assert len(verify(Result.objects.get(pk=result.pk))) == 1
    with pytest.raises(SystemExit):
        call_command("verify_review", str(scored.edition.pk), stdout=StringIO())
    result.inputs["rules"]["min_sheets"] = 2
    assert any("摘要" in str(each) for each in verify(result))


def test_the_score_table_has_every_detail(scored):
    declare(scored, 3, 0)
    services.submit_sheet(
        assignment(scored, 3, 0),
        scores=dict.fromkeys(("mechanism", "platform", "effect"), "88.5"),
        comment="总评的话",
        remarks={"effect": "效果突出"},
        version=0,
        by=scored.experts[3],
        now=NOW,
    )
    out = io.BytesIO()
    services.write_score_table(scored.edition, out, by=scored.office)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["汇总", "评语", "明细"]
    words = list(book["评语"].iter_rows(min_row=4, values_only=True))
    assert {(row[1], row[4]) for row in words} == {("E04", "效果突出"), ("E04", "总评的话")}
    details = list(book["明细"].iter_rows(min_row=4, values_only=True))
    assert len(details) == 12
    assert sum(1 for row in details if "未提交" in row) == 2
    assert any("专家签名" in str(row[0]) for row in book["汇总"].iter_rows(values_only=True))


def test_who_stepped_aside_takes_no_figure_away(scored):
    hat = factories.hat("office", username="office-aside")
    kept = scored.nominations[1]
    OfficeRecusal.objects.create(
        user=hat.user, nomination=kept, reason="演示", recorded_at=NOW, recorded_by=scored.office
    )
    out = io.BytesIO()
    services.write_score_table(scored.edition, out, by=hat)
    book = openpyxl.load_workbook(out)
    rows = [row for row in book["汇总"].iter_rows(min_row=4, values_only=True) if kept.subject_name in row]
    assert [each for each in rows[0] if each] == [kept.subject_name, "您已回避，不显示"]
    assert not [row for row in book["明细"].iter_rows(values_only=True) if kept.subject_name in row]


@given(st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_recused_or_conflicted_sheet_never_counts(scored, recused, barred):
    """Whoever of the three steps aside or is in conflict, the score is the mean of the others."""
    type(scored.edition).objects.filter(pk=scored.edition.pk).update(min_sheets=1)
    scored.edition.refresh_from_db()
    first = scored.nominations[0]
    Recusal.objects.all().delete()
    Conflict.objects.all().delete()
    for number in recused:
        Recusal.objects.create(
            assignment=assignment(scored, number, 0),
            kind="other",
            reason="演示",
            signature="演示",
            signed_at=NOW,
            signed_by=scored.experts[number],
        )
    for number in barred:
        Conflict.objects.create(
            member=assignment(scored, number, 0).member,
            nomination=first,
            state="pinned",
            source="office",
            reason="演示",
            set_at=NOW,
            set_by=scored.office,
        )
    # (70 + 5n)·35 + 80·30 + 90·35, over 100.
    counted = [Fraction((70 + 5 * n) * 35 + 2400 + 3150, 100) for n in range(3) if n not in recused | barred]
    found = next(each for each in preview_review(scored.edition).standings if each.nomination == first)
    assert found.outcome.valid == len(counted)
    assert found.outcome.score == (sum(counted) / len(counted) if counted else None)
    assert found.recused == len(recused | barred)

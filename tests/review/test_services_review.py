"""The panel: declarations, sheets, and the frozen result. Expectations by hand, weights 35/30/35."""

from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Nomination
from nominations.services import advance
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry
from review import services
from review.models import Assignment, Recusal, Result, ScoreSheet
from review.services.freezing import digest_of
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare, submit


def draft(place, expert, nomination, version=0, **scores):
    return services.save_sheet(
        assignment(place, expert, nomination),
        scores=scores,
        version=version,
        by=place.experts[expert],
        now=NOW,
    )


def test_every_member_reviews_every_nomination_once(reviewed):
    assert Assignment.objects.count() == 12
    assert services.assign_all(reviewed.edition, by=reviewed.office, now=NOW) == 0


def test_ones_own_employer_is_not_assigned(reviewed):
    own = reviewed.nominations[0].enterprise.credit_code
    seat = services.Seat("E09", "外请专家", None, "演示企业", own)
    services.seat_panel(reviewed.edition, [seat], by=reviewed.office, now=NOW)
    assert services.assign_all(reviewed.edition, by=reviewed.office, now=NOW) == 2
    assert not Assignment.objects.filter(member__code="E09", nomination=reviewed.nominations[0]).exists()


def test_a_number_and_a_seat_belong_to_one(reviewed):
    hat = reviewed.experts[0]
    for seat in (services.Seat("E01", "另一位"), services.Seat("E07", hat.user.full_name, hat.user)):
        with pytest.raises(Refused):
            services.seat_panel(reviewed.edition, [seat], by=reviewed.office, now=NOW)
    stranger = factories.hat("recommender").user
    with pytest.raises(Refused, match="没有专家身份"):
        services.seat_panel(
            reviewed.edition, [services.Seat("E08", "外人", stranger)], by=reviewed.office, now=NOW
        )


def test_nothing_is_scored_before_it_is_declared(reviewed):
    with pytest.raises(Refused, match="请先声明"):
        draft(reviewed, 0, 0, mechanism="80")
    with pytest.raises(Refused, match="签名应为"):
        services.declare_clear(
            [assignment(reviewed, 0, 0)], signature="别人", by=reviewed.experts[0], now=NOW
        )
    declare(reviewed, 0, 0)
    assert draft(reviewed, 0, 0, mechanism="80").version == 1


def test_an_expert_touches_own_sheets_only(reviewed):
    other = assignment(reviewed, 1, 0)
    with pytest.raises(PermissionDenied):
        services.save_sheet(other, scores={}, version=0, by=reviewed.experts[0], now=NOW)
    with pytest.raises(PermissionDenied):
        services.recuse(other, kind="other", reason="无", signature="无", by=reviewed.experts[0], now=NOW)


@pytest.mark.parametrize("points", ["80.25", "100.5", "-1", "NaN", "Infinity", "八十", "1e1000"])
def test_points_are_halves_between_0_and_100(reviewed, points):
    declare(reviewed, 0, 0)
    with pytest.raises(Refused):
        draft(reviewed, 0, 0, mechanism=points)
    assert not ScoreSheet.objects.exists()


def test_full_width_points_are_put_right(reviewed):
    declare(reviewed, 0, 0)
    sheet = draft(reviewed, 0, 0, mechanism="\uff18\uff18\uff0e\uff15")
    assert str(sheet.scores.get().points) == "88.5"


def test_two_windows_lose_nothing(reviewed):
    declare(reviewed, 0, 0)
    assert draft(reviewed, 0, 0, mechanism="80").version == 1
    assert draft(reviewed, 0, 0, version=1, mechanism="80", platform="70").version == 2
    with pytest.raises(Refused, match="另一个窗口"):
        draft(reviewed, 0, 0, version=1, mechanism="60")
    # Saying the same again changes nothing and counts nothing up.
    assert draft(reviewed, 0, 0, version=2, mechanism="80", platform="70").version == 2


def test_a_sheet_is_handed_in_whole_and_then_locked(reviewed):
    declare(reviewed, 0, 0)
    draft(reviewed, 0, 0, mechanism="80", platform="70")
    task = assignment(reviewed, 0, 0)
    with pytest.raises(Refused, match="全员创新效果"):
        services.submit_sheet(task, version=1, by=reviewed.experts[0], now=NOW)
    draft(reviewed, 0, 0, version=1, effect="90.5")
    services.submit_sheet(task, version=2, by=reviewed.experts[0], now=NOW)
    entry = AuditEntry.objects.get(act="review.score")
    # 80·35 + 70·30 + 90.5·35 = 8067.5, over 100.
    assert entry.detail["total"] == "3227/40"
    assert entry.detail["scores"] == {"mechanism": "80", "platform": "70", "effect": "90.5"}
    with pytest.raises(Refused, match="已经提交"):
        draft(reviewed, 0, 0, version=3, mechanism="99")
    with pytest.raises(Refused, match="已经提交"):
        services.submit_sheet(task, version=3, by=reviewed.experts[0], now=NOW)


def test_who_steps_aside_counts_no_more_even_after_handing_in(reviewed):
    for n in range(4):
        submit(reviewed, n, 0, 80, 80, 80)
    hat = reviewed.experts[0]
    services.recuse(assignment(reviewed, 0, 0), kind="kinship", signature=hat.user.full_name, by=hat, now=NOW)
    standing = next(
        each
        for each in services.preview_review(reviewed.edition).standings
        if each.nomination == reviewed.nominations[0]
    )
    assert standing.outcome.valid == 3
    assert [marks.status for marks in standing.marks] == ["recused", "valid", "valid", "valid"]
    assert ScoreSheet.objects.filter(assignment__recusal__isnull=False).count() == 1
    assert assignment(reviewed, 0, 0) not in Assignment.objects.open_to(hat)
    assert AuditEntry.objects.get(act="review.recuse").detail["sheet_set_aside"] is True
    with pytest.raises(Refused, match="已办理回避"):
        draft(reviewed, 0, 0, version=2, mechanism="1")


def test_an_unspecified_reason_is_written_out(reviewed):
    hat = reviewed.experts[0]
    with pytest.raises(Refused, match="写明"):
        services.recuse(
            assignment(reviewed, 0, 0), kind="other", signature=hat.user.full_name, by=hat, now=NOW
        )
    assert not Recusal.objects.exists()


def fill(place):
    """Three sheets each: 90·, 80·, 70· for the first, second and third nomination."""
    for nomination, points in enumerate((90, 80, 70)):
        for expert in range(3):
            submit(place, expert, nomination, points, points, points + expert)


def test_the_result_is_what_the_sheets_come_to(reviewed):
    fill(reviewed)
    result = services.close_review(reviewed.edition, by=reviewed.office, now=NOW)
    rows = {row.nomination_id: row for row in result.rows.all()}
    # Three sheets, so a plain mean: (x + x + 0.35 + x + 0.70) / 3 = x + 0.35.
    first, second, third = (rows[each.pk] for each in reviewed.nominations)
    assert [row.score for row in (first, second, third)] == [
        Fraction(9035, 100),
        Fraction(8035, 100),
        Fraction(7035, 100),
    ]
    assert [(row.rank, row.nominee, row.sheets) for row in (first, second, third)] == [
        (1, True, 3),
        (2, True, 3),
        (3, False, 3),
    ]
    assert first.median == Fraction(9035, 100)
    assert str(first.deviation) == "0.2858"  # the root of (0.35² + 0 + 0.35²) / 3
    assert result.digest == digest_of(Result.objects.get().inputs)
    sheets = result.inputs["nominations"][str(reviewed.nominations[0].pk)]["sheets"]
    assert sheets[0] == {
        "expert": "E01",
        "valid": True,
        "status": "valid",
        "scores": {"mechanism": "90", "platform": "90", "effect": "90"},
    }
    assert sheets[3] == {"expert": "E04", "valid": False, "status": "unfinished"}
    missed = Nomination.objects.get(pk=reviewed.nominations[2].pk)
    assert missed.state == State.REJECTED
    assert missed.ended_reason == "专家评审第 3 名，得分 70.35，低于提名的最后得分 80.35，相差 10.00。"
    with pytest.raises(Refused, match="已经关闭"):
        services.close_review(reviewed.edition, by=reviewed.office, now=NOW)
    with pytest.raises(Refused, match="已经关闭"):
        submit(reviewed, 3, 0, 1, 1, 1)


def test_all_who_tie_at_the_cut_are_nominees(reviewed):
    for nomination, points in enumerate((90, 80, 80)):
        for expert in range(3):
            submit(reviewed, expert, nomination, points, points, points)
    preview = services.preview_review(reviewed.edition)
    assert (len(preview.nominees), preview.grew_by) == (3, 1)
    assert [each.nomination for each in preview.at_the_cut] == reviewed.nominations[1:]
    assert "增加 1 家" in str(preview.warning)


def test_too_few_sheets_block_and_are_named(reviewed):
    fill(reviewed)
    hat = reviewed.experts[0]
    services.recuse(
        assignment(reviewed, 0, 2), kind="employment", signature=hat.user.full_name, by=hat, now=NOW
    )
    with pytest.raises(Refused, match="不足 3 份") as refusal:
        services.close_review(reviewed.edition, by=reviewed.office, now=NOW)
    assert reviewed.nominations[2].subject_name in str(refusal.value)
    assert not Result.objects.exists()
    assert set(reviewed.edition.nominations.values_list("state", flat=True)) == {State.REVIEW}


def test_the_withdrawn_never_count(reviewed):
    fill(reviewed)
    advance(reviewed.nominations[0], "withdraw", by=reviewed.office, now=NOW, note="企业申请撤回")
    result = services.close_review(reviewed.edition, by=reviewed.office, now=NOW)
    assert [row.nomination for row in result.rows.all()] == reviewed.nominations[1:]
    assert [row.rank for row in result.rows.all()] == [1, 2]


def test_only_the_host_office_closes(reviewed):
    for hat in (
        reviewed.experts[0],
        factories.hat("office", "市南区"),
        factories.hat("auditor"),
        factories.hat("admin"),
    ):
        with pytest.raises(PermissionDenied):
            services.close_review(reviewed.edition, by=hat, now=NOW)

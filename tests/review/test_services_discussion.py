"""The discussion round: the spread without names, both versions kept, and what counts in the end."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Edition
from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from review import rules, services, tasks
from review.models import Discussion, ScoreSheet
from review.services.discussed import spread_of
from review.services.discussion import close_discussion, open_discussion
from review.services.sheet_history import history_of
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, page, submit, text, url

ENDS = NOW + timedelta(days=2)
LATER = ENDS + timedelta(minutes=1)
#: Points of the four experts in every dimension, so that a total is the points themselves.
POINTS = (60, 70, 90, 100)


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ([80, 60, 70], (3, 60, 65, 70, 75, 80)),
        ([60, 70, 90, 100], (4, 60, Fraction(135, 2), 80, Fraction(185, 2), 100)),
        ([1, 2, 3, 4, 5], (5, 1, 2, 3, 4, 5)),
        ([50, 50, 50], (3, 50, 50, 50, 50, 50)),
        ([80, 60], None),
        ([], None),
    ],
)
def test_the_spread_by_hand(totals, expected):
    found = rules.spread(map(Fraction, totals))
    assert (tuple(vars(found).values()) if found else None) == expected


@pytest.mark.parametrize(
    ("handed_in", "before", "counts"),
    [(True, True, False), (False, True, True), (True, False, False), (False, False, False)],
)
def test_what_counts_as_before(handed_in, before, counts):
    assert rules.counts_as_before(handed_in=handed_in, before=before) is counts


@pytest.fixture
def full(reviewed):
    """Every sheet is in, the edition has a round, and 市总 may open it."""
    Edition.objects.update(discussion=True)
    for nomination in range(3):
        for expert, points in enumerate(POINTS):
            submit(reviewed, expert, nomination, points, points, points)
    return reviewed


def begin(place, by=None, ends_at=ENDS, now=NOW):
    return open_discussion(place.edition, ends_at=ends_at, by=by or place.office, now=now)


def revise(place, expert, nomination, points, *, hand_in=True, now=NOW):
    task = assignment(place, expert, nomination)
    scores = dict.fromkeys(("mechanism", "platform", "effect"), str(points))
    act = services.submit_sheet if hand_in else services.save_sheet
    return act(task, scores=scores, version=task.sheet.version, by=place.experts[expert], now=now)


def totals(place, nomination=0):
    standings = services.preview_review(place.edition).standings
    mine = next(each for each in standings if each.nomination == place.nominations[nomination])
    return [each.total for each in mine.marks]


@pytest.mark.django_db
class TestOpening:
    def test_it_keeps_the_spread_and_every_sheet_and_opens_them(self, full):
        kept = begin(full)
        assert kept.spread[str(full.nominations[0].pk)] == {
            "n": 4,
            "least": "60",
            "lower": "135/2",
            "middle": "80",
            "upper": "185/2",
            "most": "100",
        }
        sheets = list(ScoreSheet.objects.all())
        assert all(each.submitted_at is None and each.version == 3 for each in sheets)
        before = assignment(full, 0, 0).sheet.before_discussion
        assert before["scores"] == {"mechanism": "60", "platform": "60", "effect": "60"}
        told = Notification.objects.filter(event="review.open_discussion", channel="site")
        assert {each.recipient for each in told} == {hat.user for hat in full.experts}
        assert AuditEntry.objects.get(act="review.open_discussion").detail["sheets"] == 12

    def test_not_before_every_sheet_is_in(self, reviewed):
        Edition.objects.update(discussion=True)
        submit(reviewed, 0, 0, 80, 80, 80)
        with pytest.raises(Refused, match="还有 11 份评分表没有提交"):
            begin(reviewed)

    def test_not_where_the_edition_has_none_nor_twice_nor_in_the_past(self, full):
        with pytest.raises(Refused, match="应晚于现在"):
            begin(full, ends_at=NOW)
        begin(full)
        with pytest.raises(Refused, match="已经开过"):
            begin(full)
        Edition.objects.update(discussion=False)
        with pytest.raises(Refused, match="没有设讨论轮"):
            begin(full)

    def test_only_the_host_office(self, full):
        for hat in (full.experts[0], factories.hat("office", "市南区"), factories.hat("auditor")):
            with pytest.raises(PermissionDenied):
                begin(full, by=hat)

    def test_of_two_sheets_nothing_is_shown(self, full):
        for expert in (0, 1):
            hat = full.experts[expert]
            services.recuse(assignment(full, expert, 0), kind="kinship", by=hat, now=NOW)
        begin(full)
        assert spread_of(full.nominations[0]) is None
        assert spread_of(full.nominations[1]).n == 4
        # Who stepped aside is asked nothing.
        assert assignment(full, 0, 0).sheet.before_discussion is None


@pytest.mark.django_db
class TestCounting:
    def test_a_sheet_counts_as_before_until_it_is_handed_in_again(self, full):
        begin(full)
        assert totals(full) == [60, 70, 90, 100]
        revise(full, 0, 0, 75)
        revise(full, 1, 0, 99, hand_in=False)
        assert totals(full) == [75, 70, 90, 100]
        assert assignment(full, 0, 0).sheet.before_discussion["scores"]["effect"] == "60"

    def test_at_the_end_what_was_not_handed_in_is_put_back(self, full):
        begin(full)
        revise(full, 0, 0, 75)
        revise(full, 1, 0, 99, hand_in=False)
        with pytest.raises(Refused, match="还没有到截止时间"):
            close_discussion(full.edition, by=full.office, now=NOW)
        with pytest.raises(Refused, match="讨论轮已经结束"):
            revise(full, 1, 0, 98, now=LATER)
        assert close_discussion(full.edition, by=Membership.objects.system(), now=LATER) == 11
        assert close_discussion(full.edition, by=full.office, now=LATER) == 0
        sheet = assignment(full, 1, 0).sheet
        assert sheet.submitted_at == NOW
        assert {str(each.points) for each in sheet.scores.all()} == {"70.0"}
        assert totals(full) == [75, 70, 90, 100]
        assert AuditEntry.objects.filter(act="review.close_discussion").count() == 1

    def test_the_sweep_closes_what_is_over_and_may_run_twice(self, full):
        begin(full)
        Discussion.objects.update(ends_at=NOW)
        tasks.close_discussions()
        tasks.close_discussions()
        assert not ScoreSheet.objects.filter(submitted_at__isnull=True).exists()

    def test_closing_the_step_waits_for_the_end_and_counts_both(self, full):
        begin(full)
        revise(full, 0, 0, 75)
        revise(full, 1, 0, 99, hand_in=False)
        with pytest.raises(Refused, match="讨论"):
            services.close_review(full.edition, by=full.office, now=NOW)
        result = services.close_review(full.edition, by=full.office, now=LATER)
        sheets = result.inputs["nominations"][str(full.nominations[0].pk)]["sheets"]
        assert [each["scores"]["effect"] for each in sheets] == ["75", "70", "90", "100"]
        assert not ScoreSheet.objects.filter(submitted_at__isnull=True).exists()

    def test_the_office_reopens_a_sheet_after_the_round(self, full):
        """It counts by what is handed in next, and the round no longer stands in its way."""
        begin(full)
        close_discussion(full.edition, by=full.office, now=LATER)
        sheet = assignment(full, 0, 0).sheet
        kept = services.reopen_sheet(sheet, reason="评语写错了企业", by=full.office, now=LATER)
        assert kept.content["before_discussion"]["scores"]["effect"] == "60"
        assert totals(full) == [None, 70, 90, 100]
        revise(full, 0, 0, 65, now=LATER)
        assert totals(full) == [65, 70, 90, 100]


@pytest.mark.django_db
class TestPages:
    def test_the_office_opens_it_on_a_page(self, client, full):
        shown = text(page(client, full.office, "discussion", full.edition))
        assert "已提交的 12 份评分表全部重新打开" in shown
        ends = "2099-01-01T00:00"
        assert client.post(url("discussion", full.edition), {"ends_at": ends}).status_code == 302
        assert Discussion.objects.exists()
        assert "讨论轮已于" in text(client.get(url("discussion", full.edition)))

    def test_the_expert_sees_the_spread_without_names(self, client, full):
        Discussion.objects.all().delete()
        begin(full)
        Discussion.objects.update(ends_at="2099-01-01T00:00Z")
        shown = text(page(client, full.experts[0], "sheet", assignment(full, 0, 0)))
        for words in ("4 份，不记名", "67.50", "80.00", "92.50", "按讨论前的评分计"):
            assert words in shown
        for hat in full.experts[1:]:
            assert hat.user.full_name not in shown
        for code in ("E02", "E03", "E04"):
            assert code not in shown
        assert "讨论中，可以修改" in text(client.get(url("sheets")))

    def test_the_office_reads_what_was_handed_in_and_no_draft(self, client, full):
        begin(full)
        revise(full, 0, 0, "61.5", hand_in=False)
        shown = text(page(client, full.office, "sheet", assignment(full, 0, 0)))
        assert "讨论前的评分" in shown and "60.00" in shown and "61.5" not in shown
        revise(full, 0, 0, "62.5")
        shown = text(client.get(url("sheet", assignment(full, 0, 0))))
        assert "62.50" in shown and "60.00" in shown

    def test_no_spread_before_the_round(self, client, full):
        for who in full.experts:
            shown = text(page(client, who, "sheet", assignment(full, full.experts.index(who), 0)))
            assert "不记名" not in shown


@pytest.mark.django_db(transaction=True)
def test_the_history_tells_the_round(full):
    begin(full)
    revise(full, 0, 0, 75)
    sheet = assignment(full, 0, 0).sheet
    for hat in (full.experts[0], full.office):
        assert [past.what for past in history_of(sheet, hat)] == ["提交", "讨论轮开始，可以修改", "提交"]

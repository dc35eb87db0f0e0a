"""One sheet over its life: remarks, two windows, reopening, what it said before."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Edition
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from review import services
from review.models import OfficeRecusal, Reopening, ScoreSheet
from review.services.conflicts import pin
from review.services.sheet_history import history_of, version_of, versions_of
from tests import factories
from tests.moments import NOW
from tests.review.conftest import assignment, declare, submit
from tests.review.test_concurrency import at_once, refusals

CODES = ("mechanism", "platform", "effect")


def save(place, version, minutes=0, expert=0, nomination=0, comment=None, remarks=None, **scores):
    return services.save_sheet(
        assignment(place, expert, nomination),
        scores=scores,
        comment=comment,
        remarks=remarks,
        version=version,
        by=place.experts[expert],
        now=NOW + timedelta(minutes=minutes),
    )


def reopen(place, expert=0, nomination=0, reason="第二项得分与评语不符", by=None, minutes=0):
    return services.reopen_sheet(
        assignment(place, expert, nomination).sheet,
        reason=reason,
        by=by or place.office,
        now=NOW + timedelta(minutes=minutes),
    )


@pytest.mark.django_db
class TestRemarks:
    def test_a_dimension_keeps_its_own_and_what_is_not_said_stays(self, reviewed):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80", comment="总的好", remarks={"mechanism": " 制度健全 "})
        sheet = save(reviewed, 1, platform="70", remarks={"platform": "一般"})
        assert sheet.remarks == {"mechanism": "制度健全", "platform": "一般"}
        assert sheet.comment == "总的好"
        sheet = save(reviewed, 2, remarks={"mechanism": ""})
        assert sheet.remarks == {"platform": "一般"}
        with pytest.raises(Refused, match="没有“luck”这一维度"):
            save(reviewed, 3, remarks={"luck": "?"})

    def test_they_are_asked_for_when_handing_in_and_not_while_writing(self, reviewed):
        Edition.objects.update(comment_below=60, comment_above=Decimal("95.5"))
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="59.5", platform="95.5", effect="96")
        task, hat = assignment(reviewed, 0, 0), reviewed.experts[0]
        with pytest.raises(Refused, match=r"“全员创新机制建设”得 59\.5 分，低于 60 分"):
            services.submit_sheet(task, version=1, by=hat, now=NOW)
        save(reviewed, 1, remarks={"mechanism": "制度尚未成文"})
        with pytest.raises(Refused, match=r"“全员创新效果”得 96 分，高于 95\.5 分"):
            services.submit_sheet(task, version=2, by=hat, now=NOW)
        save(reviewed, 2, remarks={"effect": "获国家级奖项"})
        services.submit_sheet(task, version=3, by=hat, now=NOW)
        assert AuditEntry.objects.get(act="review.score").detail["remarks"] == {
            "mechanism": "制度尚未成文",
            "effect": "获国家级奖项",
        }

    def test_paper_is_entered_as_it_is(self, reviewed):
        Edition.objects.update(comment_below=60)
        task = assignment(reviewed, 0, 0)
        scores = dict.fromkeys(CODES, "50")
        assert services.submit_sheet(task, scores=scores, version=0, by=reviewed.office, now=NOW).submitted_at


@pytest.mark.django_db
class TestTwoWindows:
    def test_what_another_window_left_is_not_written_over(self, reviewed):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80")
        save(reviewed, 1, platform="70")
        with pytest.raises(services.Moved) as moved:
            save(reviewed, 1, platform="60")
        assert moved.value.params == {"there": 2, "here": 1}
        assert [str(each.points) for each in ScoreSheet.objects.get().scores.all()] == ["80.0", "70.0"]

    def test_the_same_said_again_is_the_same_save(self, reviewed):
        """The answer to a save was lost on the way, and the page asks again with the version it knows."""
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80", remarks={"mechanism": "好"})
        again = save(reviewed, 0, mechanism="80.0", remarks={"mechanism": "好"})
        assert (again.version, ScoreSheet.objects.count()) == (1, 1)


@pytest.mark.django_db
class TestReopening:
    def test_it_unlocks_tells_and_keeps_what_was_said(self, reviewed):
        submit(reviewed, 0, 0, 80, 70, 90.5)
        kept = reopen(reviewed, minutes=5)
        sheet = ScoreSheet.objects.get()
        assert (sheet.submitted_at, sheet.version) == (None, 3)
        assert kept.content == {
            "scores": {"mechanism": "80", "platform": "70", "effect": "90.5"},
            "remarks": {},
            "comment": "",
            "submitted_at": NOW.isoformat(),
            "version": 2,
            # 80·35 + 70·30 + 90.5·35 = 8067.5, over 100.
            "total": "3227/40",
            "before_discussion": None,
        }
        entry = AuditEntry.objects.get(act="review.reopen_sheet")
        assert (entry.detail["reason"], entry.detail["expert"]) == ("第二项得分与评语不符", "E01")
        told = Notification.objects.get(event="review.reopen_sheet", channel="site")
        assert told.recipient == reviewed.experts[0].user and "第二项得分与评语不符" in told.body
        marks = services.preview_review(reviewed.edition).standings
        mine = next(each for each in marks if each.nomination == reviewed.nominations[0])
        assert mine.marks[0].status == "unfinished"
        save(reviewed, 3, platform="75")
        services.submit_sheet(assignment(reviewed, 0, 0), version=4, by=reviewed.experts[0], now=NOW)
        assert ScoreSheet.objects.get().submitted_at

    def test_a_window_that_was_open_before_does_not_write_over_it(self, reviewed):
        submit(reviewed, 0, 0, 80, 70, 90)
        reopen(reviewed)
        with pytest.raises(services.Moved):
            save(reviewed, 2, platform="1")

    def test_only_the_host_office(self, reviewed):
        submit(reviewed, 0, 0, 80, 70, 90)
        for hat in (
            *reviewed.experts[:2],
            factories.hat("office", "市南区"),
            factories.hat("auditor"),
            factories.hat("recommender"),
            factories.hat("admin"),
        ):
            with pytest.raises(PermissionDenied):
                reopen(reviewed, by=hat)

    def test_not_without_a_reason_nor_before_it_is_handed_in(self, reviewed):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80")
        with pytest.raises(Refused, match="还没有提交"):
            reopen(reviewed)
        submit(reviewed, 1, 0, 80, 70, 90)
        with pytest.raises(Refused, match="写明重开评分表的理由"):
            reopen(reviewed, 1, reason="  ")
        assert not Reopening.objects.exists()

    def test_not_by_who_stepped_aside_in_the_office(self, reviewed):
        submit(reviewed, 0, 0, 80, 70, 90)
        OfficeRecusal.objects.create(
            user=reviewed.office.user,
            nomination=reviewed.nominations[0],
            reason="亲属",
            recorded_at=NOW,
            recorded_by=reviewed.office,
        )
        with pytest.raises(Refused, match="您已登记回避"):
            reopen(reviewed)

    def test_not_where_a_conflict_stands_nor_after_the_step_is_closed(self, reviewed):
        for n in range(3):
            for expert in range(4):
                submit(reviewed, expert, n, 80 + n, 80, 80)
        pin(
            assignment(reviewed, 0, 0).member,
            reviewed.nominations[0],
            conflict=True,
            reason="任职单位有业务往来",
            by=reviewed.office,
            now=NOW,
        )
        with pytest.raises(Refused, match="须回避"):
            reopen(reviewed)
        services.close_review(reviewed.edition, by=reviewed.office, now=NOW)
        with pytest.raises(Refused, match="已经关闭"):
            reopen(reviewed, 1)


@pytest.mark.django_db(transaction=True)
class TestHistory:
    def changes(self, past):
        return [(each.title, each.before, each.after) for each in past.changes]

    def test_each_version_is_whole_and_the_list_says_what_changed(self, reviewed):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80", comment="好")
        save(reviewed, 1, minutes=3, mechanism="82.5", platform="70")
        save(reviewed, 2, minutes=30, platform=None, remarks={"mechanism": "制度健全"})
        save(reviewed, 3, minutes=31, platform="71", effect="90")
        task, hat = assignment(reviewed, 0, 0), reviewed.experts[0]
        services.submit_sheet(task, version=4, by=hat, now=NOW + timedelta(minutes=32))
        reopen(reviewed, minutes=40)
        save(reviewed, 6, minutes=50, effect="88")
        sheet = task.sheet
        assert [(each.number, each.scores) for each in versions_of(sheet)] == [
            (1, {"mechanism": "80"}),
            (2, {"mechanism": "82.5", "platform": "70"}),
            (3, {"mechanism": "82.5"}),
            (4, {"mechanism": "82.5", "platform": "71", "effect": "90"}),
            (5, {"mechanism": "82.5", "platform": "71", "effect": "90"}),
            (6, {"mechanism": "82.5", "platform": "71", "effect": "90"}),
            (7, {"mechanism": "82.5", "platform": "71", "effect": "88"}),
        ]
        assert version_of(sheet, 2).comment == "好" and version_of(sheet, 9) is None
        told = history_of(sheet, hat)
        assert [(past.number, past.what) for past in told] == [
            (7, "保存"),
            (6, "办公室重开"),
            (5, "提交"),
            (4, "保存"),
            (2, "保存"),
        ]
        assert self.changes(told[0]) == [("全员创新效果", "90", "88")]
        assert told[1].why == "第二项得分与评语不符"
        assert self.changes(told[3]) == [
            ("全员创新平台载体建设", "70", "71"),
            ("全员创新效果", "", "90"),
            ("全员创新机制建设的评语", "", "制度健全"),
        ]
        # The office reads what was handed in and that it was reopened, nothing written since.
        assert [past.number for past in history_of(sheet, reviewed.office)] == [6, 5, 4, 2]

    def test_a_draft_has_no_history_for_the_office(self, reviewed):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80")
        sheet = assignment(reviewed, 0, 0).sheet
        assert len(history_of(sheet, reviewed.experts[0])) == 1
        assert history_of(sheet, reviewed.office) == history_of(sheet, factories.hat("auditor")) == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("_round", range(3))
    def test_two_saves_of_one_version_keep_one_and_refuse_one(self, reviewed, _round):
        declare(reviewed, 0, 0)
        save(reviewed, 0, mechanism="80")
        outcomes = at_once(
            lambda: save(reviewed, 1, platform="70"), lambda: save(reviewed, 1, platform="60", effect="50")
        )
        (refused,) = refusals(outcomes)
        assert isinstance(refused, services.Moved)
        assert ScoreSheet.objects.get().version == 2

    @pytest.mark.parametrize("_round", range(3))
    def test_a_save_and_a_reopening(self, reviewed, _round):
        """A window that still holds the version handed in never writes over the reopened sheet."""
        submit(reviewed, 0, 0, 80, 70, 90)
        outcomes = at_once(lambda: reopen(reviewed), lambda: save(reviewed, 2, platform="1"))
        assert isinstance(outcomes[0], Reopening)
        assert len(refusals(outcomes)) == 1
        assert {str(each.points) for each in ScoreSheet.objects.get().scores.all()} == {
            "80.0",
            "70.0",
            "90.0",
        }

    def test_two_of_the_office_reopen_once(self, reviewed):
        submit(reviewed, 0, 0, 80, 70, 90)
        outcomes = at_once(lambda: reopen(reviewed), lambda: reopen(reviewed))
        assert len(refusals(outcomes)) == 1 and Reopening.objects.count() == 1

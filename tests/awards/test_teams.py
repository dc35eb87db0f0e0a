"""Teams: made, changed with a reason and a history, given visits, retired."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Inspection, TeamMember
from awards.services import team_places, teams
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories as make
from tests.awards.teamwork import SAT, THU, TUE, WED, give, person, planned, team
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.hat("office")


def change(row, leader, *members, others=(), by, reason="", name=""):
    return teams.change_team(
        row,
        name=name,
        leader=person(leader).user,
        members=[person(each).user for each in members],
        others=list(others),
        reason=reason,
        by=by,
        now=NOW,
    )


def seats(row):
    return [(member.name, member.leader, member.left_reason) for member in row.members.order_by("pk")]


def test_teams_are_numbered_and_have_one_leader(office):
    edition, _visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁", others=["演示戊"])
    assert [(row.number, row.name) for row in (one, two)] == [(1, "第1考察组"), (2, "第2考察组")]
    assert seats(two) == [("演示丙", True, ""), ("演示丁", False, ""), ("演示戊", False, "")]
    entry = AuditEntry.objects.filter(act="awards.manage_teams").last()
    assert entry.detail["members"] == ["演示丙（组长）", "演示丁", "演示戊"]
    assert entry.edition_id == edition.pk


@pytest.mark.parametrize(
    ("members", "others", "sentence"),
    [
        ([], [], "至少选一名成员"),
        (["演示甲"], [], "组长不能同时是成员"),
        ([], ["演示甲"], "演示甲重名"),
        ([], ["演" * 201], "姓名合计超过 200 字"),
    ],
)
def test_a_team_that_cannot_sign_is_refused(office, members, others, sentence):
    edition, _visits = planned()
    with pytest.raises(Refused, match=sentence):
        team(edition, "演示甲", *members, others=others)
    assert not edition.teams.exists()


def test_only_inspectors_who_may_be_sent_and_only_by_the_own_office(office):
    edition, _visits = planned()
    with pytest.raises(Refused, match="不是考察组成员"):
        teams.make_team(
            edition, leader=make.hat("expert").user, members=[person("演示乙").user], by=office, now=NOW
        )
    with pytest.raises(PermissionDenied):
        team(edition, "演示甲", "演示乙", by=make.hat("office", "市南区"))
    with pytest.raises(PermissionDenied):
        team(edition, "演示甲", "演示乙", by=person("演示甲"))
    teams.keep_inspector(edition, person("演示乙").user, active=False, by=office, now=NOW)
    with pytest.raises(Refused, match="演示乙现在不能派出"):
        team(edition, "演示甲", "演示乙")


def test_who_leaves_stays_in_the_history_with_the_reason_and_visits_follow(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give([visits["A"], visits["B"]], row)
    done = visits["B"]
    Inspection.objects.filter(pk=done.pk).update(
        verdict="passed", visited_on=date(2026, 6, 1), recorded_at=NOW, recorded_by=office
    )
    with pytest.raises(Refused, match="演示乙退出或改任，请写明原因"):
        change(row, "演示甲", "演示丙", by=office)
    change(row, "演示甲", "演示丙", by=office, reason="岗位调整")
    assert seats(row) == [("演示甲", True, ""), ("演示乙", False, "岗位调整"), ("演示丙", False, "")]
    open_one = Inspection.objects.get(pk=visits["A"].pk)
    assert (open_one.leader_name, open_one.member_names) == ("演示甲", "演示丙")
    assert {user.full_name for user in open_one.inspectors.all()} == {"演示甲", "演示丙"}
    assert Inspection.objects.get(pk=done.pk).member_names == "演示乙"
    entry = AuditEntry.objects.filter(act="awards.manage_teams").last()
    assert (entry.detail["left"], entry.detail["joined"]) == (["演示乙"], ["演示丙"])


def test_a_leader_who_hands_over_is_two_lines_of_the_history(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give(visits["A"], row)
    change(row, "演示乙", "演示甲", by=office, reason="轮换")
    assert seats(row) == [
        ("演示甲", True, "轮换"),
        ("演示乙", False, "轮换"),
        ("演示乙", True, ""),
        ("演示甲", False, ""),
    ]
    visit = Inspection.objects.get(pk=visits["A"].pk)
    assert (visit.leader_name, visit.member_names) == ("演示乙", "演示甲")


def test_saying_the_same_again_changes_nothing(office):
    edition, _visits = planned()
    row = team(edition, "演示甲", "演示乙")
    change(row, "演示甲", "演示乙", by=office)
    assert TeamMember.objects.count() == 2
    assert AuditEntry.objects.filter(act="awards.manage_teams").count() == 1


def test_two_teams_do_not_have_one_name(office):
    edition, _visits = planned()
    team(edition, "演示甲", "演示乙")
    other = team(edition, "演示丙", "演示丁")
    with pytest.raises(Refused, match="已经有“第1考察组”"):
        change(other, "演示丙", "演示丁", by=office, name="第1考察组")
    assert change(other, "演示丙", "演示丁", by=office, name="西线组").name == "西线组"


def test_a_visit_given_to_a_team_has_its_people_and_they_are_told(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙", others=["演示戊"])
    [visit] = give(visits["A"], row, WED, "am")
    visit.refresh_from_db()
    assert (visit.team, visit.planned_on, visit.slot, visit.route) == (row, WED, "am", 1)
    assert (visit.leader_name, visit.member_names) == ("演示甲", "演示乙、演示戊")
    assert list(Inspection.objects.visible_to(person("演示乙"))) == [visit]
    told = Notification.objects.filter(event="awards.inspection_assigned")
    assert {each.recipient.full_name for each in told} == {"演示甲", "演示乙"}
    assert {member.name for member in teams.members_on(visit)} == {"演示甲", "演示乙", "演示戊"}


def test_another_team_needs_a_reason_and_the_former_sees_the_visit_no_more(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示丙", "演示丁")
    give(visits["A"], one)
    with pytest.raises(Refused, match="原由“第1考察组”考察，改派须写明理由"):
        give(visits["A"], two)
    give(visits["A"], two, reason="第1组另有任务")
    assert not Inspection.objects.visible_to(person("演示甲")).exists()
    assert AuditEntry.objects.filter(act="awards.assign_team").last().detail["reason"] == "第1组另有任务"
    # The day alone is moved without one.
    give(visits["A"], two, THU)


@pytest.mark.parametrize(
    ("day", "options", "sentence"),
    [
        (SAT, {}, "不是工作日"),
        (date(2031, 6, 3), {}, "放假安排还没有录入"),
        (date(2026, 5, 29), {}, "早于今天"),
    ],
)
def test_a_day_that_is_not_worked_must_be_meant(office, day, options, sentence):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    with pytest.raises(Refused, match=sentence):
        give(visits["A"], row, day, **options)
    if day > TUE:
        [visit] = give(visits["A"], row, day, off_days_confirmed=True)
        assert visit.planned_on == day


def test_all_or_none(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    Inspection.objects.filter(pk=visits["B"].pk).update(
        verdict="passed", visited_on=date(2026, 6, 1), recorded_at=NOW, recorded_by=office
    )
    with pytest.raises(Refused, match="已经登记"):
        give([visits["A"], visits["B"]], row)
    assert Inspection.objects.get(pk=visits["A"].pk).leader_name == ""


def test_nobody_is_sent_to_two_places_at_once_in_two_editions_either(office):
    edition, visits = planned()
    one, two = team(edition, "演示甲", "演示乙"), team(edition, "演示甲", "演示丙")
    give(visits["A"], one, TUE, "am")
    with pytest.raises(Refused, match="时间有冲突：演示甲在 2026-06-02 同一时段"):
        give(visits["B"], two, TUE, "am")
    give(visits["B"], two, TUE, "pm")
    other, others = planned(host="市南区")
    third = team(other, "演示丙", "演示丁")
    with pytest.raises(Refused, match="演示丙"):
        give(next(iter(others.values())), third, TUE, "pm")


def test_a_team_of_another_edition_or_a_retired_one_is_not_sent(office):
    edition, visits = planned()
    other, _others = planned(host="市南区")
    with pytest.raises(Refused, match="不是本届在用的考察组"):
        give(visits["A"], team(other, "演示丙", "演示丁"), by=office)
    row = team(edition, "演示甲", "演示乙")
    teams.retire_team(row, reason="合并", by=office, now=NOW)
    with pytest.raises(Refused, match="不是本届在用的考察组"):
        give(visits["A"], row)
    with pytest.raises(Refused, match="已经停用"):
        change(row, "演示甲", "演示丙", by=office, reason="x")


def test_a_team_with_open_visits_is_not_retired(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    give(visits["A"], row)
    with pytest.raises(Refused, match="还有 1 家没有考察：演示A企业"):
        teams.retire_team(row, reason="合并", by=office, now=NOW)
    with pytest.raises(Refused, match="请写明停用的原因"):
        teams.retire_team(row, reason=" ", by=office, now=NOW)


def test_the_other_side_of_the_closed_step_nothing_changes(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    edition.steps.filter(kind="inspection").update(closed_at=NOW, closed_by=office)
    for late in (
        lambda: team(edition, "演示丙", "演示丁"),
        lambda: change(row, "演示甲", "演示丙", by=office, reason="x"),
        lambda: give(visits["A"], row),
    ):
        with pytest.raises(Refused, match="已经关闭"):
            late()


def test_the_number_of_queries_does_not_grow_with_the_visits(office, django_assert_max_num_queries):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    with django_assert_max_num_queries(75):
        give(list(visits.values()), row)


def test_names_are_separated_however_they_are_written():
    assert team_places.names_of("甲、乙，丙 丁；戊") == ["甲", "乙", "丙", "丁", "戊"]

"""回避 of those who visit: found, declared, pinned; asked at assigning, declaring, recording and closing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Inspection, Inspector, InspectorConflict
from awards.services import closing_inspection, inspector_conflicts, teams
from portal.errors import Refused
from portal.models import AuditEntry, Notification, User
from review.models import Assignment, Expert, PanelMember
from tests import factories as make
from tests.awards.teamwork import WED, give, person, planned, team
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.hat("office")


def knows(edition, name, **facts):
    return teams.keep_inspector(
        edition, person(name).user, by=make.hat("office", edition.host), now=NOW, **facts
    )


def pin(visit, name, conflict, reason="演示理由"):
    return inspector_conflicts.pin(
        visit.nomination,
        person(name).user,
        conflict=conflict,
        reason=reason,
        by=make.hat("office", visit.nomination.edition.host),
        now=NOW,
    )


def declare(visit, name, clear=True, reason=""):
    return inspector_conflicts.declare(visit, clear=clear, reason=reason, by=person(name), now=NOW)


def barred(visit):
    away = inspector_conflicts.barred(visit.nomination)
    return set(User.objects.filter(pk__in=away).values_list("full_name", flat=True))


def on(visit):
    visit = Inspection.objects.get(pk=visit.pk)
    return visit.leader_name, visit.member_names, {user.full_name for user in visit.inspectors.all()}


def test_found_by_employer_code_name_and_district_where_the_edition_says_so(office):
    edition, visits = planned(same_district_conflict=True)
    firm = visits["A"].nomination.enterprise
    knows(edition, "演示甲", employer_code=firm.credit_code.lower())
    knows(edition, "演示乙", employer=firm.name.replace("（", "(").replace("）", ")"))
    knows(edition, "演示丙", division_name="市南区")
    knows(edition, "演示丁", division_name="市北区", employer="演示别家")
    assert barred(visits["A"]) == {"演示甲", "演示乙", "演示丙"}
    assert barred(visits["B"]) == {"演示丙"}
    rows = InspectorConflict.objects.filter(nomination=visits["A"].nomination).order_by("user")
    assert {(row.user.full_name, row.state, row.source, row.reason) for row in rows} == {
        ("演示甲", "conflict", "found", "工作单位的统一社会信用代码与企业相同"),
        ("演示乙", "conflict", "found", "工作单位与企业名称相同"),
        ("演示丙", "conflict", "found", "与推荐单位同属市南区"),
    }


def test_the_same_district_is_no_conflict_where_the_edition_does_not_say_so(office):
    edition, visits = planned()
    knows(edition, "演示丙", division_name="市南区")
    assert barred(visits["A"]) == set()


def test_who_had_a_part_in_the_matter_stays_away(office):
    edition, visits = planned()
    nomination = visits["A"].nomination
    expert = Expert.objects.create(name="演示甲", user=person("演示甲").user)
    member = PanelMember.objects.create(edition=edition, expert=expert, user=expert.user, code="E01")
    Assignment.objects.create(member=member, nomination=nomination, assigned_at=NOW)
    person("演示乙")
    make.hat("recommender", nomination.recommender, username="i-演示乙")
    person("演示丙")
    assert barred(visits["A"]) == {"演示甲", "演示乙"}
    assert barred(visits["B"]) == {"演示乙"}
    found = inspector_conflicts.seen(edition)
    assert found[person("演示甲").user.pk, nomination.pk] == "在本届担任该企业的评审专家"
    assert found[person("演示乙").user.pk, nomination.pk] == "在该企业的推荐单位任职或办理过推荐"


def test_a_barred_member_is_left_out_and_a_barred_leader_stops_the_team(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙", "演示丙")
    pin(visits["A"], "演示乙", conflict=True)
    give(visits["A"], row)
    assert on(visits["A"]) == ("演示甲", "演示丙", {"演示甲", "演示丙"})
    assert [member.name for member in teams.members_on(visits["A"])] == []
    visit = Inspection.objects.get(pk=visits["A"].pk)
    assert [member.name for member in teams.members_on(visit)] == ["演示甲", "演示丙"]
    pin(visits["B"], "演示甲", conflict=True)
    with pytest.raises(Refused, match=r"“第1考察组”不能考察“演示B企业.*演示甲须回避"):
        give([visits["B"], visits["D"]], row)
    assert on(visits["D"]) == ("", "", set())


def test_the_last_other_member_barred_stops_the_team_too(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙")
    pin(visits["A"], "演示乙", conflict=True)
    with pytest.raises(Refused, match="演示乙须回避"):
        give(visits["A"], row)


def test_pinned_later_the_member_is_off_the_visit_and_pinned_clear_back_on_it(office):
    edition, visits = planned()
    row = team(edition, "演示甲", "演示乙", "演示丙")
    give([visits["A"], visits["B"]], row)
    pin(visits["A"], "演示丙", conflict=True)
    assert on(visits["A"]) == ("演示甲", "演示乙", {"演示甲", "演示乙"})
    assert on(visits["B"])[1] == "演示乙、演示丙"
    assert not Inspection.objects.visible_to(person("演示丙")).filter(pk=visits["A"].pk).exists()
    told = Notification.objects.get(event="awards.inspector_away")
    assert (told.recipient, "演示丙须回避" in told.subject) == (office.user, True)
    pin(visits["A"], "演示丙", conflict=False)
    assert on(visits["A"])[1] == "演示乙、演示丙"


def test_pinned_clear_what_the_portal_sees_no_longer_bars(office):
    edition, visits = planned()
    knows(edition, "演示甲", employer_code=visits["A"].nomination.enterprise.credit_code)
    assert barred(visits["A"]) == {"演示甲"}
    pin(visits["A"], "演示甲", conflict=False, reason="已调离三年")
    assert barred(visits["A"]) == set()
    inspector_conflicts.find_conflicts(edition, by=office, now=NOW)
    row = InspectorConflict.objects.get()
    assert (row.state, row.reason, barred(visits["A"])) == ("cleared", "已调离三年", set())


def test_what_was_found_and_holds_no_more_goes(office):
    edition, visits = planned()
    knows(edition, "演示甲", employer_code=visits["A"].nomination.enterprise.credit_code)
    knows(edition, "演示甲", employer_code="")
    assert not InspectorConflict.objects.exists()
    assert barred(visits["A"]) == set()


def test_pinning_needs_a_reason_an_inspector_and_the_own_office(office):
    _edition, visits = planned()
    person("演示甲")
    with pytest.raises(Refused, match="请写明认定的理由"):
        pin(visits["A"], "演示甲", conflict=True, reason=" ")
    with pytest.raises(Refused, match="没有考察组身份"):
        inspector_conflicts.pin(
            visits["A"].nomination, make.hat("expert").user, conflict=True, reason="x", by=office, now=NOW
        )
    with pytest.raises(PermissionDenied):
        inspector_conflicts.pin(
            visits["A"].nomination,
            person("演示甲").user,
            conflict=True,
            reason="x",
            by=make.hat("office", "市南区"),
            now=NOW,
        )


def test_a_member_declares_before_the_visit_and_only_then_may_record(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙"), WED)
    visit = Inspection.objects.get(pk=visits["A"].pk)
    with pytest.raises(Refused, match="演示甲还没有申报"):
        inspector_conflicts.require_clear(visit, person("演示甲").user)
    row = declare(visit, "演示甲")
    assert (row.state, row.source) == ("clear", "declared")
    inspector_conflicts.require_clear(visit, person("演示甲").user)
    # The office that records for them is no member and is not asked.
    inspector_conflicts.require_clear(visit, office.user)
    with pytest.raises(PermissionDenied):
        declare(visit, "演示丙")
    with pytest.raises(PermissionDenied):
        inspector_conflicts.declare(visit, clear=True, by=office, now=NOW)


def test_who_declares_a_tie_is_off_the_visit_at_once_and_is_never_cleared(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙", "演示丙"), WED)
    with pytest.raises(Refused, match="请写明您与"):
        declare(visits["A"], "演示甲", clear=False)
    declare(visits["A"], "演示甲", clear=False, reason="配偶在该企业任职")
    assert on(visits["A"]) == ("", "演示乙、演示丙", {"演示乙", "演示丙"})
    assert Notification.objects.filter(event="awards.inspector_away", recipient=office.user).exists()
    with pytest.raises(Refused, match="已本人申请回避"):
        pin(visits["A"], "演示甲", conflict=False)
    with pytest.raises(PermissionDenied):
        declare(visits["A"], "演示甲")
    visit = Inspection.objects.get(pk=visits["A"].pk)
    with pytest.raises(Refused, match=r"演示甲对“演示A企业.*须回避：配偶在该企业任职"):
        inspector_conflicts.require_clear(visit, person("演示甲").user)


def test_what_a_person_declared_is_not_undone_by_confirming_it_first(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙", "演示丙"), WED)
    declare(visits["A"], "演示丙", clear=False, reason="配偶在该企业任职")
    row = pin(visits["A"], "演示丙", conflict=True)
    assert (row.state, row.source) == ("pinned", "declared")
    with pytest.raises(Refused, match="已本人申请回避"):
        pin(visits["A"], "演示丙", conflict=False)
    assert barred(visits["A"]) == {"演示丙"}


def test_who_declared_clear_and_was_pinned_may_be_cleared_again(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙", "演示丙"), WED)
    declare(visits["A"], "演示丙")
    assert pin(visits["A"], "演示丙", conflict=True).source == "office"
    pin(visits["A"], "演示丙", conflict=False)
    assert barred(visits["A"]) == set()


def test_what_the_portal_sees_cannot_be_declared_away(office):
    edition, visits = planned()
    give(visits["A"], team(edition, "演示甲", "演示乙"), WED)
    firm = visits["A"].nomination.enterprise
    declare(visits["A"], "演示乙")
    # Known only after the team was sent.
    Inspector.objects.create(user=person("演示乙").user, employer_code=firm.credit_code)
    with pytest.raises(Refused, match=r"您对“演示A企业.*须回避"):
        declare(visits["A"], "演示乙")
    inspector_conflicts.find_conflicts(edition, by=office, now=NOW)
    row = InspectorConflict.objects.get(user=person("演示乙").user)
    assert (row.state, row.source) == ("conflict", "found")
    assert on(visits["A"]) == ("演示甲", "", {"演示甲"})


def test_a_visit_made_by_somebody_who_had_to_stay_away_blocks_the_closing(office):
    edition, visits = planned()
    give(list(visits.values()), team(edition, "演示甲", "演示乙"), WED)
    Inspection.objects.update(
        verdict="passed", visited_on=date(2026, 6, 1), recorded_at=NOW, recorded_by=office
    )
    pin(visits["A"], "演示乙", conflict=True)
    # What is recorded stays as it was; it does not count.
    assert on(visits["A"])[1] == "演示乙"
    preview = closing_inspection.preview_inspection(edition)
    assert preview.blocked
    assert [(str(visit)[2], str(user)) for visit, user, _why in preview.conflicts] == [("A", "演示乙")]
    with pytest.raises(Refused, match=r"演示乙对“演示A企业.*须回避，却参加了考察.*请重新考察"):
        closing_inspection.close_inspection(edition, by=office, now=NOW)
    pin(visits["A"], "演示乙", conflict=False)
    assert len(closing_inspection.close_inspection(edition, by=office, now=NOW).passed) == 3


def test_several_are_declared_at_once_all_or_none(office):
    edition, visits = planned()
    give(list(visits.values()), team(edition, "演示甲", "演示乙", "演示丙"), WED)
    with pytest.raises(Refused, match="请写明您与"):
        inspector_conflicts.declare_all(
            [(visits["A"], True, ""), (visits["B"], False, "")], by=person("演示乙"), now=NOW
        )
    assert not InspectorConflict.objects.exists()
    inspector_conflicts.declare_all(
        [(visits["A"], True, ""), (visits["B"], False, "亲属")], by=person("演示乙"), now=NOW
    )
    assert AuditEntry.objects.filter(act="awards.declare_inspector").count() == 2
    assert on(visits["B"])[1] == "演示丙"


def test_what_is_seen_costs_the_same_however_many_there_are(office, django_assert_max_num_queries):
    edition, _visits = planned()
    team(edition, "演示甲", "演示乙", "演示丙")
    with django_assert_max_num_queries(10):
        inspector_conflicts.barred_pairs(edition)

"""What the office makes of a visit's differences, and a visit taken up again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Inspection, VisitReopening, VisitSignature
from awards.services import closing_inspection, disposing, inspector_conflicts, teams
from awards.services.reopening_visits import reopen_visit
from awards.services.writable_visits import open_visit
from nominations.models import Nomination
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.awards import referred
from tests.awards.referred import NOW, refer, state_of, visit_at
from tests.awards.teamwork import WED, give, person, planned, team
from tests.moments import NOW as WHEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return referred.visited((1, 2, 3), failed=(3,))


def dispose(place, visit=None, disposition="accepted", reason="演示理由：统计口径不同", by=None):
    return disposing.dispose(
        visit or place.visit, disposition=disposition, reason=reason, by=by or place.office, now=NOW
    )


def reopen(place, visit=None, reason="演示理由：补看一处", by=None):
    return reopen_visit(visit or place.visit, reason=reason, by=by or place.office, now=NOW)


def test_a_material_difference_nobody_has_disposed_of_keeps_the_step_open(place):
    with pytest.raises(Refused, match="还有 1 家的实质差异没有处理"):
        closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)
    dispose(place)
    closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)
    states = {n.shortlist_row.rank: n.state for n in place.edition.nominations.all()}
    assert states == {1: "inspection", 2: "inspection", 3: "rejected"}


def test_a_minor_difference_needs_no_word(place):
    place.visit.lines.update(weight="minor")
    closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)


def test_accepted_it_stays_with_who_when_and_why(place):
    visit = dispose(place)
    assert (visit.disposition, visit.disposal_reason) == ("accepted", "演示理由：统计口径不同")
    assert (visit.disposed_by, visit.disposed_at) == (place.office, NOW)
    assert state_of(visit.nomination) == "inspection"
    detail = AuditEntry.objects.get(act="awards.dispose").detail
    assert (detail["before"], detail["differing"]) == (["", ""], ["employees", "share"])
    # A second thought takes the place of the first, on the record.
    dispose(place, disposition="ended", reason="演示：重新核实属实")
    last = AuditEntry.objects.filter(act="awards.dispose").latest("pk")
    assert last.detail["before"] == ["accepted", "演示理由：统计口径不同"]


def test_ended_it_ends_at_once_and_the_recommender_is_told_why(place):
    dispose(place, disposition="ended", reason="职工人数严重不实")
    nomination = Nomination.objects.get(pk=place.visit.nomination_id)
    assert nomination.state == "rejected"
    assert nomination.ended_reason == "实地考察发现与申报不符，不予通过：职工人数严重不实"
    told = Notification.objects.filter(event="awards.inspection_failed")
    assert {row.recipient.username for row in told} == {"recommender-370202"}


@pytest.mark.parametrize(
    ("rank", "disposition", "reason", "words"),
    [
        (1, "accepted", " ", "请写明这样处理的理由"),
        (1, "referred", "有理由", "请选择如何处理"),
        (1, "", "有理由", "请选择如何处理"),
        (2, "accepted", "有理由", "没有不符的事项"),
        (3, "accepted", "有理由", "考察结论是不合格"),
    ],
)
def test_what_disposing_refuses(place, rank, disposition, reason, words):
    with pytest.raises(Refused, match=words):
        dispose(place, visit_at(place.edition, rank), disposition, reason)


def test_what_failed_may_end_before_the_step_closes(place):
    dispose(place, visit_at(place.edition, 3), "ended", "演示理由")
    assert state_of(visit_at(place.edition, 3).nomination) == "rejected"


def test_what_is_at_screening_or_over_is_not_disposed_of_nor_visited_again(place):
    refer(place)
    for act in (dispose, reopen):
        with pytest.raises(Refused, match="现处于“资格审查”环节"):
            act(place)
    open_still = visit_at(place.edition, 2)
    Inspection.objects.filter(pk=open_still.pk).update(verdict="", recorded_at=None, recorded_by=None)
    with pytest.raises(Refused, match="还没有考察结论"):
        dispose(place, open_still)
    with pytest.raises(Refused, match="可以直接填写"):
        reopen(place, open_still)


@pytest.mark.parametrize("role", ["auditor", "inspector", "department", "recommender", "admin"])
def test_only_the_office_disposes_and_reopens(place, role):
    for act in (dispose, reopen):
        with pytest.raises(PermissionDenied):
            act(place, by=factories.hat(role))


def test_reopened_it_waits_for_two_signatures_again_and_nothing_is_lost(place):
    signed = {"signed_at": NOW, "recorded_by": place.office, "way": "paper", "digest": "d" * 64}
    VisitSignature.objects.create(inspection=place.visit, part="leader", name="演示组长", **signed)
    VisitSignature.objects.create(inspection=place.visit, part="member", name="演示组员1", **signed)
    inspector = factories.hat("inspector")
    place.visit.inspectors.add(inspector.user)
    dispose(place)
    reopening = reopen(place)
    visit = Inspection.objects.get(pk=place.visit.pk)
    assert (visit.verdict, visit.disposition, visit.signed_digest) == ("", "", "")
    assert visit.recorded_at is None and visit.version == place.visit.version + 1
    assert not visit.signatures.filter(void_at__isnull=True).exists()
    assert visit.signatures.count() == 2
    kept = VisitReopening.objects.get(pk=reopening.pk).before
    assert (kept["verdict"], kept["signatures"]) == ("passed", ["演示组长", "演示组员1"])
    assert kept["disposition"] == "accepted"
    assert [line["key"] for line in kept["lines"]] == ["employees", "union", "share"]
    told = Notification.objects.get(event="awards.visit_reopened")
    assert (told.recipient, told.body) == (inspector.user, "演示理由：补看一处")
    with pytest.raises(Refused, match="还有 1 家没有考察结论"):
        closing_inspection.close_inspection(place.edition, by=place.office, now=NOW)


def test_reopened_it_goes_to_the_team_of_today_without_who_must_stay_away():
    edition, visits = planned()
    office = factories.hat("office")
    group = team(edition, "演示甲", "演示乙", "演示丙", "演示丁")
    give(list(visits.values()), group, WED)
    Inspection.objects.update(verdict="passed", visited_on=WED, recorded_at=WHEN, recorded_by=office)
    visit = visits["A"]
    inspector_conflicts.pin(
        visit.nomination, person("演示乙").user, conflict=True, reason="演示理由", by=office, now=WHEN
    )
    teams.change_team(
        group,
        name=group.name,
        leader=person("演示甲").user,
        members=[person("演示乙").user, person("演示丁").user],
        reason="演示丙调离",
        by=office,
        now=WHEN,
    )
    reopen_visit(visit, reason="演示理由：须回避", by=office, now=WHEN)
    visit = Inspection.objects.get(pk=visit.pk)
    assert (visit.leader_name, visit.member_names) == ("演示甲", "演示丁")
    told = Notification.objects.filter(event="awards.visit_reopened")
    assert {row.recipient.full_name for row in told} == {"演示甲", "演示丁"}
    for name in ("演示乙", "演示丙"):
        assert not Inspection.objects.visible_to(person(name)).filter(pk=visit.pk).exists()
        with pytest.raises(PermissionDenied):
            open_visit(visit, by=person(name))


def test_reopening_needs_a_reason_and_an_open_step(place):
    with pytest.raises(Refused, match="请写明重新考察的理由"):
        reopen(place, reason=" ")
    dispose(place)
    closing_inspection.close_inspection(place.edition, by=place.office, now=NOW + timedelta(hours=1))
    for act in (dispose, reopen):
        with pytest.raises(Refused, match="已经关闭"):
            act(place)

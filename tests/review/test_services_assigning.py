"""Conflicts in four states, and the work given out around them. Small instances by hand."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Nomination
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry, Membership, Notification
from review import services
from review.models import Assignment, Conflict, PanelMember
from review.services import assigning, conflicts
from tests import factories
from tests.moments import NOW


@pytest.fixture
def panel(db):
    """Four nominations under review, five experts seated, nothing assigned; each nomination wants three."""
    edition = factories.edition(seats=2, nominees=2, sheets_each=3)
    office = factories.hat("office")
    experts = [factories.hat("expert", username=f"expert{n}") for n in range(1, 6)]
    nominations = [factories.nomination(edition, n, state="review") for n in (1, 2, 3, 4)]
    seats = [services.Seat(f"E0{n}", hat.user.full_name, hat.user) for n, hat in enumerate(experts, start=1)]
    members = services.seat_panel(edition, seats, by=office, now=NOW)
    return SimpleNamespace(
        edition=edition, office=office, experts=experts, nominations=nominations, members=members
    )


def assign(panel, **words):
    return assigning.assign(panel.edition, seed="2026", by=panel.office, now=NOW, **words)


def pin(panel, member, nomination, conflict=True, by=None):
    return conflicts.pin(
        panel.members[member],
        panel.nominations[nomination],
        conflict=conflict,
        reason="演示理由",
        by=by or panel.office,
        now=NOW,
    )


def loads(panel):
    return sorted(member.assignments.count() for member in panel.members)


def test_three_each_and_even(panel):
    run = assign(panel)
    assert Assignment.objects.count() == 12
    assert loads(panel) == [2, 2, 2, 3, 3]
    assert assigning.recompute(run)
    assert assign(panel) is None


def test_a_changed_run_does_not_recompute(panel):
    run = assign(panel)
    run.outcome[0], run.outcome[1] = run.outcome[1], run.outcome[0]
    assert not assigning.recompute(run)
    run.refresh_from_db()
    run.inputs["seed"] = "another"
    assert not assigning.recompute(run)


def test_the_preview_writes_nothing_and_is_what_happens(panel):
    preview = assigning.preview_assignment(panel.edition, seed="2026")
    assert not Assignment.objects.exists()
    assign(panel)
    made = set(Assignment.objects.values_list("nomination", "member"))
    assert made == {(nomination.pk, member.pk) for nomination, member in preview.pairs}


@pytest.mark.parametrize(
    ("expert", "barred"),
    [
        ({"employer_code": "own"}, True),
        ({"employer": "演示企业1 （演示）"}, True),
        ({"employer": "演示企业10（演示）"}, False),
        ({"division_name": "市南区"}, False),  # only where the edition says so
    ],
)
def test_what_the_portal_sees(panel, expert, barred):
    nomination = panel.nominations[0]
    if expert.get("employer_code"):
        expert = {"employer_code": nomination.enterprise.credit_code}
    row = panel.members[0].expert
    for name, value in expert.items():
        setattr(row, name, value)
    row.save()
    found = conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW)
    assert [(each.member_id, each.nomination_id) for each in found] == (
        [(panel.members[0].pk, nomination.pk)] if barred else []
    )
    # Looking again finds nothing new; what holds no more goes.
    assert conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW) == []
    row.employer = row.employer_code = ""
    row.save()
    conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW)
    assert not Conflict.objects.exists()


def test_the_same_district_where_the_edition_says_so(panel):
    panel.edition.same_district_conflict = True
    panel.edition.save()
    row = panel.members[0].expert
    row.division_name = "市南区"
    row.save()
    assert len(conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW)) == 4
    with pytest.raises(Refused, match="须回避"):
        assigning.give(panel.members[0], panel.nominations[0], by=panel.office, now=NOW)


def test_what_is_pinned_clear_may_be_assigned(panel):
    row = panel.members[0].expert
    row.employer_code = panel.nominations[0].enterprise.credit_code
    row.save()
    conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW)
    pin(panel, 0, 0, conflict=False)
    conflicts.find_conflicts(panel.edition, by=panel.office, now=NOW)
    assert Conflict.objects.get().state == Conflict.State.PINNED_CLEAR
    assert assigning.give(panel.members[0], panel.nominations[0], by=panel.office, now=NOW)


def test_a_pin_needs_a_reason_and_the_office(panel):
    with pytest.raises(Refused, match="理由"):
        conflicts.pin(
            panel.members[0], panel.nominations[0], conflict=True, reason=" ", by=panel.office, now=NOW
        )
    for hat in (panel.experts[0], factories.hat("recommender"), factories.hat("office", "370203")):
        with pytest.raises(PermissionDenied):
            pin(panel, 0, 0, by=hat)


def test_a_pinned_conflict_shuts_the_file_the_sheet_and_the_result(panel):
    assign(panel, each=5)
    expert, nomination = panel.experts[0], panel.nominations[0]
    row = Assignment.objects.get(member=panel.members[0], nomination=nomination)
    services.declare_clear([row], signature=expert.user.full_name, by=expert, now=NOW)
    scores = {"mechanism": 90, "platform": 90, "effect": 90}
    services.submit_sheet(row, scores=scores, version=0, by=expert, now=NOW)
    preview = services.preview_review(panel.edition)
    assert sum(each.outcome.valid for each in preview.standings) == 1
    pin(panel, 0, 0)
    preview = services.preview_review(panel.edition)
    assert sum(each.outcome.valid for each in preview.standings) == 0
    assert not Assignment.objects.open_to(expert).filter(pk=row.pk).exists()
    assert not Nomination.objects.visible_to(expert).filter(pk=nomination.pk).exists()
    assert AuditEntry.objects.get(act="review.pin_conflict").detail["sheet_set_aside"] is True


def test_nothing_is_declared_or_saved_where_a_conflict_stands(panel):
    assign(panel, each=5)
    expert = panel.experts[0]
    row = Assignment.objects.get(member=panel.members[0], nomination=panel.nominations[0])
    pin(panel, 0, 0)
    with pytest.raises(Refused, match="认定须回避"):
        services.declare_clear([row], signature=expert.user.full_name, by=expert, now=NOW)
    row.declared_at = NOW
    row.save()
    with pytest.raises(Refused, match="认定须回避"):
        services.save_sheet(row, scores={"effect": 1}, version=0, by=expert, now=NOW)


def test_a_recusal_asks_only_its_reason_and_another_takes_over(panel):
    assign(panel)
    before = set(Assignment.objects.values_list("nomination", "member"))
    row = Assignment.objects.first()
    hat = next(each for each in panel.experts if each.user_id == row.member.user_id)
    recusal = services.recuse(row, kind="kinship", by=hat, now=NOW)
    assert recusal.signature == hat.user.full_name
    assert Conflict.objects.get(member=row.member, nomination=row.nomination).state == "conflict"
    run = assigning.top_up(panel.edition, by=Membership.objects.system(), now=NOW)
    after = set(Assignment.objects.values_list("nomination", "member"))
    assert after > before and len(after - before) == 1
    assert next(iter(after - before))[0] == row.nomination_id
    assert assigning.recompute(run)
    assert assigning.top_up(panel.edition, by=Membership.objects.system(), now=NOW) is None
    with pytest.raises(Refused, match="本人申请回避"):
        conflicts.pin(row.member, row.nomination, conflict=False, reason="误会", by=panel.office, now=NOW)


def test_when_nobody_is_free_the_office_hears_of_it(panel):
    assign(panel, each=5)
    row = Assignment.objects.first()
    hat = next(each for each in panel.experts if each.user_id == row.member.user_id)
    services.recuse(row, kind="officer", by=hat, now=NOW)
    assert assigning.top_up(panel.edition, by=Membership.objects.system(), now=NOW) is None
    told = Notification.objects.filter(event="review.assign_short")
    assert {each.recipient_id for each in told} == {panel.office.user_id}


def test_who_lacks_whom_is_named(panel):
    for member in (0, 1, 2):
        pin(panel, member, 0)
    with pytest.raises(Refused) as refused:
        assign(panel)
    assert "还有 1 家缺人" in str(refused.value)
    assert f"“{panel.nominations[0].subject_name}”缺 1 位（3 位须回避，0 位任务已满）" in str(refused.value)
    assert not Assignment.objects.exists()


def test_by_hand_and_back(panel):
    row = assigning.give(panel.members[0], panel.nominations[0], by=panel.office, now=NOW)
    with pytest.raises(Refused, match="已经分配"):
        assigning.give(panel.members[0], panel.nominations[0], by=panel.office, now=NOW)
    assign(panel)
    assert Assignment.objects.filter(nomination=panel.nominations[0]).count() == 3
    assigning.take_back(row, reason="演示", by=panel.office, now=NOW)
    assert not Assignment.objects.filter(pk=row.pk).exists()
    other = Assignment.objects.filter(member=panel.members[1]).first()
    services.declare_clear([other], signature=panel.experts[1].user.full_name, by=panel.experts[1], now=NOW)
    services.save_sheet(other, scores={"effect": 80}, version=0, by=panel.experts[1], now=NOW)
    with pytest.raises(Refused, match="不能收回"):
        assigning.take_back(other, reason="演示", by=panel.office, now=NOW)


def test_a_reserve_gets_no_work(panel):
    PanelMember.objects.filter(pk=panel.members[0].pk).update(standing=PanelMember.Standing.RESERVE)
    assign(panel)
    assert panel.members[0].assignments.count() == 0
    with pytest.raises(Refused, match="不在本届已接受聘请"):
        assigning.give(panel.members[0], panel.nominations[0], by=panel.office, now=NOW)


def test_only_those_under_review(panel):
    factories.nomination(panel.edition, 9, state=State.SCREENING)
    assign(panel)
    assert set(Assignment.objects.values_list("nomination", flat=True)) == {
        each.pk for each in panel.nominations
    }
    with pytest.raises(PermissionDenied):
        assigning.assign(panel.edition, seed="1", by=panel.experts[0], now=NOW)

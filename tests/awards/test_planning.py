from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Grant, GrantPlan, Honour, PlanLine
from awards.services import planning
from awards.services.planning import Matter
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories
from tests.awards.purse import account_of, granted, office, pay, spend
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db

D = Decimal
FIRST = (
    Matter("reward", "职工创新成果奖励（演示）", D("120000.00"), date(2026, 12, 31)),
    Matter("platform", "创新工作室设备（演示）", D("150000.00")),
    Matter("other", "成果展示（演示）", D("30000.00")),
)


def hand_in(grant, matters=FIRST, by=None, **given):
    by = by or account_of(grant.honour.enterprise)
    return planning.hand_in_plan(grant, matters=matters, by=by, now=AFTER, **given)


def decide(plan, approved=True, by=None, **given):
    return planning.decide_plan(plan, approved=approved, by=by or office(plan.grant), now=AFTER, **given)


def test_a_plan_is_handed_in_by_the_enterprise_and_approved_by_the_office():
    grant = granted()
    plan = hand_in(grant)
    assert (plan.version, plan.state, plan.lines.count()) == (1, "handed_in", 3)
    assert planning.approved(grant) is None
    decide(plan, opinion="同意（演示）")
    plan.refresh_from_db()
    assert (plan.state, plan.opinion, plan.decided_at) == ("approved", "同意（演示）", AFTER)
    assert planning.approved(Grant.objects.get(pk=grant.pk)) == plan
    assert list(AuditEntry.objects.filter(act__contains="plan").values_list("act", flat=True)) == [
        "awards.plan_grant",
        "awards.approve_plan",
    ]
    own = account_of(grant.honour.enterprise)
    assert Notification.objects.filter(event="awards.plan_decided", recipient=own.user).exists()


@pytest.mark.parametrize(
    "matters",
    [
        (),
        FIRST[:2],
        (*FIRST, Matter("reward", "演示", D("0.01"))),
        (*FIRST[:2], Matter("other", " ", D("30000"))),
        (*FIRST[:2], Matter("party", "演示", D("30000"))),
        (*FIRST[:2], Matter("other", "演示", D("15000.001")), Matter("other", "演示", D("14999.999"))),
    ],
)
def test_a_plan_that_does_not_add_up_is_refused_whole(matters):
    with pytest.raises(Refused):
        hand_in(granted(), matters)
    assert not GrantPlan.objects.exists() and not PlanLine.objects.exists()


def test_one_plan_waits_and_a_change_of_what_was_agreed_has_its_reason():
    grant = granted()
    first = hand_in(grant)
    with pytest.raises(Refused, match="等待办公室审核"):
        hand_in(grant)
    with pytest.raises(Refused, match="需要修改"):
        decide(first, approved=False)
    decide(first, approved=False, opinion="请细化设备清单（演示）")
    second = hand_in(grant)  # nothing was agreed yet: no reason is asked
    decide(second)
    with pytest.raises(Refused, match="理由"):
        hand_in(grant)
    third = hand_in(grant, reason="设备降价（演示）")
    assert (third.version, planning.approved(grant).version) == (3, 2)
    with pytest.raises(Refused, match="已经审核"):
        decide(second)
    decide(third)
    assert planning.approved(Grant.objects.get(pk=grant.pk)).version == 3


def test_who_hands_in_does_not_approve_it():
    grant = granted()
    plan = hand_in(grant, by=office(grant))
    with pytest.raises(Refused, match="不能自己审核"):
        decide(plan)
    decide(plan, by=factories.hat("office", username="演示办公室乙"))


def test_others_neither_plan_nor_approve():
    grant = granted()
    for worn in (
        factories.hat("applicant"),
        factories.hat("auditor"),
        factories.hat("recommender"),
        factories.hat("office", "市南区"),
    ):
        with pytest.raises(PermissionDenied):
            hand_in(grant, by=worn)
    plan = hand_in(grant)
    with pytest.raises(PermissionDenied):
        decide(plan, by=account_of(grant.honour.enterprise))


def test_nothing_is_planned_for_a_revoked_honour_or_a_closed_grant():
    grant = granted()
    Honour.objects.filter(pk=grant.honour_id).update(revoked_on=date(2026, 10, 10), revoked_reason="演示")
    with pytest.raises(Refused, match="撤销"):
        hand_in(grant)


def test_plan_and_ledger_stand_side_by_side():
    grant = granted()
    plan = decide(hand_in(grant))
    pay(grant, "100000")
    spend(grant, "20000.50")
    spend(grant, "100", "activity")
    grant = Grant.objects.get(pk=grant.pk)
    found = {line.use: (line.planned, line.spent, line.left) for line in planning.compared(grant, plan)}
    assert found == {
        "reward": (D("120000.00"), D("20000.50"), D("99999.50")),
        "platform": (D("150000.00"), D(0), D("150000.00")),
        "activity": (D(0), D("100.00"), D("-100.00")),
        "other": (D("30000.00"), D(0), D("30000.00")),
    }

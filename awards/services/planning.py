"""使用计划: what the money is meant for, by use. A change is a new version with its reason, approved anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from awards.models import Grant, GrantPlan, PlanLine, Use
from awards.rules import money
from awards.services.grant_notes import enterprise_hats, note, office_hats, tell
from awards.services.granting import locked, refuse_closed
from awards.services.ledger import by_use
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@dataclass(frozen=True)
class Matter:
    """One line of a plan as it is handed in, in yuan."""

    use: str
    matter: str
    amount: Decimal
    by_when: date | None = None


@transaction.atomic
def hand_in_plan(
    grant: Grant, *, matters: Sequence[Matter], reason: str = "", by: Membership, now: datetime
) -> GrantPlan:
    """Hand in what the whole grant is for; from the second version on with the reason of the change."""
    grant = locked(grant)
    require(by, "awards.plan_grant", grant)
    refuse_closed(grant)
    if grant.honour.revoked_on:
        raise Refused("“{name}”的命名已经撤销，不再安排资金使用。", name=grant.honour.subject_name)
    money.check_plan([money.Planned(one.use, one.matter, one.amount) for one in matters], grant.amount)
    last = grant.plans.order_by("version").last()
    if last and last.state == GrantPlan.State.HANDED_IN:
        raise Refused("第 {version} 版计划正在等待办公室审核，请等审核后再调整。", version=last.version)
    if approved(grant) and not reason.strip():
        raise Refused("调整已同意的计划，请写明理由。")
    plan = GrantPlan(
        grant=grant,
        version=last.version + 1 if last else 1,
        reason=reason.strip(),
        handed_in_at=now,
        handed_in_by=by,
    )
    plan.full_clean()
    plan.save()
    for one in matters:
        line = PlanLine(
            plan=plan, use=one.use, matter=one.matter.strip(), amount=one.amount, by_when=one.by_when
        )
        line.full_clean()
        line.save()
    note(
        "awards.plan_grant",
        plan,
        grant,
        by=by,
        now=now,
        version=plan.version,
        reason=plan.reason,
        matters=len(matters),
        uses={line.use: f"{line.planned:.2f}" for line in compared(grant, plan)},
    )
    tell("awards.plan_handed_in", office_hats(grant), grant, subject="资金使用计划待审核", now=now)
    return plan


@transaction.atomic
def decide_plan(
    plan: GrantPlan, *, approved: bool, opinion: str = "", by: Membership, now: datetime
) -> GrantPlan:
    """The office agrees, or returns it with what is to be changed; never who handed it in."""
    grant = locked(plan.grant)
    require(by, "awards.approve_plan", grant)
    plan = GrantPlan.objects.select_for_update().select_related("handed_in_by").get(pk=plan.pk)
    if plan.state != GrantPlan.State.HANDED_IN:
        raise Refused("这一版计划已经审核，请刷新页面。")
    if plan.handed_in_by.user_id == by.user_id:
        raise Refused("提交计划的人不能自己审核，请由办公室的另一人办理。")
    if not approved and not opinion.strip():
        raise Refused("退回计划，请写明需要修改的内容。")
    plan.state = GrantPlan.State.APPROVED if approved else GrantPlan.State.RETURNED
    plan.opinion, plan.decided_at, plan.decided_by = opinion.strip(), now, by
    plan.full_clean()
    plan.save()
    note("awards.approve_plan", plan, grant, by=by, now=now, approved=approved, opinion=plan.opinion)
    _tell(plan, grant, now)
    return plan


def approved(grant: Grant) -> GrantPlan | None:
    """The plan that holds: the newest the office agreed to."""
    there = [plan for plan in grant.plans.all() if plan.state == GrantPlan.State.APPROVED]
    return max(there, key=lambda plan: plan.version, default=None)


@dataclass(frozen=True)
class Compared:
    """One use: what was planned for it and what went into it, in yuan."""

    use: str
    label: str
    planned: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        return self.planned - self.spent


def compared(grant: Grant, plan: GrantPlan | None) -> list[Compared]:
    """Plan and ledger side by side, a line for each of the four uses."""
    planned = dict.fromkeys(money.USES, money.NONE)
    for line in plan.lines.all() if plan else ():
        planned[line.use] += line.amount
    spent = by_use(grant)
    return [Compared(use, str(Use(use).label), planned[use], spent[use]) for use in money.USES]


def _tell(plan, grant, now):
    """The enterprise learns what became of its plan."""
    agreed = plan.state == GrantPlan.State.APPROVED
    subject = "资金使用计划已同意" if agreed else "资金使用计划已退回，请修改后重新提交"
    tell("awards.plan_decided", enterprise_hats(grant), grant, subject=subject, body=plan.opinion, now=now)

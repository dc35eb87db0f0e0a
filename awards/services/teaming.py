"""The team of a visit: who goes and when."""

import re
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from awards.models import Inspection
from awards.services.open_visits import locked, refuse_recorded
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require


@transaction.atomic
def assign_team(
    inspection: Inspection,
    *,
    inspectors: list[User],
    leader_name: str,
    member_names: str,
    planned_on: date | None,
    by: Membership,
    now: datetime,
) -> Inspection:
    """Who goes and when; the inspectors are told."""
    inspection = locked(inspection)
    require(by, "awards.plan_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    refuse_recorded(inspection)
    if leader_name.strip() in names_of(member_names):
        raise Refused("组长不能同时是成员，请另选一名成员。")
    hats = list(
        Membership.objects.active().filter(user__in=inspectors, role=Role.INSPECTOR).select_related("user")
    )
    if {hat.user_id for hat in hats} != {user.pk for user in inspectors}:
        raise Refused("所选人员中有人不是考察组成员，请先由系统管理员设置其考察组身份。")
    inspection.leader_name, inspection.member_names = leader_name, member_names
    inspection.planned_on = planned_on
    inspection.version += 1
    inspection.save()
    inspection.inspectors.set(inspectors)
    audit.record(
        "awards.assign_team",
        inspection,
        by=by,
        now=now,
        leader=leader_name,
        members=member_names,
        inspectors=sorted(user.pk for user in inspectors),
        planned_on=planned_on,
    )
    notify(
        "awards.inspection_assigned",
        hats,
        subject=f"请考察：{inspection.nomination.subject_name}",
        url=reverse("awards:inspection", args=[inspection.pk]),
        now=now,
        nomination=inspection.nomination,
    )
    return inspection


@transaction.atomic
def assign_teams(
    inspections: list[Inspection], *, days: dict[int, date | None], by: Membership, now: datetime, **team
) -> list[Inspection]:
    """The same team for several visits, each on its own day; all or none."""
    return [
        assign_team(each, planned_on=days.get(each.pk), by=by, now=now, **team)
        for each in sorted(inspections, key=lambda each: each.pk)
    ]


def names_of(text: str) -> list[str]:
    """The single names in 演示成员甲、演示成员乙, whatever separates them."""
    return [name for name in re.split(r"[、，,;；\s]+", text) if name]

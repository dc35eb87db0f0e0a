"""Guidance of the unions below: visits planned, recorded, called off; what was agreed, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from indicators.models import Agreement, Guidance
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require

AT_UNIT = (Role.OFFICE, Role.RECOMMENDER)


@dataclass(frozen=True)
class Agreed:
    """A matter and the day by which it is to be done."""

    matter: str
    due_on: date


@transaction.atomic
def plan_guidance(
    unit: Organisation, *, planned_on: date, purpose: str, by: Membership, now: datetime
) -> Guidance:
    """Plan a visit, and tell the unit."""
    require(by, "indicators.guide", unit)
    if planned_on < localdate(now):
        raise Refused("计划日期 {day} 已经过去；已经去过的，请填写当天以后再记录。", day=planned_on)
    made = Guidance.objects.create(
        host=by.organisation, unit=unit, planned_on=planned_on, purpose=purpose.strip()
    )
    audit.record("indicators.plan_guidance", made, by=by, now=now, day=planned_on.isoformat())
    notify(
        "indicators.guidance",
        Membership.objects.at(unit.pk, *AT_UNIT).select_related("user"),
        subject=_("{host}计划 {day} 到您单位指导").format(host=by.organisation.name, day=planned_on),
        body=made.purpose,
        url=reverse("indicators:guidance", args=[made.pk]),
        now=now,
    )
    return made


@transaction.atomic
def record_guidance(
    guidance: Guidance,
    *,
    visited_on: date,
    people: str,
    looked_at: str,
    found: str,
    by: Membership,
    now: datetime,
    agreed: Sequence[Agreed] = (),
) -> Guidance:
    """Keep what a visit saw and what was agreed; once."""
    require(by, "indicators.guide", guidance.unit)
    guidance = _locked(guidance)
    if guidance.recorded_at:
        raise Refused("这次指导已经记录，不能再改；需要补充的，请另记一次。")
    if visited_on > localdate(now):
        raise Refused("指导日期 {day} 还没有到，请在指导之后记录。", day=visited_on)
    for each in agreed:
        if each.due_on < visited_on:
            raise Refused("“{matter}”的完成期限早于指导日期，请核对。", matter=each.matter)
    guidance.visited_on, guidance.people = visited_on, people.strip()
    guidance.looked_at, guidance.found = looked_at.strip(), found.strip()
    guidance.recorded_at, guidance.recorded_by = now, by
    guidance.save()
    Agreement.objects.bulk_create(
        Agreement(guidance=guidance, matter=each.matter.strip(), due_on=each.due_on) for each in agreed
    )
    audit.record(
        "indicators.record_guidance", guidance, by=by, now=now, day=visited_on.isoformat(), agreed=len(agreed)
    )
    return guidance


@transaction.atomic
def cancel_guidance(guidance: Guidance, *, reason: str, by: Membership, now: datetime) -> Guidance:
    require(by, "indicators.guide", guidance.unit)
    guidance = _locked(guidance)
    if guidance.recorded_at:
        raise Refused("这次指导已经记录，不能取消。")
    guidance.cancelled_at, guidance.cancelled_reason = now, reason.strip()
    guidance.save(update_fields=["cancelled_at", "cancelled_reason"])
    audit.record("indicators.cancel_guidance", guidance, by=by, now=now, reason=reason.strip())
    return guidance


@transaction.atomic
def settle_agreement(
    agreement: Agreement, *, done_on: date, outcome: str, by: Membership, now: datetime
) -> Agreement:
    """Say that what was agreed is done, and how: the unit itself, or who agreed it with the unit."""
    require(by, "indicators.settle_agreement", agreement.guidance)
    agreement = (
        Agreement.objects.select_for_update(of=("self",)).select_related("guidance").get(pk=agreement.pk)
    )
    if agreement.done_on:
        raise Refused("“{matter}”已经登记完成，请刷新页面查看。", matter=agreement.matter)
    if done_on > localdate(now):
        raise Refused("完成日期 {day} 还没有到。", day=done_on)
    if agreement.guidance.visited_on and done_on < agreement.guidance.visited_on:
        raise Refused("完成日期早于指导日期，请核对。")
    agreement.done_on, agreement.outcome = done_on, outcome.strip()
    agreement.settled_at, agreement.settled_by = now, by
    agreement.save()
    audit.record("indicators.settle_agreement", agreement, by=by, now=now, outcome=outcome.strip())
    return agreement


def _locked(guidance):
    guidance = Guidance.objects.select_for_update(of=("self",)).select_related("unit").get(pk=guidance.pk)
    if guidance.cancelled_at:
        raise Refused("这次指导已经取消，请另行计划。")
    return guidance

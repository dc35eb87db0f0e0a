"""经办人: who handles an objection, and so may see who objects. Changed by another, with a reason."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from awards.models import Handler, Objection
from awards.services import roster
from awards.services.handling import locked, refuse_telling
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require


def handlers_of(objection: Objection) -> list[Handler]:
    return list(objection.handlers.filter(until__isnull=True).select_related("user"))


@transaction.atomic
def take_up(objection: Objection, *, by: Membership, now: datetime) -> Handler:
    """With nobody on duty: one of the office handles it, and may look into the papers before accepting."""
    require(by, "awards.receive_objection", objection)
    objection = locked(objection)
    if objection.state != Objection.State.LODGED:
        raise Refused("异议 {number} 已经受理过，不能这样接手，请改派经办人。", number=objection.number)
    if taken := handlers_of(objection):
        raise Refused(
            "异议 {number} 已由“{names}”经办。",
            number=objection.number,
            names="、".join(str(each.user) for each in taken),
        )
    handler = Handler.objects.create(
        objection=objection, user=by.user, since=now, reason="主动接手", assigned_by=by
    )
    audit.record(
        "awards.assign_handler",
        objection,
        by=by,
        now=now,
        reason=handler.reason,
        before=[],
        after=[str(by.user)],
    )
    return handler


@transaction.atomic
def assign_handlers(
    objection: Objection, *, users: Collection[User], reason: str, by: Membership, now: datetime
) -> list[Handler]:
    """Let these handle it and nobody else. Nobody appoints themselves to see who objects."""
    require(by, "awards.assign_handler", objection)
    objection = locked(objection)
    host = objection.notice.edition.host
    if objection.state == Objection.State.ANSWERED:
        raise Refused("异议 {number} 已经答复，不能再改派经办人。", number=objection.number)
    if not users:
        raise Refused("请至少指派一名经办人。")
    if not reason.strip():
        raise Refused("请写明指派或改派的理由。")
    refuse_telling(objection, reason)
    before = {each.user_id: each for each in handlers_of(objection)}
    wanted = {user.pk: user for user in users}
    here = set(roster.people_of(host).values_list("pk", flat=True))
    for pk, user in wanted.items():
        if pk not in here:
            raise Refused("“{name}”不是本办公室的人员，请另选。", name=str(user))
    if by.user_id in wanted and by.user_id not in before:
        raise Refused("不能把异议指派给自己，请由办公室其他人员指派。")
    if set(wanted) == set(before):
        raise Refused("经办人没有变化。")
    for pk, handler in before.items():
        if pk not in wanted:
            handler.until = now
            handler.save(update_fields=["until"])
    for pk, user in wanted.items():
        if pk not in before:
            Handler.objects.create(
                objection=objection, user=user, since=now, reason=reason.strip(), assigned_by=by
            )
    audit.record(
        "awards.assign_handler",
        objection,
        by=by,
        now=now,
        reason=reason.strip(),
        before=sorted(str(each.user) for each in before.values()),
        after=sorted(str(user) for user in wanted.values()),
    )
    notify(
        "awards.assign_handler",
        Membership.objects.at(host, Role.OFFICE).filter(user__in=set(wanted) - set(before)),
        subject=f"请经办异议 {objection.number}：{objection.nomination.subject_name}",
        url=reverse("awards:objection", args=[objection.pk]),
        now=now,
        edition=objection.notice.edition,
        nomination=objection.nomination,
    )
    return handlers_of(objection)

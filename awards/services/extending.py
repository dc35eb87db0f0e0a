"""延期: more time for a decision, asked for by who handles it, allowed by a second person, once."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Extension, Objection
from awards.services.handling import locked, refuse_telling
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


def waiting(objection: Objection) -> Extension | None:
    return objection.extensions.filter(allowed__isnull=True).first()


@transaction.atomic
def ask_extension(objection: Objection, *, reason: str, by: Membership, now: datetime) -> Extension:
    require(by, "awards.handle_objection", objection)
    objection = locked(objection)
    edition = objection.notice.edition
    if objection.state != Objection.State.ACCEPTED:
        raise Refused("只有正在核查的异议可以申请延期。")
    if not reason.strip():
        raise Refused("请写明延期的理由。")
    refuse_telling(objection, reason)
    if objection.extensions.exclude(allowed=False).exists():
        raise Refused("这件异议已经申请过延期，至多延长一次。")
    if objection.decide_due is None:
        raise Refused("办结期限待定，现在不需要延期。")
    if timezone.localdate(now) > objection.decide_due:
        raise Refused("办结期限 {day} 已过，不能再申请延期，请尽快办结。", day=objection.decide_due)
    if not edition.extend_workdays:
        raise Refused("本届规则不允许延期，请在期限内办结。")
    asked = Extension.objects.create(
        objection=objection,
        from_due=objection.decide_due,
        to_due=calendar.published().add(objection.decide_due, edition.extend_workdays),
        reason=reason.strip(),
        asked_at=now,
        asked_by=by,
    )
    audit.record(
        "awards.ask_extension",
        objection,
        by=by,
        now=now,
        reason=asked.reason,
        to_due=asked.to_due.isoformat(),
    )
    return asked


@transaction.atomic
def decide_extension(objection: Objection, *, allowed: bool, by: Membership, now: datetime) -> Extension:
    """Allowed or not, by somebody else than who asked."""
    require(by, "awards.allow_extension", objection)
    objection = locked(objection)
    asked = waiting(objection)
    if asked is None:
        raise Refused("没有待决定的延期申请。请刷新页面查看最新情况。")
    if asked.asked_by.user_id == by.user_id:
        raise Refused("延期须由申请人以外的人员决定。")
    asked.allowed, asked.decided_at, asked.decided_by = allowed, now, by
    asked.save()
    if allowed:
        objection.decide_due = asked.to_due
        objection.save(update_fields=["decide_due"])
    audit.record(
        "awards.allow_extension",
        objection,
        by=by,
        now=now,
        allowed=allowed,
        from_due=asked.from_due.isoformat(),
        to_due=asked.to_due.isoformat(),
    )
    return asked

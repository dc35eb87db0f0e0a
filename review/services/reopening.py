"""A sheet that was handed in is opened once more: the office says why, and what it said stays on file."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review.models import OfficeRecusal, Reopening, ScoreSheet
from review.rules import sheet_total
from review.services.held import held, no_conflict, recusal_of, sheet_of
from review.services.sheets import content_of, dimensions_of, points_of


@transaction.atomic
def reopen_sheet(sheet: ScoreSheet, *, reason: str, by: Membership, now: datetime) -> Reopening:
    """Unlock a sheet that was handed in; until it is handed in again it counts no more.

    What it said is kept in the reopening: scores, remarks, comment, total, when it was handed in; and what it
    said before a discussion.
    """
    require(by, "review.reopen_sheet", sheet.assignment)
    row = held(sheet.assignment)
    name = row.nomination.subject_name
    if OfficeRecusal.objects.filter(
        user=by.user_id, nomination=row.nomination_id, lifted_at__isnull=True
    ).exists():
        raise Refused("您已登记回避“{name}”，不能重开它的评分表，请由其他工作人员办理。", name=name)
    if recusal_of(row):
        raise Refused("这位专家已回避“{name}”，评分表不计入成绩，不需要重开。", name=name)
    no_conflict(row)
    sheet = sheet_of(row)
    if sheet is None or sheet.submitted_at is None:
        raise Refused("“{name}”的这份评分表还没有提交，不需要重开。", name=name)
    reason = reason.strip()[:500]
    if not reason:
        raise Refused("请写明重开评分表的理由。")
    weights = {code: each.weight for code, each in dimensions_of(row).items()}
    total = str(sheet_total(points_of(sheet), weights))
    kept = Reopening.objects.create(
        sheet=sheet,
        reason=reason,
        content=content_of(sheet) | {"total": total, "before_discussion": sheet.before_discussion},
        reopened_at=now,
        reopened_by=by,
    )
    # It counts by what is handed in next, no more by what stood before a discussion.
    sheet.submitted_at, sheet.before_discussion, sheet.version = None, None, sheet.version + 1
    sheet.save()
    audit.record(
        "review.reopen_sheet",
        row,
        by=by,
        now=now,
        expert=row.member.code,
        reason=reason,
        scores=kept.content["scores"],
        total=total,
        version=sheet.version,
    )
    hats = Membership.objects.active().filter(user=row.member.user_id, role=Role.EXPERT)
    if row.member.user_id:
        notify(
            "review.reopen_sheet",
            hats.select_related("user"),
            subject=_("“{name}”的评分表已重开，请修改后再提交").format(name=name),
            body=_("理由：{reason}").format(reason=reason),
            url=reverse("review:sheet", args=[row.pk]),
            now=now,
            nomination=row.nomination,
        )
    return kept

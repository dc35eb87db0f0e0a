"""The office lets through what an enterprise released, or says why not."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from awards.models import Release
from awards.services import registry
from awards.services.releasing import hats_of, locked, refuse_unnamed, take_back
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.notify import notify
from portal.permissions import require

REPLACED = "由新公开的内容代替"


@transaction.atomic
def decide_releases(
    releases: Iterable[Release], *, approve: bool, reason: str = "", by: Membership, now: datetime
) -> list[Release]:
    """Let several through, or decline them with one reason; where one is no longer waiting, none."""
    rows, reason = locked(releases), reason.strip()
    if not rows:
        raise Refused("请至少选择一项。")
    if not approve and not reason:
        raise Refused("不同意公开须写明理由，企业据此修改后可以重新提交。")
    for row in rows:
        require(by, "awards.decide_release", row)
        _refuse_decided(row)
        if approve:
            refuse_unnamed(row)
    for row in rows:
        row.approved, row.decided_at, row.decided_by = approve, now, by
        row.declined_reason = "" if approve else reason[:300]
        row.save(update_fields=["approved", "decided_at", "decided_by", "declined_reason"])
        replaced = _replace(row, by, now) if approve else []
        audit.record(
            "awards.decide_release",
            row,
            by=by,
            now=now,
            enterprise=row.enterprise.credit_code,
            kind=row.kind,
            approved=approve,
            reason=row.declined_reason,
            replaces=replaced,
        )
    registry.changed()
    _tell(rows, approve, reason, now)
    return rows


def _refuse_decided(row: Release) -> None:
    if row.withdrawn_at:
        raise Refused("“{title}”已被撤回，不能再审核。请刷新页面后重新选择。", title=row.title)
    if row.decided_at:
        raise Refused("“{title}”已经审核过了。请刷新页面后重新选择。", title=row.title)


def _replace(row: Release, by: Membership, now: datetime) -> list[int]:
    """What is shown of the same thing goes; an enterprise has one introduction."""
    same = Q(source=row.source)
    if row.kind == Release.Kind.INTRODUCTION:
        same |= Q(kind=row.kind)
    shown = row.enterprise.releases.filter(same, approved=True, withdrawn_at__isnull=True).exclude(pk=row.pk)
    replaced = []
    for old in shown.order_by("pk"):
        take_back(old, reason=REPLACED, by=by, now=now)
        row.position = old.position
        row.save(update_fields=["position"])
        replaced.append(old.pk)
    return replaced


def _tell(rows: list[Release], approve: bool, reason: str, now: datetime) -> None:
    by_enterprise: Mapping[int, list[Release]] = {}
    for row in rows:
        by_enterprise.setdefault(row.enterprise_id, []).append(row)
    for pk, group in by_enterprise.items():
        said = "已同意公开" if approve else "没有同意公开"
        titles = [f"{each.get_kind_display()}：{each.title}" for each in group]
        notify(
            "awards.decide_release",
            hats_of(group[0]),
            subject=f"{group[0].enterprise.name} 的 {len(group)} 项展示内容，办公室{said}",
            body="\n".join([*titles, *([f"理由：{reason}"] if reason else [])]),
            url=reverse("awards:releases", args=[pk]),
            now=now,
        )

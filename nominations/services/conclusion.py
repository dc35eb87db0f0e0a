"""Closing the recommendation, and concluding the whole edition."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from nominations.models import Edition, Nomination
from nominations.services.moves import advance
from nominations.services.steps import close_step
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require

NOT_CHOSEN = N_("本届评选已办结，未入选。")
NOT_RECOMMENDED = N_("推荐截止时未完成推荐，本届评选已办结。")


@dataclass
class ClosePreview:
    """Who goes on, who stays behind and why, what stands in the way."""

    goes_on: list[Nomination] = field(default_factory=list)
    stays: list[Nomination] = field(default_factory=list)
    blocks: list[Refused] = field(default_factory=list)


@dataclass
class ConclusionPreview:
    named: list[Nomination] = field(default_factory=list)
    rejected: list[Nomination] = field(default_factory=list)
    withdrawn: list[Nomination] = field(default_factory=list)
    blocks: list[Refused] = field(default_factory=list)


def preview_close_recommendation(edition: Edition) -> ClosePreview:
    """Those recommended go on to screening; a draft, and one handed in but not recommended, stays behind."""
    preview = ClosePreview()
    for row in edition.nominations.select_related("recommender").prefetch_related("returns"):
        if row.state == State.SCREENING:
            preview.goes_on.append(row)
        elif row.state in (State.DRAFT, State.RECOMMENDATION):
            preview.stays.append(row)
    if not preview.goes_on:
        preview.blocks.append(Refused(N_("还没有已推荐的企业，不能关闭组织推荐环节。")))
    return preview


@transaction.atomic
def close_recommendation(edition: Edition, *, by: Membership, now: datetime) -> ClosePreview:
    require(by, "nominations.close_recommendation", edition)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    _lock_all(edition)
    preview = preview_close_recommendation(edition)
    if preview.blocks:
        raise preview.blocks[0]
    close_step(
        edition,
        StepKind.RECOMMENDATION,
        by=by,
        now=now,
        goes_on=[row.subject_key for row in preview.goes_on],
        stays=[row.subject_key for row in preview.stays],
    )
    counts = Counter(row.recommender_id for row in preview.goes_on)
    for organisation in Organisation.objects.filter(pk__in=counts):
        notify(
            "nominations.close_recommendation",
            Membership.objects.at(organisation, Role.RECOMMENDER).select_related("user"),
            subject=f"组织推荐已截止，贵单位推荐的 {counts[organisation.pk]} 家进入资格审查",
            url=reverse("nominations:desk", args=[edition.pk]),
            now=now,
            edition=edition,
        )
    return preview


def preview_conclude(edition: Edition) -> ConclusionPreview:
    """Reserves end as not chosen, what was never recommended as withdrawn.

    One still in publicity blocks, and one that a visit sent back to screening and nobody has settled.
    """
    preview = ConclusionPreview()
    screened = edition.step(StepKind.SCREENING).closed_at is not None
    if edition.concluded_at:
        preview.blocks.append(Refused(N_("这一届已经办结。")))
    current = edition.current_step
    if current is not None and current.kind != StepKind.PUBLICITY:
        preview.blocks.append(
            Refused(N_("“{step}”环节还没有关闭，请先办结该环节。"), step=str(current.get_kind_display()))
        )
    for row in edition.nominations.select_related("recommender"):
        if row.state == State.NAMED:
            preview.named.append(row)
        elif row.state == State.PUBLICITY:
            preview.blocks.append(
                Refused(N_("“{name}”还在公示环节，请先命名，或按异议程序办结。"), name=row.subject_name)
            )
        elif row.state == State.SCREENING and screened:
            preview.blocks.append(
                Refused(
                    N_("“{name}”考察后转回资格审查，还没有复审结论，请先作出结论。"), name=row.subject_name
                )
            )
        elif row.state in (State.DRAFT, State.RECOMMENDATION):
            preview.withdrawn.append(row)
        elif row.state not in (State.REJECTED, State.WITHDRAWN):
            preview.rejected.append(row)
    return preview


@transaction.atomic
def conclude(edition: Edition, *, by: Membership, now: datetime) -> ConclusionPreview:
    """End an edition: nothing in it stays open."""
    require(by, "nominations.conclude", edition)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    _lock_all(edition)
    preview = preview_conclude(edition)
    if preview.blocks:
        raise preview.blocks[0]
    if edition.current_step is not None:
        close_step(edition, StepKind.PUBLICITY, by=by, now=now)
    for row in sorted(preview.rejected, key=lambda each: each.pk):
        advance(row, "reject", by=by, now=now, note=NOT_CHOSEN)
    for row in sorted(preview.withdrawn, key=lambda each: each.pk):
        advance(row, "withdraw", by=by, now=now, note=NOT_RECOMMENDED)
    edition.concluded_at = now
    edition.save(update_fields=["concluded_at"])
    audit.record(
        "nominations.conclude",
        edition,
        by=by,
        now=now,
        named=[row.subject_key for row in preview.named],
        rejected=len(preview.rejected),
        withdrawn=len(preview.withdrawn),
    )
    return preview


def _lock_all(edition) -> None:
    list(edition.nominations.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))

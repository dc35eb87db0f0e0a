"""Closing the recommendation, and concluding the whole edition."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from nominations.models import Edition, Nomination, Step
from nominations.services.moves import advance
from nominations.services.steps import close_step
from nominations.states import OPEN, State, StepKind
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
    #: Not held, or not to its end: closed with the edition, for which the office says why.
    unheld: list[Step] = field(default_factory=list)


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

    One still in publicity blocks, and one that a visit sent back to screening and nobody has settled; so does
    a step that is not closed, unless nobody is left to hold it for. 委员会决定: ended before a list was
    published, an edition needs a reason; after that its publicity is closed by what belongs to it.
    """
    rows = list(edition.nominations.select_related("recommender"))
    preview = ConclusionPreview()
    screened = edition.step(StepKind.SCREENING).closed_at is not None
    if edition.concluded_at:
        preview.blocks.append(Refused(N_("这一届已经办结。")))
    current = edition.current_step
    if current is not None:
        if block := _still_to_do(edition, current, rows):
            preview.blocks.append(block)
        preview.unheld = [step for step in edition.steps.all() if step.enabled and not step.closed_at]
    for row in rows:
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


def _still_to_do(edition: Edition, current: Step, rows: list[Nomination]) -> Refused | None:
    """What the step that is not closed is still needed for."""
    if current.kind == StepKind.PUBLICITY:
        if edition.notices.exists():
            return Refused(
                N_(
                    "已经公示过名单，“提名公示”环节还没有关闭。请在“公示”页办理命名；不再递补的，"
                    "写明理由关闭该环节，再办结本届。"
                )
            )
        return None
    poll = getattr(edition, "poll", None)
    if poll is not None and poll.opened_at and not poll.closed_at:
        return Refused(N_("投票已经开启，还没有关闭。请先关闭投票，再办结本届。"))
    if any(_is_left(row, current) for row in rows):
        return Refused(N_("“{step}”环节还没有关闭，请先办结该环节。"), step=str(current.get_kind_display()))
    return None


def _is_left(row: Nomination, current: Step) -> bool:
    """Whether the procedure can still go on with this one: not if the recommendation closed without it."""
    if row.state not in (State.DRAFT, State.RECOMMENDATION):
        return row.state in OPEN
    if current.kind == StepKind.RECOMMENDATION:
        return True
    # Sent back to be mended, it comes again while the screening is open.
    return (
        current.kind == StepKind.SCREENING
        and row.returns.filter(mended_at__isnull=True, from_state=State.SCREENING).exists()
    )


@transaction.atomic
def conclude(edition: Edition, *, by: Membership, now: datetime, reason: str = "") -> ConclusionPreview:
    """End an edition: nothing in it stays open. `reason` is asked where a step was not held to its end."""
    require(by, "nominations.conclude", edition)
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    _lock_all(edition)
    preview = preview_conclude(edition)
    if preview.blocks:
        raise preview.blocks[0]
    why = {}
    if preview.unheld:
        if not reason.strip():
            raise Refused(
                "“{step}”环节没有办完，请写明就此办结的理由。",
                step=str(preview.unheld[0].get_kind_display()),
            )
        why = {"reason": reason.strip(), "unheld": [step.kind for step in preview.unheld]}
    for step in preview.unheld:
        close_step(edition, step.kind, by=by, now=now, reason=why["reason"])
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
        **why,
    )
    return preview


def _lock_all(edition) -> None:
    list(edition.nominations.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))

"""Seating a panel by lot: the draw, the invitations, and who comes in for whom."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review import drawing
from review.models import Assignment, Draw, Expert, PanelMember

FORMAT = "xuanshu-draw/1"
Standing = PanelMember.Standing


@dataclass(frozen=True)
class Criteria:
    """Whom the committee wants: fields (none: any), panels a year at most, whether the last panel rests."""

    size: int
    reserves: int = 0
    fields: tuple[str, ...] = ()
    most: int | None = None
    rotate: bool = False

    def as_json(self) -> dict:
        return {
            "size": self.size,
            "reserves": self.reserves,
            "fields": sorted(self.fields),
            "most": self.most,
            "rotate": self.rotate,
        }


#: Why somebody is not in the pool, as the office reads it.
WHY_OUT = {
    drawing.INACTIVE: N_("不在库"),
    drawing.SEATED: N_("本届已抽取或聘请过"),
    drawing.FIELD: N_("专业领域不符"),
    drawing.BUSY: N_("今年担任评审已达上限"),
    drawing.RESTING: N_("上一届担任过，本届轮换"),
}


@dataclass(frozen=True)
class DrawPreview:
    """Who is in the pool, and who is not and why."""

    pool: list[Expert]
    out: list[tuple[Expert, str]]

    @property
    def digest(self) -> str:
        """Of the keys in the pool: by it a confirmation knows whether the pool is still the one shown."""
        keys = ",".join(sorted(str(expert.pk) for expert in self.pool))
        return hashlib.sha256(keys.encode()).hexdigest()


def preview_draw(edition: Edition, criteria: Criteria) -> DrawPreview:
    """The pool as it is now; nothing is drawn."""
    pool, out = [], []
    candidates = _candidates(edition)
    for expert in Expert.objects.order_by("pk"):
        why = drawing.fits(
            candidates[expert.pk], fields=criteria.fields, most=criteria.most, rotate=criteria.rotate
        )
        if why:
            out.append((expert, why))
        else:
            pool.append(expert)
    return DrawPreview(pool, out)


def _candidates(edition) -> dict[int, drawing.Candidate]:
    served = PanelMember.objects.filter(standing__in=(Standing.INVITED, Standing.SEATED))
    this_year = served.filter(edition__year=edition.year).exclude(edition=edition)
    last = (
        Edition.objects.filter(host=edition.host, category=edition.category, year__lt=edition.year)
        .order_by("-year")
        .first()
    )
    rested = set(served.filter(edition=last).values_list("expert", flat=True)) if last else set()
    seated = set(edition.panel.values_list("expert", flat=True))
    reviews = Counter(this_year.values_list("expert", flat=True))
    return {
        expert.pk: drawing.Candidate(
            str(expert.pk),
            frozenset(expert.fields),
            reviews[expert.pk],
            expert.pk in rested,
            expert.active,
            expert.pk in seated,
        )
        for expert in Expert.objects.all()
    }


@transaction.atomic
def draw_panel(
    edition: Edition, criteria: Criteria, *, seed: str, shown: str = "", by: Membership, now: datetime
) -> Draw:
    """Draw, invite the first so many, keep the next as reserves in their order. The record has it all.

    `shown` is the digest of the pool that was looked at; refused when it is another by now.
    """
    require(by, "review.seat_panel", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    seed = seed.strip()
    if not seed:
        raise Refused("请填写随机种子，并先向监督人员公布。")
    if edition.draws.filter(seed=seed).exists():
        raise Refused("种子“{seed}”在本届已经用过，请另定一个。", seed=seed)
    if criteria.size < 1:
        raise Refused("抽取人数应当至少为 1。")
    pool = preview_draw(edition, criteria).pool
    if shown and shown != DrawPreview(pool, []).digest:
        raise Refused("备选专家在预览之后有变动，本次没有抽取。请重新核对备选名单。")
    if len(pool) < criteria.size:
        raise Refused(
            "符合条件的专家只有 {pool} 位，不够抽取 {size} 位。请放宽条件，或先补充专家库。",
            pool=len(pool),
            size=criteria.size,
        )
    keys = sorted(str(expert.pk) for expert in pool)
    order = drawing.draw(keys, seed)[: criteria.size + criteria.reserves]
    drawn = Draw.objects.create(
        edition=edition,
        number=(edition.draws.aggregate(last=Max("number"))["last"] or 0) + 1,
        seed=seed,
        criteria=criteria.as_json(),
        pool=[[str(expert.pk), expert.name] for expert in pool],
        order=order,
        digest=digest_of(seed, keys, order),
        drawn_at=now,
        drawn_by=by,
    )
    experts = {str(expert.pk): expert for expert in pool}
    members = _seat(edition, drawn, [experts[key] for key in order], criteria.size, now)
    audit.record(
        "review.draw_panel",
        edition,
        by=by,
        now=now,
        seed=seed,
        criteria=drawn.criteria,
        pool=len(pool),
        digest=drawn.digest,
        drawn=[[member.code, member.expert.name, member.standing] for member in members],
    )
    _invite([member for member in members if member.standing == Standing.INVITED], now)
    return drawn


def digest_of(seed: str, keys: list[str], order: list[str]) -> str:
    facts = {"format": FORMAT, "seed": seed, "pool": keys, "order": order}
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def recompute(drawn: Draw) -> bool:
    """Whether the pool and the seed still give this order."""
    keys = sorted(key for key, _name in drawn.pool)
    order = drawing.draw(keys, drawn.seed)[: len(drawn.order)]
    return order == drawn.order and digest_of(drawn.seed, keys, order) == drawn.digest


def _seat(edition, drawn, experts, size, now) -> list[PanelMember]:
    codes = set(edition.panel.values_list("code", flat=True))
    made = []
    for place, expert in enumerate(experts, start=1):
        invited = place <= size
        code = _next_code(codes)
        codes.add(code)
        made.append(
            PanelMember.objects.create(
                edition=edition,
                expert=expert,
                user=expert.user,
                code=code,
                draw=drawn,
                standing=Standing.INVITED if invited else Standing.RESERVE,
                reserve=None if invited else place - size,
                invited_at=now if invited else None,
            )
        )
    return made


def _next_code(codes: set[str]) -> str:
    number = 1
    while (code := f"E{number:02d}") in codes:
        number += 1
    return code


@transaction.atomic
def answer_invitation(
    member: PanelMember, *, accept: bool, reason: str = "", by: Membership, now: datetime
) -> PanelMember:
    """The expert accepts or declines; the office may write down what it was told. A reserve moves up."""
    require(by, "review.answer_invitation", member)
    Edition.objects.select_for_update(no_key=True).get(pk=member.edition_id)
    member = PanelMember.objects.select_related("edition__host", "expert").get(pk=member.pk)
    require_open(member.edition, StepKind.REVIEW)
    if member.standing != Standing.INVITED:
        raise Refused("这份邀请已经答复过（{standing}）。", standing=str(Standing(member.standing).label))
    if not accept and not reason.strip():
        raise Refused("谢绝邀请请写明理由。")
    member.standing = Standing.SEATED if accept else Standing.DECLINED
    member.answered_at, member.reason = now, "" if accept else reason.strip()[:300]
    member.save()
    audit.record(
        "review.answer_invitation",
        member,
        by=by,
        now=now,
        edition=member.edition,
        expert=member.code,
        accepted=accept,
        reason=member.reason,
        on_behalf=by.user_id != member.user_id,
    )
    if not accept:
        _move_up(member, by=by, now=now)
    return member


@dataclass(frozen=True)
class Leaving:
    """What becomes of the work of a member who leaves, and who is invited instead."""

    submitted: int  # counts
    drafts: int  # stay on file and count no more
    untouched: int  # taken back
    follower: PanelMember | None


def preview_replace(member: PanelMember) -> Leaving:
    tasks = Assignment.objects.filter(member=member, recusal__isnull=True)
    return Leaving(
        tasks.filter(sheet__submitted_at__isnull=False).count(),
        tasks.filter(sheet__isnull=False, sheet__submitted_at__isnull=True).count(),
        tasks.filter(sheet__isnull=True).count(),
        _follower(member),
    )


def _follower(gone: PanelMember) -> PanelMember | None:
    """The next reserve of the same draw."""
    reserves = PanelMember.objects.filter(edition=gone.edition_id, standing=Standing.RESERVE)
    if not gone.draw_id:
        return None
    return reserves.filter(draw=gone.draw_id).select_related("expert").order_by("reserve").first()


@transaction.atomic
def replace_member(member: PanelMember, *, reason: str, by: Membership, now: datetime) -> PanelMember | None:
    """A member who cannot go on leaves; what was handed in counts, the rest is given anew by a top-up.

    Returns the reserve who is invited instead, None where there is none.
    """
    require(by, "review.seat_panel", member.edition)
    Edition.objects.select_for_update(no_key=True).get(pk=member.edition_id)
    member = PanelMember.objects.select_related("edition__host", "expert").get(pk=member.pk)
    require_open(member.edition, StepKind.REVIEW)
    if member.standing not in (Standing.SEATED, Standing.INVITED):
        raise Refused("专家 {code} 现在不在专家组中，不需要替换。", code=member.code)
    if not reason.strip():
        raise Refused("请写明替换的理由。")
    member.standing, member.reason, member.answered_at = Standing.REPLACED, reason.strip()[:300], now
    member.save()
    left = Assignment.objects.filter(member=member, sheet__isnull=True, recusal__isnull=True)
    audit.record(
        "review.replace_member",
        member,
        by=by,
        now=now,
        edition=member.edition,
        expert=member.code,
        reason=member.reason,
        taken_back=left.count(),
    )
    left.delete()
    return _move_up(member, by=by, now=now)


def _move_up(gone: PanelMember, *, by, now) -> PanelMember | None:
    """The next reserve of the same draw is invited; where there is none, the office is told."""
    following = _follower(gone)
    if following is None:
        notify(
            "review.panel_short",
            Membership.objects.at(gone.edition.host, Role.OFFICE).select_related("user"),
            subject=_("{title}：专家组空缺一席，没有候补").format(title=gone.edition.title),
            body=_("专家 {code} 不能参加。请再抽取或另行聘请。").format(code=gone.code),
            url=reverse("review:panel", args=[gone.edition_id]),
            now=now,
            edition=gone.edition,
        )
        return None
    following.standing, following.invited_at, following.replaces = Standing.INVITED, now, gone
    following.save()
    audit.record(
        "review.invite_reserve",
        following,
        by=by,
        now=now,
        edition=gone.edition,
        expert=following.code,
        replaces=gone.code,
    )
    _invite([following], now)
    return following


def _invite(members, now) -> None:
    users = {member.user_id: member for member in members if member.user_id}
    if not users:
        return
    edition = members[0].edition
    hats = Membership.objects.active().filter(user__in=users, role=Role.EXPERT).select_related("user")
    notify(
        "review.invite",
        hats,
        subject=_("邀请您担任《{title}》评审专家").format(title=edition.title),
        body=_("请登录后答复是否参加。"),
        url=reverse("review:sheets"),
        now=now,
        edition=edition,
    )

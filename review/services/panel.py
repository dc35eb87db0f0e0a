"""The panel of an edition: who sits on it, and who reviews what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require
from review.models import Assignment, Expert, PanelMember


@dataclass(frozen=True)
class Seat:
    """One place on the panel: its number, who sits there, and the account, where there is one."""

    code: str
    name: str
    user: User | None = None
    employer: str = ""
    employer_code: str = ""
    fields: list[str] = field(default_factory=list)


@transaction.atomic
def seat_panel(
    edition: Edition, experts: Iterable[Seat], *, by: Membership, now: datetime
) -> list[PanelMember]:
    """Add experts to the panel under the panel's own numbers; one who sits there already is left as is."""
    require(by, "review.seat_panel", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    seated = {member.code: member for member in edition.panel.select_related("expert")}
    added = []
    for seat in experts:
        member = seated.get(seat.code)
        if member is not None:
            if member.expert.name != seat.name or member.user_id != getattr(seat.user, "pk", None):
                raise Refused("专家编号 {code} 已由他人使用，请换一个编号。", code=seat.code)
            continue
        expert = _expert(seat)
        if any(other.expert_id == expert.pk for other in seated.values()):
            raise Refused("{name}已在本届专家组中，不能重复聘请。", name=seat.name)
        member = PanelMember(edition=edition, expert=expert, code=seat.code, user=seat.user)
        member.full_clean()
        member.save()
        seated[seat.code] = member
        added.append(member)
    if added:
        audit.record(
            "review.seat_panel",
            edition,
            by=by,
            now=now,
            seats=[[each.code, each.expert.name] for each in added],
        )
    return list(seated.values())


def _expert(seat: Seat) -> Expert:
    """The register's row of this person: known by the account, or by name at the same employer."""
    if not seat.code.strip() or not seat.name.strip():
        raise Refused("每位专家都要有编号和姓名，请补充。")
    known = None
    if seat.user is not None:
        known = Expert.objects.filter(user=seat.user).first()
        if not Membership.objects.active().filter(user=seat.user, role=Role.EXPERT).exists():
            raise Refused("{name}的账户没有专家身份，请系统管理员先设置。", name=seat.name)
    elif seat.employer:
        known = Expert.objects.filter(user=None, name=seat.name, employer=seat.employer).first()
    if known:
        return known
    expert = Expert(
        user=seat.user,
        name=seat.name,
        employer=seat.employer,
        employer_code=seat.employer_code,
        fields=list(seat.fields),
    )
    expert.full_clean()
    expert.save()
    return expert


@transaction.atomic
def assign_all(edition: Edition, *, by: Membership, now: datetime) -> int:
    """委员会决定: every member reviews every nomination, except that of the member's own employer."""
    require(by, "review.assign", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    if not edition.panel.exists():
        raise Refused("专家组还没有成员，请先聘请专家。")
    if not edition.nominations.filter(state=State.REVIEW).exists():
        raise Refused("还没有进入专家评审的企业，请先关闭资格审查。")
    made = [
        Assignment(member=member, nomination=nomination, assigned_at=now)
        for member, nomination in unassigned(edition)
    ]
    Assignment.objects.bulk_create(made)
    if made:
        audit.record(
            "review.assign",
            edition,
            by=by,
            now=now,
            assignments=sorted([each.member.code, each.nomination.enterprise.credit_code] for each in made),
        )
        _tell(edition, {each.member_id: each.member for each in made}.values(), now)
    return len(made)


def unassigned(edition: Edition) -> list[tuple[PanelMember, Nomination]]:
    """Who would review what beside what is assigned already."""
    members = list(edition.panel.select_related("expert", "user"))
    nominations = list(
        edition.nominations.filter(state=State.REVIEW).select_related("enterprise").order_by("pk")
    )
    there = set(
        Assignment.objects.filter(nomination__in=nominations).values_list("member_id", "nomination_id")
    )
    return [
        (member, nomination)
        for nomination in nominations
        for member in members
        if (member.pk, nomination.pk) not in there and not _own(member, nomination)
    ]


def _own(member, nomination) -> bool:
    return bool(member.expert.employer_code) and (
        member.expert.employer_code == nomination.enterprise.credit_code
    )


def _tell(edition, members, now):
    users = [member.user_id for member in members if member.user_id]
    hats = Membership.objects.active().filter(user__in=users, role=Role.EXPERT).select_related("user")
    notify(
        "review.assign",
        hats,
        subject=_("《{title}》的评审材料已分配给您").format(title=edition.title),
        body=_("请先逐家声明有无回避情形，再打开材料评分。"),
        url=reverse("review:sheets"),
        now=now,
        edition=edition,
    )

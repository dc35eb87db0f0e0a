"""The panel of an edition: who sits on it, and who reviews what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.permissions import require
from review.models import Expert, PanelMember
from review.services import assigning


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


def assign_all(edition: Edition, *, by: Membership, now: datetime) -> int:
    """委员会决定: every member reviews every nomination, except where a conflict stands."""
    run = assigning.assign(edition, seed="0", each=0, by=by, now=now)
    return len(run.outcome) if run else 0

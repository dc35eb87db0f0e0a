"""The teams of an edition: who leads, who is in it, since when, and why somebody left."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from awards.models import Inspection, Inspector, Team, TeamMember
from awards.services import inspector_conflicts
from awards.services.team_places import NAMES, current, going, inspectors, kept_by
from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, User
from portal.permissions import require
from portal.workbook import name_key

__all__ = ["change_team", "keep_inspector", "make_team", "members_on", "retire_team"]


def members_on(visit: Inspection) -> list[TeamMember]:
    """Who of the visit's team goes on it, the leader first; nobody where it was taken over from paper."""
    if not visit.team_id:
        return []
    return going(visit.team, inspector_conflicts.barred(visit.nomination))


@dataclass(frozen=True)
class Seat:
    """Somebody as a team is asked to be: with an account, or by name alone."""

    user: User | None
    name: str
    post: str = ""
    leader: bool = False

    @property
    def key(self) -> tuple:
        return (self.user.pk if self.user else self.name, self.leader)


@transaction.atomic
def make_team(
    edition: Edition,
    *,
    name: str = "",
    leader: User,
    members: list[User],
    others: list[str] = (),
    by: Membership,
    now: datetime,
) -> Team:
    """A new team under the next number. Without a name it is called by its number."""
    require(by, "awards.manage_teams", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    seats = _seats(leader, members, others)
    number = (edition.teams.aggregate(last=Max("number"))["last"] or 0) + 1
    name = name.strip() or f"第{number}考察组"
    _refuse_same_name(edition, name)
    team = Team.objects.create(edition=edition, number=number, name=name, made_at=now, made_by=by)
    TeamMember.objects.bulk_create([_placed(team, seat, now) for seat in seats])
    audit.record(
        "awards.manage_teams", team, by=by, now=now, edition=edition, made=name, members=_said(seats)
    )
    return team


@transaction.atomic
def change_team(
    team: Team,
    *,
    name: str,
    leader: User,
    members: list[User],
    others: list[str] = (),
    reason: str = "",
    by: Membership,
    now: datetime,
) -> Team:
    """The team as it shall be from now on; visits without a verdict follow.

    Whoever leaves, and a leader who hands over, is kept with the reason.
    """
    edition = Edition.objects.select_for_update(no_key=True).get(pk=team.edition_id)
    require(by, "awards.manage_teams", edition)
    require_open(edition, StepKind.INSPECTION)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if not team.active:
        raise Refused("“{name}”已经停用，不能再改。", name=team.name)
    seats = {seat.key: seat for seat in _seats(leader, members, others)}
    name = name.strip() or team.name
    if name != team.name:
        _refuse_same_name(edition, name)
    now_in = {(member.user_id or member.name, member.leader): member for member in current(team)}
    gone = [member for key, member in now_in.items() if key not in seats]
    come = [seat for key, seat in seats.items() if key not in now_in]
    reason = reason.strip()[:200]
    if gone and not reason:
        raise Refused("{names}退出或改任，请写明原因。", names="、".join(member.name for member in gone))
    if not gone and not come and name == team.name:
        return team
    for member in gone:
        member.left_at, member.left_reason = now, reason
        member.save(update_fields=["left_at", "left_reason"])
    TeamMember.objects.bulk_create([_placed(team, seat, now) for seat in come])
    before, team.name = team.name, name
    team.save(update_fields=["name"])
    audit.record(
        "awards.manage_teams",
        team,
        by=by,
        now=now,
        edition=edition,
        renamed=[before, name] if before != name else [],
        left=[member.name for member in gone],
        joined=_said(come),
        reason=reason,
    )
    inspector_conflicts.refill(edition, team=team, by=by, now=now)
    return team


@transaction.atomic
def retire_team(team: Team, *, reason: str, by: Membership, now: datetime) -> Team:
    """No further visits for this team. One with open visits is not retired."""
    edition = Edition.objects.select_for_update(no_key=True).get(pk=team.edition_id)
    require(by, "awards.manage_teams", edition)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if not team.active:
        raise Refused("“{name}”已经停用。", name=team.name)
    if not reason.strip():
        raise Refused("请写明停用的原因。")
    waiting = team.visits.filter(verdict="").select_related("nomination")
    if waiting:
        raise Refused(
            "“{name}”还有 {count} 家没有考察：{names}。请先改派，再停用。",
            name=team.name,
            count=len(waiting),
            names="、".join(visit.nomination.subject_name for visit in waiting[:5]),
        )
    team.active = False
    team.save(update_fields=["active"])
    audit.record(
        "awards.manage_teams", team, by=by, now=now, edition=edition, retired=True, reason=reason.strip()
    )
    return team


@transaction.atomic
def keep_inspector(
    edition: Edition,
    user: User,
    *,
    employer: str = "",
    employer_code: str = "",
    division_name: str = "",
    post: str = "",
    phone: str = "",
    active: bool = True,
    by: Membership,
    now: datetime,
) -> Inspector:
    """What is known of somebody who visits; the conflicts of the edition are looked for once more.

    It holds in every edition, so only the office whose people these are, or who sends them, writes it.
    """
    require(by, "awards.manage_teams", edition)
    Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    if not inspectors().filter(pk=user.pk).exists():
        raise Refused("这位人员没有考察组身份，请先由系统管理员设置。")
    if not kept_by(edition).filter(pk=user.pk).exists():
        raise Refused("{name}不是本单位的考察人员，也不在本届的考察组里，不能修改资料。", name=str(user))
    facts = {
        "employer": employer.strip(),
        "employer_code": employer_code.strip().upper(),
        "division_name": division_name.strip(),
        "post": post.strip(),
        "phone": phone.strip(),
        "active": active,
    }
    row, _made = Inspector.objects.update_or_create(user=user, defaults=facts)
    # A telephone is not copied into the record.
    told = {key: value for key, value in facts.items() if key != "phone"}
    audit.record("awards.manage_teams", row, by=by, now=now, edition=edition, **told)
    inspector_conflicts.find_conflicts(edition, by=by, now=now)
    return row


def _seats(leader: User, members: list[User], others: list[str]) -> list[Seat]:
    if leader is None:
        raise Refused("请选择考察组长。")
    people = [leader, *members]
    if len({user.pk for user in people}) < len(people):
        raise Refused("组长不能同时是成员，请另选一名成员。")
    known = {user.pk: user for user in inspectors().select_related("inspector")}
    strange = [str(user) for user in people if user.pk not in known]
    if strange:
        raise Refused(
            "所选人员中有人不是考察组成员（{names}），请先由系统管理员设置其考察组身份。",
            names="、".join(strange),
        )
    resting = [
        str(user)
        for user in people
        if not getattr(getattr(known[user.pk], "inspector", None), "active", True)
    ]
    if resting:
        raise Refused("{names}现在不能派出，请另选人员。", names="、".join(resting))
    seats = [_seat(known[user.pk], leader=user == leader) for user in people]
    seats += [Seat(None, name) for each in others if (name := each.strip())]
    keys = [name_key(seat.name) for seat in seats]
    twice = sorted({seat.name for seat in seats if keys.count(name_key(seat.name)) > 1})
    if twice:
        raise Refused("{names}重名，请在姓名后注明以便区分。", names="、".join(twice))
    if len(seats) < 2:
        raise Refused("考察结论要由组长和一名成员签名，请至少选一名成员。")
    if len("、".join(seat.name for seat in seats[1:])) > NAMES:
        raise Refused("成员过多，姓名合计超过 {most} 字，请分成几个考察组。", most=NAMES)
    return seats


def _seat(user: User, *, leader: bool) -> Seat:
    known = getattr(user, "inspector", None)
    return Seat(user, str(user), f"{known.employer}{known.post}"[:120] if known else "", leader)


def _placed(team: Team, seat: Seat, now: datetime) -> TeamMember:
    return TeamMember(
        team=team, user=seat.user, name=seat.name[:60], post=seat.post, leader=seat.leader, joined_at=now
    )


def _said(seats: list[Seat]) -> list[str]:
    return [f"{seat.name}（组长）" if seat.leader else seat.name for seat in seats]


def _refuse_same_name(edition: Edition, name: str) -> None:
    if edition.teams.filter(name=name).exists():
        raise Refused("本届已经有“{name}”，请换一个名称。", name=name)

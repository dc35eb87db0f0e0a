"""Who stands in a team now, and on a visit of it; the visit repeats the names for its papers."""

import re

from django.db.models import Prefetch, Q

from awards.models import Inspection, Team, TeamMember
from nominations.models import Edition
from portal.models import Membership, Organisation, Role, User

NAMES = 200


def inspectors():
    """Everyone who wears an inspector's hat."""
    hats = Membership.objects.active().filter(role=Role.INSPECTOR)
    return User.objects.filter(pk__in=hats.values("user")).order_by("full_name", "pk")


def kept_by(edition: Edition):
    """Whose particulars the office of this edition keeps: its own people, and those in its teams.

    Its own are those of the unit itself and of the 考察组 below it.
    """
    hats = Membership.objects.active().filter(role=Role.INSPECTOR)
    own = hats.filter(
        Q(organisation=edition.host_id)
        | Q(organisation__parent=edition.host_id, organisation__kind=Organisation.Kind.TEAM)
    )
    here = TeamMember.objects.filter(team__edition=edition, left_at__isnull=True, user__isnull=False)
    return inspectors().filter(Q(pk__in=own.values("user")) | Q(pk__in=here.values("user")))


def current(team: Team) -> list[TeamMember]:
    """The members of today, the leader first."""
    known = getattr(team, "_prefetched_objects_cache", {}).get("members")
    members = team.members.all() if known is None else known
    return sorted((m for m in members if m.left_at is None), key=lambda m: (not m.leader, m.pk))


def with_members(teams):
    """Teams with their members at hand: two queries, however many."""
    return teams.prefetch_related(
        Prefetch("members", TeamMember.objects.select_related("user__inspector").order_by("pk"))
    )


def going(team: Team, away: set[int]) -> list[TeamMember]:
    """Those of the team who may go where the people in `away` (by user) must not."""
    return [member for member in current(team) if member.user_id is None or member.user_id not in away]


def can_go(team: Team, away: set[int]) -> bool:
    """委员会决定: two sign, so a team goes with its leader and at least one other."""
    members = going(team, away)
    return len(members) > 1 and members[0].leader


def names(members: list[TeamMember]) -> tuple[str, str]:
    """The leader's name and those of the others, as the papers write them."""
    leader = next((member.name for member in members if member.leader), "")
    return leader, "、".join(member.name for member in members if not member.leader)


def names_of(text: str) -> list[str]:
    """The single names in 演示成员甲、演示成员乙, whatever separates them."""
    return [name for name in re.split(r"[、，,;；\s]+", text) if name]


def fill(visit: Inspection, away: set[int]) -> list[User] | None:
    """Write the team of today onto a visit under lock, without those who must stay away.

    Returns who was on the visit and is not any more; None when nothing changed.
    """
    before = list(visit.inspectors.all())
    if visit.team_id:
        members = going(visit.team, away)
        people = [member.user for member in members if member.user_id]
        leader, others = names(members)
    else:
        people = [user for user in before if user.pk not in away]
        gone = {str(user) for user in before} - {str(user) for user in people}
        leader = "" if visit.leader_name in gone else visit.leader_name
        others = "、".join(name for name in visit.member_names.split("、") if name not in gone)
    if {user.pk for user in before} == {user.pk for user in people} and (leader, others) == (
        visit.leader_name,
        visit.member_names,
    ):
        return None
    visit.leader_name, visit.member_names = leader, others
    visit.version += 1
    visit.save(update_fields=["leader_name", "member_names", "version"])
    visit.inspectors.set(people)
    staying = {user.pk for user in people}
    return [user for user in before if user.pk not in staying]

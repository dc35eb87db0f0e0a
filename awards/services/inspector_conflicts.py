"""回避 of those who visit: found by the portal, declared by the person, settled by the office.

The four states of the experts' conflicts (`review.services.conflicts`): what is pinned with a reason neither
the finder nor a declaration changes. It is asked when a visit is given to a team, when it is recorded and
signed, and when the step is closed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from awards.models import Inspection, InspectorConflict, Team
from awards.services.inspector_ties import seen
from awards.services.open_visits import locked, refuse_recorded
from awards.services.team_places import fill, inspectors, names_of
from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require
from portal.workbook import name_key

Pair = tuple[int, int]
PINNED = (InspectorConflict.State.PINNED_CONFLICT, InspectorConflict.State.PINNED_CLEAR)


@dataclass(frozen=True)
class Standing:
    """How it stands between a person and a nomination: barred or not, why, and who said so."""

    barred: bool
    reason: str = ""
    row: InspectorConflict | None = None


# --- asked


def standing(edition: Edition, nominations: Iterable[Nomination] | None = None) -> dict[Pair, Standing]:
    """(user, nomination) → how it stands, for every pair of which anything is known."""
    found = seen(edition, nominations)
    rows = InspectorConflict.objects.filter(nomination__edition=edition).select_related("set_by__user")
    if nominations is not None:
        rows = rows.filter(nomination__in=[each.pk for each in nominations])
    known = {(row.user_id, row.nomination_id): row for row in rows}
    return {key: _standing(known.get(key), found.get(key, "")) for key in found.keys() | known.keys()}


def _standing(row: InspectorConflict | None, reason: str) -> Standing:
    if row is None:
        return Standing(bool(reason), reason)
    if row.state in InspectorConflict.STANDING:
        return Standing(True, row.reason or reason, row)
    if row.state == InspectorConflict.State.PINNED_CLEAR:
        return Standing(False, row.reason, row)
    return Standing(bool(reason), reason or row.reason, row)


def barred_pairs(edition: Edition, nominations: Iterable[Nomination] | None = None) -> set[Pair]:
    """The pairs that may not meet: conflicts that stand, and those the portal sees unless cleared."""
    return {key for key, how in standing(edition, nominations).items() if how.barred}


def barred(nomination: Nomination) -> set[int]:
    """Who (by user) may not visit this one."""
    return {user for user, _nomination in barred_pairs(nomination.edition, [nomination])}


def has_declared(visit: Inspection, user: User) -> bool:
    """Whether this person has said how it stands with this enterprise, or the office has settled it."""
    return (
        InspectorConflict.objects.filter(nomination=visit.nomination_id, user=user)
        .exclude(source=InspectorConflict.Source.FOUND)
        .exists()
    )


def must_declare(visit: Inspection, user: User) -> bool:
    """Whether this person is of the visit's team and has not declared yet."""
    member = visit.team_id and visit.team.members.filter(user=user, left_at__isnull=True).exists()
    return bool(member) and not has_declared(visit, user)


def undeclared(edition: Edition, hat: Membership) -> list[Inspection]:
    """The visits this member of a team still has to declare on, the next one first."""
    said = InspectorConflict.objects.filter(user=hat.user).exclude(source=InspectorConflict.Source.FOUND)
    return list(
        Inspection.objects.visible_to(hat)
        .filter(nomination__edition=edition, nomination__state=State.INSPECTION)
        .filter(verdict="", team__isnull=False)
        .exclude(nomination__in=said.values("nomination"))
        .select_related("nomination__recommender", "nomination__enterprise", "nomination__edition")
        .order_by(F("planned_on").asc(nulls_last=True), "nomination__subject_key")
    )


def named_inspectors() -> dict[str, list[User]]:
    """Those with an inspector's hat by name, as papers write it; people of one name stand together."""
    found = defaultdict(list)
    for user in inspectors():
        found[name_key(str(user))].append(user)
    return found


def _went(visit: Inspection, named: dict[str, list[User]]) -> list[User]:
    """Who is on a visit. One taken over from paper has nobody assigned: there the names count."""
    people = {user.pk: user for user in visit.inspectors.all()}
    if not visit.team_id:
        for name in (visit.leader_name, *names_of(visit.member_names)):
            people |= {user.pk: user for user in named.get(name_key(name), ())}
    return [people[pk] for pk in sorted(people)]


def refuse_barred(visit: Inspection) -> None:
    """Refuse a verdict of a visit on which somebody is who must stay away."""
    away = standing(visit.nomination.edition, [visit.nomination])
    for user in _went(visit, {} if visit.team_id else named_inspectors()):
        how = away.get((user.pk, visit.nomination_id))
        if how is not None and how.barred:
            raise _must_stay_away(visit, user, how)


def refuse_away(visit: Inspection, user: User) -> None:
    """Refuse somebody who must stay away from this one."""
    how = standing(visit.nomination.edition, [visit.nomination]).get((user.pk, visit.nomination_id))
    if how is not None and how.barred:
        raise _must_stay_away(visit, user, how)


def require_clear(visit: Inspection, user: User) -> None:
    """Refuse somebody who must stay away from this one, and a member who has not declared yet.

    A visit without a team was taken over from paper: there is nobody to ask.
    """
    refuse_away(visit, user)
    if must_declare(visit, user):
        raise Refused(
            "{person}还没有申报与“{name}”有无回避情形，请先申报。",
            person=str(user),
            name=visit.nomination.subject_name,
        )


def _must_stay_away(visit, user, how) -> Refused:
    return Refused(
        "{person}对“{name}”须回避：{reason}。请办公室改派他人，或写明理由认定无须回避。",
        person=str(user),
        name=visit.nomination.subject_name,
        reason=how.reason,
    )


def recorded_in_conflict(edition: Edition) -> list[tuple[Inspection, User, str]]:
    """Visits with a verdict that somebody made who had to stay away; they block the closing of the step."""
    visits = Inspection.objects.filter(nomination__edition=edition, nomination__state=State.INSPECTION)
    visits = visits.exclude(verdict="").select_related("nomination").prefetch_related("inspectors")
    nominations = Nomination.objects.filter(inspection__in=visits)
    how = standing(edition, nominations.select_related("enterprise", "recommender", "declaration"))
    named = named_inspectors()
    return [
        (visit, user, found.reason)
        for visit in visits.order_by("pk")
        for user in _went(visit, named)
        if (found := how.get((user.pk, visit.nomination_id))) is not None and found.barred
    ]


# --- said


@transaction.atomic
def find_conflicts(edition: Edition, *, by: Membership, now: datetime) -> list[InspectorConflict]:
    """Look at everybody and every visit once more; returns what is new.

    What was found and holds no more goes; what a person said stays.
    """
    require(by, "awards.pin_inspector_conflict", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    known = {
        (row.user_id, row.nomination_id): row
        for row in InspectorConflict.objects.filter(nomination__edition=edition)
    }
    found = seen(edition)
    gone = [
        row
        for key, row in known.items()
        if row.source == InspectorConflict.Source.FOUND and row.state not in PINNED and key not in found
    ]
    for row in gone:
        row.delete()
    made = []
    for (user, nomination), reason in sorted(found.items()):
        row = known.get((user, nomination))
        if row is not None and row.state != InspectorConflict.State.CLEAR:
            continue
        # What somebody declared clear before the portal looked is a conflict all the same.
        made.append(_set(user, nomination, "conflict", "found", reason, by, now))
    if made or gone:
        audit.record(
            "awards.find_inspector_conflicts",
            edition,
            by=by,
            now=now,
            found=[[row.user_id, row.nomination_id, row.reason] for row in made],
            gone=len(gone),
        )
        refill(edition, by=by, now=now)
    return made


@transaction.atomic
def pin(
    nomination: Nomination, user: User, *, conflict: bool, reason: str, by: Membership, now: datetime
) -> InspectorConflict:
    """The office settles it, with a reason: this person must stay away, or need not.

    What a person declared of himself or herself is never undone.
    """
    require(by, "awards.pin_inspector_conflict", nomination)
    Edition.objects.select_for_update(no_key=True).get(pk=nomination.edition_id)
    require_open(nomination.edition, StepKind.INSPECTION)
    if not inspectors().filter(pk=user.pk).exists():
        raise Refused("这位人员没有考察组身份，不需要认定回避。")
    if not reason.strip():
        raise Refused("请写明认定的理由。")
    row = InspectorConflict.objects.filter(nomination=nomination, user=user).first()
    source = InspectorConflict.Source
    own = row is not None and row.source == source.DECLARED and row.state in InspectorConflict.STANDING
    if own and not conflict:
        raise Refused(
            "{person}已本人申请回避“{name}”，不能认定为无须回避。",
            person=str(user),
            name=nomination.subject_name,
        )
    state = PINNED[0] if conflict else PINNED[1]
    # Confirmed by the office, it is still the person's own word.
    said = source.DECLARED if own else source.OFFICE
    row = _set(user.pk, nomination.pk, state, said, reason.strip()[:300], by, now)
    audit.record(
        "awards.pin_inspector_conflict",
        nomination,
        by=by,
        now=now,
        person=user.pk,
        name=str(user),
        state=state,
        reason=row.reason,
    )
    refill(nomination.edition, [nomination], by=by, now=now)
    return row


@transaction.atomic
def declare(
    inspection: Inspection, *, clear: bool, reason: str = "", by: Membership, now: datetime
) -> InspectorConflict:
    """A member says, before the visit, that nothing stands in the way, or stays away with the reason."""
    visit = locked(inspection)
    require(by, "awards.declare_inspector", visit)
    require_open(visit.nomination.edition, StepKind.INSPECTION)
    refuse_recorded(visit)
    reason = reason.strip()[:300]
    if not clear and not reason:
        raise Refused("请写明您与“{name}”的关系，办公室据此改派。", name=visit.nomination.subject_name)
    how = standing(visit.nomination.edition, [visit.nomination]).get((by.user_id, visit.nomination_id))
    if clear and how is not None and how.barred:
        raise Refused(
            "您对“{name}”须回避：{reason}。如与实际不符，请联系办公室。",
            name=visit.nomination.subject_name,
            reason=how.reason,
        )
    if how is not None and how.row is not None and how.row.state in PINNED and clear:
        return how.row
    state = InspectorConflict.State.CLEAR if clear else InspectorConflict.State.CONFLICT
    row = _set(by.user_id, visit.nomination_id, state, "declared", reason, by, now)
    audit.record("awards.declare_inspector", visit, by=by, now=now, state=state, reason=reason)
    if not clear:
        refill(visit.nomination.edition, [visit.nomination], by=by, now=now)
    return row


@transaction.atomic
def declare_all(
    answers: list[tuple[Inspection, bool, str]], *, by: Membership, now: datetime
) -> list[InspectorConflict]:
    """Several at once, all or none: (visit, whether nothing stands in the way, the reason)."""
    return [
        declare(visit, clear=clear, reason=reason, by=by, now=now)
        for visit, clear, reason in sorted(answers, key=lambda answer: answer[0].pk)
    ]


def _set(user: int, nomination: int, state, source, reason, by, now) -> InspectorConflict:
    return InspectorConflict.objects.update_or_create(
        user_id=user,
        nomination_id=nomination,
        defaults={"state": state, "source": source, "reason": reason, "set_at": now, "set_by": by},
    )[0]


def refill(
    edition: Edition,
    nominations: list[Nomination] | None = None,
    *,
    by: Membership,
    now: datetime,
    team: Team | None = None,
) -> None:
    """Open visits lose those who must stay away and get back those who need not.

    The office is told of a loss.
    """
    visits = Inspection.objects.filter(nomination__edition=edition, verdict="")
    if nominations is not None:
        visits = visits.filter(nomination__in=nominations)
    if team is not None:
        visits = visits.filter(team=team)
    visits = list(visits.select_for_update(of=("self",)).select_related("nomination", "team").order_by("pk"))
    away = barred_pairs(edition)
    for visit in visits:
        lost = fill(visit, {user for user, nomination in away if nomination == visit.nomination_id})
        if lost is None:
            continue
        audit.record(
            "awards.assign_team",
            visit,
            by=by,
            now=now,
            leader=visit.leader_name,
            members=visit.member_names,
            away=sorted(str(user) for user in lost),
        )
        if lost:
            _tell(visit, lost, now)


def _tell(visit: Inspection, lost: list[User], now: datetime) -> None:
    office = Membership.objects.at(visit.nomination.edition.host, Role.OFFICE).select_related("user")
    notify(
        "awards.inspector_away",
        office,
        subject=f"{visit.nomination.subject_name}：{'、'.join(str(user) for user in lost)}须回避",
        body="请改派考察人员。",
        url=reverse("awards:inspections", args=[visit.nomination.edition_id]),
        now=now,
        nomination=visit.nomination,
    )

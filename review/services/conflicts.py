"""Who has to do with whom: found by the portal, declared by the expert, settled by the office.

Four states: a conflict or its absence, each of them either as found or declared, or pinned by a person with a
reason. What is pinned neither the finder nor a declaration changes.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.workbook import name_key
from review.models import Assignment, Conflict, PanelMember

PINNED = (Conflict.State.PINNED_CONFLICT, Conflict.State.PINNED_CLEAR)
EMPLOYER_CODE = N_("专家工作单位的统一社会信用代码与企业相同")
EMPLOYER = N_("专家工作单位与企业名称相同")
DISTRICT = N_("专家与推荐单位同属{division}")


def standing(edition: Edition) -> dict[tuple[int, int], Conflict]:
    """(member, nomination) → the conflict that bars this pair."""
    rows = Conflict.objects.filter(member__edition=edition, state__in=Conflict.STANDING)
    return {(row.member_id, row.nomination_id): row for row in rows}


def conflict_of(assignment: Assignment) -> Conflict | None:
    """The conflict that bars this assignment, if one does."""
    return Conflict.objects.filter(
        member=assignment.member_id, nomination=assignment.nomination_id, state__in=Conflict.STANDING
    ).first()


def seen(edition: Edition) -> dict[tuple[int, int], str]:
    """(member, nomination) → why, for every pair in which the portal itself sees a conflict. Reads only."""
    found = {}
    # What is compared is prepared once: two hundred nominations meet sixty members.
    members = [
        (
            member.pk,
            member.expert.employer_code,
            name_key(member.expert.employer),
            member.expert.division_name,
        )
        for member in edition.panel.select_related("expert")
    ]
    nominations = edition.nominations.filter(state=State.REVIEW).select_related(
        "enterprise", "recommender", "declaration"
    )
    for nomination in nominations:
        code = nomination.enterprise.credit_code
        names = {name_key(nomination.enterprise.name), name_key(nomination.subject_name)}
        division = nomination.recommender.division_name or nomination.declaration.division_name
        for pk, employer_code, employer, place in members:
            if employer_code and employer_code == code:
                found[pk, nomination.pk] = str(EMPLOYER_CODE)
            elif employer and employer in names:
                found[pk, nomination.pk] = str(EMPLOYER)
            elif edition.same_district_conflict and place and place == division:
                found[pk, nomination.pk] = str(DISTRICT).format(division=division)
    return found


def barred_pairs(edition: Edition) -> set[tuple[int, int]]:
    """The pairs that may not be assigned: conflicts that stand, and those the portal sees unless cleared."""
    rows = Conflict.objects.filter(member__edition=edition)
    settled = {(row.member_id, row.nomination_id): row.state for row in rows}
    barred = {key for key, state in settled.items() if state in Conflict.STANDING}
    return barred | {key for key in seen(edition) if settled.get(key) != Conflict.State.PINNED_CLEAR}


@transaction.atomic
def find_conflicts(edition: Edition, *, by: Membership, now: datetime) -> list[Conflict]:
    """Look at every member and nomination once more; returns what is new. What was found and holds no more
    goes; what a person said stays."""
    require(by, "review.assign", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    known = {
        (row.member_id, row.nomination_id): row for row in Conflict.objects.filter(member__edition=edition)
    }
    found = seen(edition)
    gone = [row for key, row in known.items() if row.source == Conflict.Source.FOUND and key not in found]
    for row in gone:
        if row.state not in PINNED:
            row.delete()
    made = []
    for key, reason in found.items():
        row = known.get(key)
        if row is not None and row.state == Conflict.State.CLEAR:
            # What the expert declared clear before the portal looked is a conflict all the same.
            row.delete()
            row = None
        if row is None:
            made.append(
                Conflict.objects.create(
                    member_id=key[0],
                    nomination_id=key[1],
                    state=Conflict.State.CONFLICT,
                    source=Conflict.Source.FOUND,
                    reason=reason,
                    set_at=now,
                    set_by=by,
                )
            )
    if made or gone:
        audit.record(
            "review.find_conflicts",
            edition,
            by=by,
            now=now,
            found=[[row.member_id, row.nomination_id, row.reason] for row in made],
            gone=len(gone),
        )
    return made


@transaction.atomic
def pin(
    member: PanelMember,
    nomination: Nomination,
    *,
    conflict: bool,
    reason: str,
    by: Membership,
    now: datetime,
) -> Conflict:
    """The office settles it, with a reason: this pair is in conflict, or it is not.

    A pinned conflict sets a sheet that exists aside at once. An expert's own recusal is never undone.
    """
    edition = nomination.edition
    require(by, "review.pin_conflict", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    if member.edition_id != edition.pk or nomination.edition_id != edition.pk:
        raise Refused("这位专家不在本届专家组中，请刷新页面后重试。")
    if not reason.strip():
        raise Refused("请写明认定的理由。")
    assignment = Assignment.objects.select_for_update().filter(member=member, nomination=nomination).first()
    if not conflict and assignment is not None and hasattr(assignment, "recusal"):
        raise Refused("这位专家已本人申请回避“{name}”，不能认定为无须回避。", name=nomination.subject_name)
    state = Conflict.State.PINNED_CONFLICT if conflict else Conflict.State.PINNED_CLEAR
    row, _made = Conflict.objects.update_or_create(
        member=member,
        nomination=nomination,
        defaults={
            "state": state,
            "source": Conflict.Source.OFFICE,
            "reason": reason.strip()[:300],
            "set_at": now,
            "set_by": by,
        },
    )
    audit.record(
        "review.pin_conflict",
        nomination,
        by=by,
        now=now,
        expert=member.code,
        state=state,
        reason=row.reason,
        sheet_set_aside=conflict and assignment is not None and hasattr(assignment, "sheet"),
    )
    return row


def declared(assignments: Iterable[Assignment], by, now, *, clear: bool, reason: str) -> None:
    """Write down what the expert declared; what is pinned stays."""
    for assignment in assignments:
        row = Conflict.objects.filter(member=assignment.member, nomination=assignment.nomination).first()
        if row is not None and row.state in PINNED:
            continue
        Conflict.objects.update_or_create(
            member=assignment.member,
            nomination=assignment.nomination,
            defaults={
                "state": Conflict.State.CLEAR if clear else Conflict.State.CONFLICT,
                "source": Conflict.Source.DECLARED,
                "reason": reason[:300],
                "set_at": now,
                "set_by": by,
            },
        )

"""One visit on record: what was found so far, the verdict with two signatures."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Inspection
from awards.services.checklists import merged_lines, refuse_unchecked
from awards.services.open_visits import locked, refuse_recorded
from awards.services.photos import add_photos
from awards.services.teaming import names_of
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


class Stale(Refused):
    """Somebody saved in between; what was typed is kept and may be sent again after a look."""


def keep_visit(
    inspection: Inspection,
    *,
    photos: list,
    caption: str,
    checklist: list[dict],
    visited_on: date | None,
    problem: str,
    version: int,
    by: Membership,
    now: datetime,
    **unsigned,
) -> Inspection:
    """What the page of a visit has so far; verdict and signatures are given only when it is recorded."""
    kept = save_draft(
        inspection,
        checklist=checklist,
        visited_on=visited_on,
        problem=problem,
        version=version,
        by=by,
        now=now,
    )
    if photos:
        add_photos(inspection, photos=photos, caption=caption, by=by, now=now)
    return kept


def record_visit(
    inspection: Inspection, *, photos: list, caption: str, by: Membership, now: datetime, **facts
) -> Inspection:
    """The page of a visit with its verdict. Photographs stay even where the verdict is refused."""
    if photos:
        add_photos(inspection, photos=photos, caption=caption, by=by, now=now)
    return record_inspection(inspection, by=by, now=now, **facts)


@transaction.atomic
def save_draft(
    inspection: Inspection,
    *,
    checklist: list[dict],
    visited_on: date | None = None,
    problem: str = "",
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """Keep what has been found so far, before there is a verdict. Saving the same again changes nothing."""
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    merged = merged_lines(inspection.checklist, checklist)
    if (merged, visited_on, problem.strip()) == (
        inspection.checklist,
        inspection.visited_on,
        inspection.problem,
    ):
        return inspection
    inspection.checklist, inspection.visited_on, inspection.problem = merged, visited_on, problem.strip()
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    audit.record(
        "awards.save_draft",
        inspection,
        by=by,
        now=now,
        checklist=merged,
        visited_on=visited_on,
        problem=inspection.problem,
    )
    return inspection


@transaction.atomic
def record_inspection(
    inspection: Inspection,
    *,
    visited_on: date | None,
    verdict: str,
    problem: str = "",
    leader_signature: str,
    member_signature: str,
    checklist: list[dict] | None = None,
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """The verdict of a visit, signed by two. A failed one says why; nothing is recorded twice."""
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    refuse_recorded(inspection)
    _refuse_stale(inspection, version)
    if inspection.nomination.state != State.INSPECTION:
        raise Refused("“{name}”不在考察环节，不能登记考察结论。", name=str(inspection.nomination))
    if verdict not in Inspection.Verdict.values:
        raise Refused("请选择考察结论：合格或不合格。")
    _check_signatures(inspection, leader_signature.strip(), member_signature.strip())
    if visited_on is None:
        raise Refused("请填写考察日期。")
    if visited_on > timezone.localdate(now):
        raise Refused("考察日期不能晚于今天。")
    if verdict == Inspection.Verdict.FAILED and not problem.strip():
        raise Refused("结论为不合格时，请写明发现的问题。")
    if checklist is not None:
        inspection.checklist = merged_lines(inspection.checklist, checklist)
        refuse_unchecked(inspection, verdict)
    inspection.visited_on, inspection.verdict, inspection.problem = visited_on, verdict, problem.strip()
    inspection.leader_signature = leader_signature.strip()
    inspection.member_signature = member_signature.strip()
    inspection.recorded_at, inspection.recorded_by = now, by
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    audit.record(
        "awards.record_inspection",
        inspection,
        by=by,
        now=now,
        visited_on=visited_on,
        verdict=verdict,
        problem=inspection.problem,
        signatures=[inspection.leader_signature, inspection.member_signature],
        checklist=inspection.checklist,
    )
    return inspection


def _refuse_stale(inspection, version):
    if version != inspection.version:
        raise Stale(
            "这份考察记录在您填写期间已被更新。下面保留了您填写的内容，请与已保存的内容核对后再提交一次。",
        )


def _check_signatures(inspection, leader, member):
    """委员会决定: signed by the leader and one member; where the team is set, by those who are on it."""
    if not leader or not member:
        raise Refused("考察结论须由组长和一名成员签名。")
    if leader == member:
        raise Refused("两个签名不能是同一人，请由另一名成员签名。")
    if inspection.leader_name and leader != inspection.leader_name:
        raise Refused("组长签名须与考察组名单一致：组长是“{name}”。", name=inspection.leader_name)
    if inspection.member_names and member not in names_of(inspection.member_names):
        raise Refused("成员签名须与考察组名单一致：成员是{names}。", names=inspection.member_names)

"""One visit on record: what was found so far, the verdict with two signatures."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Inspection, VisitSignature
from awards.services.checking import CLASH, TAKEN, Became, answer_lines, said_of
from awards.services.checklists import refuse_unchecked
from awards.services.photos import add_photos
from awards.services.standing_signatures import conclude, void_signatures
from awards.services.team_places import names_of
from awards.services.visit_facts import VisitFacts, digest_of, facts
from awards.services.writable_visits import open_visit
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership

__all__ = ["Stale", "VisitFacts", "facts", "keep_visit", "record_inspection", "save_draft", "write_head"]


class Stale(Refused):
    """Somebody saved in between; what was typed is kept and may be sent again after a look.

    `clashes` are the lines that read otherwise now, by key.
    """

    def __init__(self, clashes: dict[str, Became] | None = None):
        super().__init__(
            "这份考察记录在您填写期间已被更新。下面保留了您填写的内容，请与已保存的内容核对后再提交一次。"
        )
        self.clashes = {key: each.line for key, each in (clashes or {}).items()}


def keep_visit(
    inspection: Inspection,
    *,
    photos: list,
    caption: str,
    photo_line: str,
    by: Membership,
    now: datetime,
    **said,
) -> Inspection:
    """What the page of a visit has so far, sent as a form; the photographs that came along with it."""
    kept = save_draft(inspection, by=by, now=now, **said)
    if photos:
        add_photos(inspection, photos=photos, caption=caption, line=photo_line, by=by, now=now)
    return kept


@transaction.atomic
def save_draft(
    inspection: Inspection,
    *,
    lines: list[dict],
    visited_on: date | None = None,
    proposed: str = "",
    problem: str = "",
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """Keep what has been found so far, before there is a verdict. Saving the same again changes nothing.

    Where another changed a line or the rest since, all of it is refused as `Stale`.
    """
    inspection = open_visit(inspection, by=by)
    became = answer_lines(inspection, lines, by=by, now=now)
    clashes = {key: each for key, each in became.items() if each.what == CLASH}
    if clashes:
        raise Stale(clashes)
    changed = write_head(
        inspection, visited_on=visited_on, proposed=proposed, problem=problem, version=version, now=now
    )
    taken = {key: said_of(each.line) for key, each in became.items() if each.what == TAKEN}
    if changed or taken:
        audit.record("awards.save_draft", inspection, by=by, now=now, lines=taken, **changed)
    return inspection


def write_head(
    inspection: Inspection,
    *,
    visited_on: date | None,
    proposed: str,
    problem: str,
    version: int,
    now: datetime,
) -> dict:
    """The day, what the team means to conclude, and the problem. Returns what changed, {} for nothing.

    The visit is locked and open. Raises Stale when another changed these since.
    """
    said = {"visited_on": visited_on, "proposed": proposed, "problem": problem.strip()}
    if proposed not in ("", *Inspection.Verdict.values):
        raise Refused("请选择考察结论：合格或不合格。")
    changed = {name: value for name, value in said.items() if getattr(inspection, name) != value}
    if not changed:
        return {}
    if version != inspection.version:
        raise Stale
    for name, value in changed.items():
        setattr(inspection, name, value)
    inspection.version += 1
    inspection.full_clean(exclude=["inspectors"])
    inspection.save()
    void_signatures(inspection, now=now)
    return changed


def refuse_unfinished(inspection: Inspection, *, now: datetime) -> None:
    """What has to be there before anybody signs; of the lines `refuse_unchecked` speaks."""
    if inspection.nomination.state != State.INSPECTION:
        raise Refused("“{name}”不在考察环节，不能登记考察结论。", name=str(inspection.nomination))
    if inspection.proposed not in Inspection.Verdict.values:
        raise Refused("请选择考察结论：合格或不合格。")
    if inspection.visited_on is None:
        raise Refused("请填写考察日期。")
    if inspection.visited_on > timezone.localdate(now):
        raise Refused("考察日期不能晚于今天。")
    if inspection.proposed == Inspection.Verdict.FAILED and not inspection.problem:
        raise Refused("结论为不合格时，请写明发现的问题。")


@transaction.atomic
def record_inspection(
    inspection: Inspection,
    *,
    visited_on: date | None,
    verdict: str,
    problem: str = "",
    leader_signature: str,
    member_signature: str,
    lines: list[dict] | None = None,
    version: int,
    by: Membership,
    now: datetime,
) -> Inspection:
    """The verdict as a paper has it, signed there by two. A failed one says why; nothing is recorded twice.

    With `lines` every one on the checklist has to be answered; a summary without them stands as it is.
    """
    inspection = open_visit(inspection, by=by)
    if version != inspection.version:
        raise Stale
    leader, member = leader_signature.strip(), member_signature.strip()
    _check_signatures(inspection, leader, member)
    if lines is not None:
        answer_lines(inspection, lines, by=by, now=now)
    write_head(inspection, visited_on=visited_on, proposed=verdict, problem=problem, version=version, now=now)
    refuse_unfinished(inspection, now=now)
    if lines is not None:
        refuse_unchecked(inspection)
    void_signatures(inspection, now=now)
    digest = digest_of(inspection)
    for part, name in ((VisitSignature.Part.LEADER, leader), (VisitSignature.Part.MEMBER, member)):
        VisitSignature.objects.create(
            inspection=inspection,
            part=part,
            name=name,
            way=VisitSignature.Way.PAPER,
            digest=digest,
            signed_at=now,
            recorded_by=by,
        )
    return conclude(inspection, digest=digest, by=by, now=now)


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

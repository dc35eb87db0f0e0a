"""异议, in the office: handled step by step, answered; who it was stays sealed."""

from datetime import datetime

from django.db import transaction

from awards import rules, sealed
from awards.models import Objection
from nominations.models import Edition
from nominations.services import advance
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def accept_objection(objection: Objection, *, note: str = "", by: Membership, now: datetime) -> Objection:
    objection = _moved(objection, rules.ACCEPTED, by)
    objection.save()
    audit.record("awards.accept_objection", objection, by=by, now=now, note=note.strip())
    return objection


@transaction.atomic
def decline_objection(
    objection: Objection, *, reason: str, public_outcome: str, by: Membership, now: datetime
) -> Objection:
    """不予受理, with the reason; it is still to be answered."""
    objection = _decided(objection, rules.DECLINED, reason, public_outcome, by, now)
    audit.record("awards.decline_objection", objection, by=by, now=now, reason=objection.decision)
    return objection


@transaction.atomic
def decide_objection(
    objection: Objection,
    *,
    upheld: bool,
    decision: str,
    public_outcome: str,
    by: Membership,
    now: datetime,
) -> Objection:
    """成立 or 不成立. Upheld: its subject is out, and the seat is free for a replacement."""
    to = rules.UPHELD if upheld else rules.DISMISSED
    Edition.objects.select_for_update(of=("self",)).get(pk=objection.notice.edition_id)
    objection = _decided(objection, to, decision, public_outcome, by, now)
    objection.upheld = upheld
    objection.save()
    if upheld and objection.nomination.state == State.PUBLICITY:
        note = f"公示期间的异议经核查成立：{objection.public_outcome}"
        advance(objection.nomination, "reject", by=by, now=now, note=note)
    audit.record(
        "awards.decide_objection",
        objection,
        by=by,
        now=now,
        upheld=upheld,
        decision=objection.decision,
        public_outcome=objection.public_outcome,
    )
    return objection


@transaction.atomic
def answer_objection(objection: Objection, *, answer: str, by: Membership, now: datetime) -> Objection:
    """Tell the objector, who reads it by number and code. Only now is the objection no longer open."""
    objection = _moved(objection, rules.ANSWERED, by)
    if not answer.strip():
        raise Refused("请填写给异议人的答复。")
    objection.answer, objection.answered_at = answer.strip(), now
    objection.save()
    audit.record("awards.answer_objection", objection, by=by, now=now)
    return objection


@transaction.atomic
def read_objector(objection: Objection, *, by: Membership, now: datetime) -> dict[str, str]:
    """Who objected, for a handler: name, contact, unit. Every reading is on the record."""
    require(by, "awards.read_objector", objection)
    person = sealed.unseal(objection.objector)
    audit.record("awards.read_objector", objection, by=by, now=now)
    return person


@transaction.atomic
def read_evidence(objection: Objection, *, by: Membership, now: datetime):
    """The objector's paper, which may tell who it was: read like the name."""
    require(by, "awards.read_objector", objection)
    if not objection.evidence:
        raise Refused("这件异议没有附证据材料。")
    audit.record("awards.read_evidence", objection, by=by, now=now)
    return objection.evidence


def _moved(objection, to, by) -> Objection:
    require(by, "awards.handle_objection", objection)
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("notice__edition", "nomination__edition", "nomination__enterprise")
        .get(pk=objection.pk)
    )
    if to not in rules.next_states(objection.state):
        raise Refused(
            "异议 {number} 现为“{state}”，不能作此处理。请刷新页面查看最新情况。",
            number=objection.number,
            state=str(objection.get_state_display()),
        )
    objection.state = to
    return objection


def _decided(objection, to, decision, public_outcome, by, now) -> Objection:
    objection = _moved(objection, to, by)
    if not decision.strip():
        raise Refused("请写明处理意见和依据。")
    if not public_outcome.strip():
        raise Refused("请填写公开结果，不要写入异议人的任何信息。")
    _refuse_naming_the_objector(objection, public_outcome)
    objection.decision, objection.public_outcome = decision.strip(), public_outcome.strip()
    objection.decided_at, objection.decided_by = now, by
    objection.save()
    return objection


def _refuse_naming_the_objector(objection, text):
    person = sealed.unseal(objection.objector)
    if any(len(value) > 1 and value in text for value in person.values()):
        raise Refused("公开结果中出现了异议人的信息，请删去后再提交。")

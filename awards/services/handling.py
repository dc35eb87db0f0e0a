"""异议, in the office: accepted, decided and answered by who handles it; who it was stays sealed."""

from datetime import datetime

from django.db import transaction

from awards import rules, sealed
from awards.models import Handler, Hearing, Objection, ObjectionPaper
from awards.services import objection_clock, objection_papers
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.last_step import stands_at_last_step
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def accept_objection(objection: Objection, *, note: str = "", by: Membership, now: datetime) -> Objection:
    """受理. Where nobody was on duty, who accepts it handles it."""
    objection = _received(objection, rules.ACCEPTED, by, now)
    refuse_telling(objection, note)
    objection.accepted_at, objection.accepted_by = now, by
    objection.decide_due = objection_clock.decide_due(objection.notice.edition, now)
    objection.save()
    audit.record(
        "awards.accept_objection",
        objection,
        by=by,
        now=now,
        note=note.strip(),
        decide_due=objection.decide_due.isoformat() if objection.decide_due else "",
    )
    return objection


@transaction.atomic
def decline_objection(
    objection: Objection, *, reason: str, public_outcome: str, by: Membership, now: datetime
) -> Objection:
    """不予受理, with the reason; it is still to be answered."""
    objection = _received(objection, rules.DECLINED, by, now)
    _decide(objection, reason, public_outcome, by, now)
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
    Nomination.objects.select_for_update(of=("self",)).get(pk=objection.nomination_id)
    objection = _moved(objection, to, by)
    objection.upheld = upheld
    _decide(objection, decision, public_outcome, by, now)
    # One a correction took off the list may be listed again, unless it is out.
    nomination = objection.nomination
    if upheld and (nomination.state == State.PUBLICITY or stands_at_last_step(nomination)):
        note = f"公示期间的异议经核查成立：{objection.public_outcome}"
        advance(nomination, "reject", by=by, now=now, note=note)
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
    refuse_telling(objection, answer)
    objection.answer, objection.answered_at = answer.strip(), now
    objection.save()
    audit.record("awards.answer_objection", objection, by=by, now=now)
    return objection


@transaction.atomic
def read_objector(objection: Objection, *, by: Membership, now: datetime) -> dict[str, str]:
    """Who objected, for a handler: name, contact, unit. Every reading is on the record."""
    require(by, "awards.read_objector", objection)
    audit.record("awards.read_objector", objection, by=by, now=now)
    return person_of(objection)


@transaction.atomic
def read_statements(objection: Objection, *, by: Membership, now: datetime) -> list[tuple[Hearing, str]]:
    """What the objector said when heard, which may tell who it was: read like the name."""
    require(by, "awards.read_objector", objection)
    rows = objection.hearings.filter(side=Hearing.Side.OBJECTOR)
    return [(row, sealed.unseal_bytes(row.words_sealed).decode()) for row in rows if row.words_sealed]


@transaction.atomic
def read_paper(paper: ObjectionPaper, *, by: Membership, now: datetime) -> tuple[str, bytes]:
    """The name and content of a paper, which may tell who it was: read like the name."""
    require(by, "awards.read_objector", paper.objection)
    audit.record("awards.read_evidence", paper.objection, by=by, now=now, paper=paper.pk)
    return objection_papers.opened(paper)


def person_of(objection: Objection) -> dict[str, str]:
    """In the clear, for a service that has asked and records it."""
    return sealed.unseal(objection.who.sealed)


def refuse_telling(objection: Objection, *texts: str) -> None:
    """What others read gives nobody away: the record, the public page, the page of the enterprise."""
    person, but = person_of(objection), objection.nomination.subject_name
    if any(rules.tells(text, person, but=but) for text in texts):
        raise Refused(
            "填写的内容中出现了异议人的信息（姓名、单位、电话、地址的全部或一部分），请改写后再提交。"
        )


def _moved(objection: Objection, to: str, by: Membership, act: str = "awards.handle_objection") -> Objection:
    """The objection, locked, in the state asked for; it is not saved yet."""
    require(by, act, objection)
    objection = locked(objection)
    if to not in rules.next_states(objection.state):
        raise Refused(
            "异议 {number} 现为“{state}”，不能作此处理。请刷新页面查看最新情况。",
            number=objection.number,
            state=str(objection.get_state_display()),
        )
    objection.state = to
    return objection


def locked(objection: Objection) -> Objection:
    rows = Objection.objects.select_for_update(of=("self",))
    return rows.select_related(
        "notice__edition__host", "nomination__edition", "nomination__enterprise", "who"
    ).get(pk=objection.pk)


def _received(objection, to, by, now) -> Objection:
    objection = _moved(objection, to, by, "awards.receive_objection")
    handlers = list(objection.handlers.filter(until__isnull=True).select_related("user"))
    if not handlers:
        Handler.objects.create(
            objection=objection, user=by.user, since=now, reason="首先受理", assigned_by=by
        )
    elif by.user_id not in {each.user_id for each in handlers}:
        raise Refused(
            "异议 {number} 由“{names}”经办，请由经办人受理，或先改派经办人。",
            number=objection.number,
            names="、".join(str(each.user) for each in handlers),
        )
    return objection


def _decide(objection, decision, public_outcome, by, now) -> None:
    if not decision.strip():
        raise Refused("请写明处理意见和依据。")
    if not public_outcome.strip():
        raise Refused("请填写公开结果，不要写入异议人的任何信息。")
    refuse_telling(objection, decision, public_outcome)
    objection.decision, objection.public_outcome = decision.strip(), public_outcome.strip()
    objection.decided_at, objection.decided_by = now, by
    objection.save()

"""异议: lodged by name within the period, handled step by step, answered; who it was stays sealed."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import rules, sealed
from awards.models import Notice, Objection
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.states import State
from portal import audit, files
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

# Without the letters and figures that are mistaken for one another on paper or by phone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Lodged:
    """What the objector keeps. The code is shown this once; only its hash is stored."""

    objection: Objection
    number: str
    code: str


@transaction.atomic
def lodge_objection(
    notice: Notice,
    nomination: Nomination,
    *,
    name: str,
    contact: str,
    unit: str = "",
    grounds: str,
    evidence=None,
    by: Membership,
    now: datetime,
) -> Lodged:
    """Take in an objection to one on the list, by a named person or unit, within the period."""
    require(by, "awards.lodge_objection", notice)
    notice = Notice.objects.select_for_update(of=("self",)).select_related("edition__host").get(pk=notice.pk)
    _refuse_outside(notice, now)
    if not notice.rows.filter(nomination=nomination).exists():
        raise Refused("“{name}”不在这份公示名单上，请从名单中选择。", name=str(nomination))
    if Nomination.objects.get(pk=nomination.pk).state != State.PUBLICITY:
        raise Refused("“{name}”已经不再列入公示，不需要提出异议。", name=str(nomination))
    for value, what in ((name, "真实姓名"), (contact, "联系方式"), (grounds, "异议事实与理由")):
        if not value.strip():
            raise Refused("请填写{what}。匿名的异议不予受理。", what=what)
    code = _token(8)
    objection = Objection(
        notice=notice,
        nomination=nomination,
        number=_number(now),
        code_hash=make_password(code),
        objector=sealed.seal({"name": name.strip(), "contact": contact.strip(), "unit": unit.strip()}),
        grounds=grounds.strip(),
        lodged_at=now,
    )
    digest = ""
    if evidence:
        kind = files.inspect(evidence)
        digest = kind.sha256
        kept = files.clean_image(evidence) if kind.is_image else evidence
        objection.evidence.save(evidence.name, kept, save=False)
    objection.full_clean(exclude=["code_hash", "objector", "upheld"])
    objection.save()
    audit.record(
        "awards.lodge_objection",
        objection,
        by=by,
        now=now,
        edition=notice.edition,
        notice=notice.pk,
        evidence=digest,
    )
    notify(
        "awards.objection_lodged",
        Membership.objects.at(notice.edition.host, Role.OFFICE).select_related("user"),
        subject=f"收到异议 {objection.number}：{nomination.subject_name}",
        url=reverse("awards:objection", args=[objection.pk]),
        now=now,
        edition=notice.edition,
        nomination=nomination,
    )
    return Lodged(objection, objection.number, code)


def _refuse_outside(notice, now):
    if now < notice.published_at:
        raise Refused("公示还没有开始，不能提出异议。")
    if now >= notice.ends_at:
        raise Refused(
            "公示期已于 {day} 24时结束，逾期不再受理异议。如有新的情况，请直接联系办公室。",
            day=notice.ends_on,
        )


def _number(now) -> str:
    """YY, the day, four drawn signs: it says nothing of how many there are."""
    day = timezone.localdate(now)
    while True:
        number = f"YY{day:%Y%m%d}-{_token(4)}"
        if not Objection.objects.filter(number=number).exists():
            return number


def _token(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def find_by_code(number: str, code: str) -> Objection:
    """Where an objection stands, for whoever holds its number and code; nothing tells which is wrong."""
    found = (
        Objection.objects.select_related("notice__edition__host", "nomination")
        .filter(number=number.strip().upper())
        .first()
    )
    stored = found.code_hash if found else _nobody()
    if not check_password(code.strip().upper(), stored) or found is None:
        raise Refused("没有找到与受理编号和查询码相符的异议，请核对后重试。")
    return found


def _nobody() -> str:
    # As slow as a real one, so that a number cannot be found by the clock.
    return make_password("-")


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


@transaction.atomic
def reseal_objectors() -> int:
    """Put every objector under the first of the keys, after a new one was put in front."""
    rows = list(Objection.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.objector = sealed.reseal(row.objector)
        row.save(update_fields=["objector"])
    return len(rows)


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

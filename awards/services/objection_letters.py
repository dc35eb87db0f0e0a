"""The letters that end an objection, one to each side: made when asked for, on the record, and never kept."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from awards.documents import compose, day_text
from awards.models import Objection
from awards.services.handling import person_of
from awards.services.lodging import find_by_code
from nominations import subjects
from portal import audit
from portal.documents import paragraphs, plain_day
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import can, require

OBJECTOR, ENTERPRISE = "objector", "enterprise"
FILE_NAMES = {OBJECTOR: "异议答复函.docx", ENTERPRISE: "异议办理结果告知函.docx"}
State = Objection.State


def is_ready(objection: Objection, side: str) -> bool:
    """The objector's letter once it is answered; the enterprise's once an accepted one is decided."""
    if side == OBJECTOR:
        return objection.state == State.ANSWERED
    return objection.upheld is not None


@transaction.atomic
def issue_letter(objection: Objection, side: str, *, by: Membership, now: datetime) -> bytes:
    """The docx for one side. The objector's bears the name, so only a handler makes it in the office."""
    objection = Objection.objects.select_related("notice__edition", "nomination__enterprise").get(
        pk=objection.pk
    )
    if side == OBJECTOR:
        require(by, "awards.read_objector", objection)
    elif not can(by, "awards.reply_to_objection", objection) or objection.matter_at is None:
        require(by, "awards.handle_objection", objection)
    return _issued(objection, side, by, now)


@transaction.atomic
def letter_by_code(number: str, code: str, *, by: Membership, now: datetime) -> bytes:
    """The objector's own letter, for whoever holds number and code."""
    return _issued(find_by_code(number, code), OBJECTOR, by, now)


def _issued(objection, side, by, now) -> bytes:
    objection = Objection.objects.select_related(
        "notice__edition__host", "nomination__enterprise", "nomination__edition", "who"
    ).get(pk=objection.pk)
    if not is_ready(objection, side):
        raise Refused("异议 {number} 还没有办结，不能出具文书。", number=objection.number)
    audit.record(
        "awards.issue_objection_letter",
        objection,
        by=by,
        now=now,
        edition=objection.notice.edition,
        side=side,
    )
    context = _to_objector(objection) if side == OBJECTOR else _to_enterprise(objection)
    kind = "objection_objector" if side == OBJECTOR else "objection_subject"
    return compose(objection.notice.edition.host, kind, {**_around(objection), **context})


def _around(objection) -> dict:
    edition = objection.notice.edition
    contact = [
        part for part in (edition.contact_address, edition.contact_phone, edition.contact_mail) if part
    ]
    return {
        "number": objection.number,
        "subject": subjects.beside(objection.nomination) or objection.nomination.subject_name,
        "about": subjects.of_it(objection.nomination),
        "notice": objection.notice.title,
        "outcome": _outcome(objection),
        "contact": "，".join(contact),
        "host": edition.host.name,
    }


def _to_objector(objection) -> dict:
    received = (
        f"经审查，于{day_text(timezone.localdate(objection.accepted_at))}受理。"
        if objection.accepted_at
        else "经审查，不予受理。"
    )
    return {
        "title": f"关于对“{objection.nomination.subject_name}”异议的答复",
        "subject": subjects.full_name(objection.nomination),
        "addressee": person_of(objection)["name"],
        "lodged": day_text(timezone.localdate(objection.lodged_at)),
        "received": received,
        "answer": paragraphs(objection.answer),
        "day": plain_day(timezone.localdate(objection.answered_at)),
    }


def _to_enterprise(objection) -> dict:
    about = subjects.of_it(objection.nomination)
    return {
        "title": "关于异议办理结果的告知函",
        "matter": paragraphs(objection.matter or f"公示期间有人对你单位{about}列入公示名单提出异议。"),
        "decision": paragraphs(objection.decision),
        "upheld": bool(objection.upheld),
        "day": plain_day(timezone.localdate(objection.decided_at)),
    }


def _outcome(objection) -> str:
    said = objection.public_outcome.rstrip("。") + "。"
    if objection.upheld is None:
        return f"不予受理。{said}"
    return ("异议成立。" if objection.upheld else "异议不成立。") + said

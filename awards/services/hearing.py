"""听取双方意见: what the objector said stays sealed; the enterprise answers without learning who it was."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import sealed
from awards.models import Hearing, Objection
from awards.services.handling import locked, refuse_telling
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

State = Objection.State
#: How an enterprise answers on its own page.
IN_WRITING = "企业网上书面答复"


@transaction.atomic
def hear(
    objection: Objection,
    *,
    side: str,
    way: str,
    held_at: datetime,
    words: str,
    by: Membership,
    now: datetime,
) -> Hearing:
    """Note what one side told the office. The objector's words are sealed; the others' give nobody away."""
    require(by, "awards.handle_objection", objection)
    objection = locked(objection)
    _refuse_unless_looked_into(objection)
    if not (way.strip() and words.strip()):
        raise Refused("请写明听取意见的方式和陈述要点。")
    if held_at > now:
        raise Refused("听取意见的时间不能晚于现在。")
    # A form asks for a minute, and not for its seconds.
    if held_at < objection.lodged_at.replace(second=0, microsecond=0):
        raise Refused("听取意见的时间不能早于提出异议的时间。")
    refuse_telling(objection, way)
    to_seal = side == Hearing.Side.OBJECTOR
    if not to_seal:
        refuse_telling(objection, words)
    heard = _note(objection, side, way, held_at, words, to_seal, by, now)
    audit.record("awards.hear", objection, by=by, now=now, side=side, way=heard.way)
    return heard


@transaction.atomic
def put_to_enterprise(
    objection: Objection, *, matter: str, reply_due: date, by: Membership, now: datetime
) -> Objection:
    """Tell the enterprise what is said, in the office's words, and ask for its answer on its own page."""
    require(by, "awards.handle_objection", objection)
    objection = locked(objection)
    _refuse_unless_looked_into(objection)
    if not matter.strip():
        raise Refused("请写明转告企业的内容。")
    if reply_due < timezone.localdate(now):
        raise Refused("请企业答复的期限不能早于今天。")
    refuse_telling(objection, matter)
    objection.matter, objection.reply_due = matter.strip(), reply_due
    objection.matter_at, objection.matter_by = now, by
    objection.save(update_fields=["matter", "reply_due", "matter_at", "matter_by"])
    audit.record(
        "awards.put_to_enterprise",
        objection,
        by=by,
        now=now,
        matter=objection.matter,
        reply_due=reply_due.isoformat(),
    )
    organisation = objection.nomination.enterprise.organisation
    notify(
        "awards.put_to_enterprise",
        Membership.objects.at(organisation, Role.APPLICANT).select_related("user") if organisation else (),
        subject=f"公示期间收到对本企业的异议，请在 {reply_due} 前答复",
        url=reverse("awards:my_objection", args=[objection.pk]),
        now=now,
        edition=objection.notice.edition,
        nomination=objection.nomination,
    )
    return objection


@transaction.atomic
def reply(objection: Objection, *, words: str, by: Membership, now: datetime) -> Hearing:
    """The enterprise's answer, sealed and not searched for the objector: a refusal would confirm a guess."""
    require(by, "awards.reply_to_objection", objection)
    objection = locked(objection)
    if objection.matter_at is None or objection.state != State.ACCEPTED:
        raise Refused("这件异议现在不需要答复。如有补充，请联系办公室。")
    if not words.strip():
        raise Refused("请填写答复内容。")
    heard = _note(objection, Hearing.Side.SUBJECT, IN_WRITING, now, words, True, by, now)
    audit.record("awards.reply_to_objection", objection, by=by, now=now)
    handlers = objection.handlers.filter(until__isnull=True).values("user")
    notify(
        "awards.reply_to_objection",
        Membership.objects.at(objection.notice.edition.host, Role.OFFICE).filter(user__in=handlers),
        subject=f"企业已答复异议 {objection.number}：{objection.nomination.subject_name}",
        url=reverse("awards:objection", args=[objection.pk]),
        now=now,
        edition=objection.notice.edition,
        nomination=objection.nomination,
    )
    return heard


def may_reply(objection: Objection) -> bool:
    return objection.matter_at is not None and objection.state == State.ACCEPTED


def words_of(hearing: Hearing) -> str:
    """What the other side said, for a handler's page. The objector's words are read by `read_statements`."""
    if hearing.words_sealed is None:
        return hearing.words
    return sealed.unseal_bytes(hearing.words_sealed).decode()


def unheard(objection: Objection) -> set[str]:
    """Which of the two sides nobody has heard yet."""
    heard = set(objection.hearings.values_list("side", flat=True))
    return {Hearing.Side.OBJECTOR, Hearing.Side.SUBJECT} - heard


def _refuse_unless_looked_into(objection):
    if objection.state != State.ACCEPTED:
        raise Refused("只有正在核查的异议可以听取意见。")


def _note(objection, side, way, held_at, words, to_seal, by, now) -> Hearing:
    return Hearing.objects.create(
        objection=objection,
        side=side,
        way=way.strip(),
        held_at=held_at,
        words="" if to_seal else words.strip(),
        words_sealed=sealed.seal_bytes(words.strip().encode()) if to_seal else None,
        noted_at=now,
        noted_by=by,
    )

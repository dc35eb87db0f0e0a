"""异议, from outside: lodged by name within the period, found again by number and code."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import rules, sealed
from awards.models import Handler, Notice, Objection, Objector
from awards.services import objection_clock, objection_papers, roster
from nominations.models import Edition, Nomination
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership
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
    of_unit: bool = False,
    grounds: str,
    papers: Sequence = (),
    seal_letter=None,
    by: Membership,
    now: datetime,
) -> Lodged:
    """Take in an objection to one on the list, by a named person or unit, within the period.

    A unit gives its full name in `name`, who speaks for it in `unit`, and a letter under its seal.
    """
    require(by, "awards.lodge_objection", notice)
    # A naming holds the edition: it sees this objection, or this one comes too late. Never neither.
    Edition.objects.select_for_update(of=("self",)).get(pk=notice.edition_id)
    notice = Notice.objects.select_for_update(of=("self",)).select_related("edition__host").get(pk=notice.pk)
    _refuse_outside(notice, now)
    if not notice.rows.filter(nomination=nomination).exists():
        raise Refused("“{name}”不在这份公示名单上，请从名单中选择。", name=str(nomination))
    if Nomination.objects.get(pk=nomination.pk).state != State.PUBLICITY:
        raise Refused("“{name}”已经不再列入公示，不需要提出异议。", name=str(nomination))
    person = {"name": name.strip(), "contact": contact.strip(), "unit": unit.strip()}
    _refuse_unnamed(person, grounds, of_unit, seal_letter)
    if rules.tells(grounds, person, but=nomination.subject_name):
        raise Refused(
            "“事实和理由”中出现了您的姓名、单位、电话或地址。为了保护您，请删去，只写事实；您是谁只填在上面的栏目里。"
        )
    kept = objection_papers.checked(papers, seal_letter)
    code = _token(8)
    objection = Objection(
        notice=notice,
        nomination=nomination,
        number=_number(now),
        code_hash=make_password(code),
        of_unit=of_unit,
        grounds=grounds.strip(),
        lodged_at=now,
        accept_due=objection_clock.accept_due(notice.edition, now),
    )
    objection.full_clean(exclude=["code_hash", "upheld"])
    objection.save()
    Objector.objects.create(objection=objection, sealed=sealed.seal(person))
    objection_papers.keep(objection, kept, now=now)
    handlers = appoint_on_duty(objection, now=now)
    audit.record(
        "awards.lodge_objection",
        objection,
        by=by,
        now=now,
        edition=notice.edition,
        notice=notice.pk,
        papers=len(kept),
        handlers=[str(each.user) for each in handlers],
        accept_due=objection.accept_due.isoformat() if objection.accept_due else "",
    )
    notify(
        "awards.objection_lodged",
        objection_clock.handling_hats(objection, notice.edition.host),
        subject=f"收到异议 {objection.number}：{nomination.subject_name}",
        url=reverse("awards:objection", args=[objection.pk]),
        now=now,
        edition=notice.edition,
        nomination=nomination,
    )
    return Lodged(objection, objection.number, code)


def appoint_on_duty(objection: Objection, *, now: datetime) -> list[Handler]:
    """Who is on duty that day handles it, the deputy with them; with nobody on duty, whoever accepts it."""
    people = roster.on_duty(objection.notice.edition.host, timezone.localdate(now))
    machine = Membership.objects.system()
    return [
        Handler.objects.create(
            objection=objection, user=user, since=now, reason="当日值班", assigned_by=machine
        )
        for user in people
    ]


def _refuse_unnamed(person, grounds, of_unit, seal_letter):
    for value, what in (
        (person["name"], "真实姓名"),
        (person["contact"], "联系方式"),
        (grounds, "异议事实与理由"),
    ):
        if not value.strip():
            raise Refused("请填写{what}。匿名的异议不予受理。", what=what)
    if of_unit and not person["unit"]:
        raise Refused("单位提出异议的，请填写单位联系人。")
    if of_unit and not seal_letter:
        raise Refused("单位提出异议的，请上传加盖公章的书面意见（扫描件或照片）。")


def _refuse_outside(notice, now):
    if now < notice.published_at:
        raise Refused("公示还没有开始，不能提出异议。")
    if not notice.in_force:
        raise Refused("这份公示已经更正，请在更正后的公示上提出异议。")
    if now >= notice.ends_at:
        raise Refused(
            "公示期已于 {day} 24:00 结束，逾期不再受理异议。如有新的情况，请直接联系办公室。",
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
    # Asked for in either case: the first to ask makes it, whether the number is known or not.
    unknown = nobody()
    stored = found.code_hash if found else unknown
    if not check_password(code.strip().upper(), stored) or found is None:
        raise Refused("没有找到与受理编号和查询码相符的异议，请核对后重试。")
    return found


@cache
def nobody() -> str:
    """The hash of no code, as slow to check as a real one, so that a number is not found by the clock."""
    return make_password("-")

"""异议, from outside: lodged by name within the period, found again by number and code."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import sealed
from awards.models import Notice, Objection
from nominations.models import Nomination
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
def reseal_objectors() -> int:
    """Put every objector under the first of the keys, after a new one was put in front."""
    rows = list(Objection.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.objector = sealed.reseal(row.objector)
        row.save(update_fields=["objector"])
    return len(rows)

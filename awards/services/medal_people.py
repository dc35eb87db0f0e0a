"""The particulars of the 奖章 person: sealed, with the person's consent, read by few and on the record."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from stdnum.cn import ric
from stdnum.exceptions import ValidationError as BadNumber

from awards import sealed
from awards.models import Honour, MedalPerson
from awards.services.revoking import locked, refuse_revoked
from nominations import subjects
from nominations.models import Edition
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from portal.workbook import Column, write

#: What the superior union's form asks of a person.
PARTICULARS = ("sex", "born", "id_number", "phone", "politics", "education", "deeds")
COLUMNS = (
    Column("序号", "position", "integer"),
    Column("企业名称", "enterprise", width=28),
    Column("姓名", "name"),
    Column("职务", "post"),
    Column("性别", "sex"),
    Column("出生日期", "born"),
    Column("身份证号", "id_number", code=True),
    Column("联系电话", "phone", code=True),
    Column("政治面貌", "politics"),
    Column("学历", "education"),
    Column("主要事迹", "deeds", multiline=True, width=48),
    Column("本人同意日期", "consent_on", "date"),
)


@transaction.atomic
def set_medal_person(
    honour: Honour,
    *,
    sex: str,
    born: date,
    id_number: str,
    phone: str,
    politics: str = "",
    education: str = "",
    deeds: str = "",
    consent_on: date,
    by: Membership,
    now: datetime,
) -> MedalPerson:
    """Enter or change them. Nothing of what they are goes on the record."""
    honour = locked(honour)
    require(by, "awards.set_medal_person", honour)
    refuse_revoked(honour)
    if not honour.medal_name:
        raise Refused("还没有五一劳动奖章人选，请先登记人选。")
    number = _checked(id_number, born, sex)
    if consent_on > timezone.localdate(now):
        raise Refused("本人同意日期不能晚于今天，请核对。")
    texts = {"sex": sex, "phone": phone, "politics": politics, "education": education, "deeds": deeds}
    particulars = {key: value.strip() for key, value in texts.items()}
    particulars |= {"born": born.isoformat(), "id_number": number}
    person, made = MedalPerson.objects.update_or_create(
        honour=honour,
        defaults={
            "sealed": sealed.seal(particulars, sealed.MEDAL),
            "consent_on": consent_on,
            "changed_at": now,
            "changed_by": by,
        },
    )
    audit.record("awards.set_medal_person", honour, by=by, now=now, first=made, consent_on=consent_on)
    return person


@transaction.atomic
def remove_medal_person(honour: Honour, *, reason: str, by: Membership, now: datetime) -> None:
    """Forget the particulars: the person withdrew the consent, or another is proposed."""
    honour = locked(honour)
    require(by, "awards.set_medal_person", honour)
    if not reason.strip():
        raise Refused("请写明删除的理由。")
    removed, _rows = MedalPerson.objects.filter(honour=honour).delete()
    if not removed:
        raise Refused("还没有登记个人信息，不需要删除。")
    audit.record("awards.remove_medal_person", honour, by=by, now=now, reason=reason.strip())


@transaction.atomic
def read_medal_person(honour: Honour, *, by: Membership, now: datetime) -> dict[str, str]:
    """The particulars. Every reading is on the record."""
    require(by, "awards.read_medal_person", honour)
    person = MedalPerson.objects.filter(honour=honour).first()
    if person is None:
        raise Refused("还没有登记奖章人选的个人信息。")
    found = sealed.unseal(person.sealed, sealed.MEDAL)
    audit.record("awards.read_medal_person", honour, by=by, now=now)
    return found


@transaction.atomic
def write_medal_people(edition: Edition, out, *, by: Membership, now: datetime) -> int:
    """奖章人选登记表.xlsx for the superior union; each person's row is a reading on the record."""
    require(by, "awards.name", edition)
    honours = (
        Honour.objects.filter(nomination__edition=edition, revoked_on__isnull=True, person__isnull=False)
        .select_related("enterprise", "host", "person", "nomination__edition")
        .order_by("number")
    )
    of_enterprise = subjects.is_enterprise(edition)
    rows = [
        {
            "position": position,
            "enterprise": honour.subject_name if of_enterprise else honour.enterprise.name,
            "name": honour.medal_name,
            "post": honour.medal_position,
            "consent_on": honour.person.consent_on,
            **read_medal_person(honour, by=by, now=now),
        }
        for position, honour in enumerate(honours, start=1)
    ]
    if not rows:
        raise Refused("本届还没有登记奖章人选的个人信息。")
    title = f"{edition.title}五一劳动奖章人选登记表"
    write(out, title, COLUMNS, rows, subtitle=f"填报单位：{edition.host.name}", sheet_name="奖章人选")
    return len(rows)


@transaction.atomic
def reseal_people() -> int:
    """Put everybody under the first of the keys, after a new one was put in front."""
    rows = list(MedalPerson.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.sealed = sealed.reseal(row.sealed, sealed.MEDAL)
        row.save(update_fields=["sealed"])
    return len(rows)


def _checked(id_number, born, sex) -> str:
    try:
        number = ric.validate(id_number)
        told = ric.get_birth_date(number)
    except BadNumber:
        raise Refused("身份证号不正确，请核对后重新填写。") from None
    if told != born:
        raise Refused("出生日期与身份证号不一致，请核对。")
    if sex not in ("男", "女") or ("男" if int(number[16]) % 2 else "女") != sex:
        raise Refused("性别与身份证号不一致，请核对。")
    return number

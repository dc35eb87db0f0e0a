"""Former winners: who was named before, and one entered by hand from the years before the portal."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from awards.models import Honour
from awards.services.numbering import in_a_series, new_token
from nominations import rules
from nominations.models import Category, Enterprise, Nomination
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require


def former_of(nominations: Iterable[Nomination]) -> dict[int, list[Honour]]:
    """Nomination → what its enterprise was named before by any host, one query for all."""
    there = {each.pk: each.enterprise_id for each in nominations}
    by_enterprise = defaultdict(list)
    rows = Honour.objects.public().filter(enterprise__in=set(there.values()))
    for honour in rows.select_related("host").order_by("-year", "number"):
        by_enterprise[honour.enterprise_id].append(honour)
    found = {
        pk: [honour for honour in by_enterprise[enterprise] if honour.nomination_id != pk]
        for pk, enterprise in there.items()
    }
    return {pk: honours for pk, honours in found.items() if honours}


def named_before(nominations: Iterable[Nomination]) -> list[tuple[Nomination, list[Honour]]]:
    """Those of them who were, in the order given, each with its earlier honours."""
    there = list(nominations)
    found = former_of(there)
    return [(each, found[each.pk]) for each in there if each.pk in found]


def levels_of(host: Organisation) -> list[str]:
    """委员会决定: what the city or the province named, the city's office enters; a union enters its own."""
    if host.kind == Organisation.Kind.CITY:
        return list(Honour.Level.values)
    return [Honour.Level.DISTRICT, Honour.Level.ENTERPRISE]


@transaction.atomic
def enter_former(
    *,
    credit_code: str,
    name: str,
    division_name: str = "",
    industry: str = "",
    level: str,
    year: int,
    title: str,
    category: str = "qycx",
    number: str,
    decision: str = "",
    named_on: date,
    by: Membership,
    now: datetime,
) -> Honour:
    """One naming of former years, from its paper; it has no nomination here."""
    require(by, "awards.enter_former")
    credit_code, number = rules.credit_code(credit_code), number.strip()
    if named_on > timezone.localdate(now) or named_on.year < year:
        raise Refused("命名日期与年度不符，请核对。")
    if level in Honour.Level.values and level not in levels_of(by.organisation):
        raise Refused("市级、省级的历年命名由市总工会登记，本单位只能登记区市级或企业级的命名。")
    if in_a_series(number):
        raise Refused(
            "“{number}”是本系统编排的命名编号的格式，由系统编排，不能登记为历年命名。请填写当时文件上的编号。",
            number=number,
        )
    if Honour.objects.filter(number=number).exists():
        raise Refused("命名编号“{number}”已经登记，请核对。", number=number)
    enterprise = Enterprise.objects.select_for_update().filter(credit_code=credit_code).first()
    if enterprise is None:
        enterprise = Enterprise(
            credit_code=credit_code, name=name.strip(), division_name=division_name.strip()
        )
        _save(enterprise)
    elif Honour.objects.filter(enterprise=enterprise, year=year, level=level).exists():
        raise Refused("“{name}”{year} 年的同级命名已经登记，不能重复登记。", name=enterprise.name, year=year)
    honour = Honour(
        enterprise=enterprise,
        category=Category.objects.get(code=category),
        subject_key=credit_code,
        subject_name=enterprise.name,
        division_name=division_name.strip() or enterprise.division_name,
        industry=industry.strip(),
        host=by.organisation,
        level=level,
        year=year,
        title=title.strip(),
        number=number,
        decision=decision.strip(),
        token=new_token(),
        named_on=named_on,
        named_by=by,
    )
    _save(honour)
    audit.record(
        "awards.enter_former",
        honour,
        by=by,
        now=now,
        credit_code=credit_code,
        number=number,
        year=year,
        level=level,
        decision=honour.decision,
    )
    return honour


def _save(row):
    try:
        row.full_clean()
    except ValidationError as invalid:
        words = "；".join(word for words in invalid.message_dict.values() for word in words)
        raise Refused("填写的内容不正确：{words}", words=words) from None
    row.save()

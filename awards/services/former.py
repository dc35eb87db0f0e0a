"""Former winners: who was named before, and one entered by hand from the years before the portal."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from awards.models import Honour
from awards.services.numbering import new_token
from nominations import rules
from nominations.models import Enterprise, Nomination
from portal import audit
from portal.errors import Refused
from portal.models import Membership
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


@transaction.atomic
def enter_former(
    *,
    credit_code: str,
    name: str,
    division_name: str = "",
    level: str,
    year: int,
    title: str,
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

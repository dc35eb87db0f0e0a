"""Whether an enterprise is already there: in this edition, among the named, under a near-same name."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from nominations.models import Edition, Enterprise, Nomination
from nominations.states import State
from portal.errors import Refused
from portal.workbook import name_key

_FORMS = re.compile(r"股份有限公司|有限责任公司|有限公司|集团|公司$|^(山东省?)?(青岛市?)?")


@dataclass
class Duplicates:
    """What is known of a credit code: its live nomination in the edition, and its honours that stand."""

    nomination: Nomination | None = None
    honours: list = field(default_factory=list)


def duplicates(edition: Edition, credit_code: str) -> Duplicates:
    return duplicates_of(edition, [credit_code]).get(credit_code, Duplicates())


def duplicates_of(edition: Edition, codes: Iterable[str]) -> dict[str, Duplicates]:
    """The same for many codes, with a constant number of queries; codes nobody knows are left out."""
    codes = list(codes)
    found: dict[str, Duplicates] = defaultdict(Duplicates)
    live = edition.nominations.exclude(state=State.WITHDRAWN).filter(subject_key__in=codes)
    for nomination in live.select_related("recommender"):
        found[nomination.subject_key].nomination = nomination
    if not edition.allow_former:
        for honour in (
            _honours()
            .filter(
                Q(nomination__isnull=True) | Q(nomination__edition__category=edition.category_id),
                enterprise__credit_code__in=codes,
                host=edition.host_id,
                revoked_on__isnull=True,
            )
            .exclude(nomination__edition__published=False)
        ):
            found[honour.enterprise.credit_code].honours.append(honour)
    return dict(found)


def refuse_duplicates(edition: Edition, credit_code: str) -> None:
    """委员会决定: once in an edition, and not again once named unless the edition allows it."""
    known = duplicates(edition, credit_code)
    if known.nomination:
        raise Refused(
            "“{name}”（{code}）在这一届已由“{recommender}”推荐，不能重复推荐。",
            name=known.nomination.subject_name,
            code=credit_code,
            recommender=known.nomination.recommender.name,
        )
    if known.honours:
        raise Refused(
            "“{name}”（{code}）已于 {year} 年命名，按本届规则不再推荐。",
            name=known.honours[0].enterprise.name,
            code=credit_code,
            year=known.honours[0].year,
        )


def near_names(names: dict[str, str]) -> dict[str, list[Enterprise]]:
    """For each credit code the registered enterprises whose name is nearly the same under another code."""
    wanted = {code: plain_name(name) for code, name in names.items()}
    keys = {key for key in wanted.values() if key}
    by_key = defaultdict(list)
    for enterprise in Enterprise.objects.only("credit_code", "name").iterator(chunk_size=2000):
        key = plain_name(enterprise.name)
        if key in keys:
            by_key[key].append(enterprise)
    near = {
        code: [each for each in by_key.get(key, ()) if each.credit_code != code]
        for code, key in wanted.items()
    }
    return {code: each for code, each in near.items() if each}


def plain_name(name: str) -> str:
    """A name without its place and its legal form: what people confuse."""
    return _FORMS.sub("", name_key(name))


def _honours():
    # The honours belong to a floor above: they are known by the name of their relation alone.
    honour = Enterprise._meta.get_field("honours").related_model
    return honour.objects.select_related("enterprise")

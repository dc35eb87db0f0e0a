"""疑似重复: near-same names in an edition, side by side; the office tells them apart, nothing is merged."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from nominations.likeness import alike_pairs, core
from nominations.models import Edition, Enterprise, Nomination, NotSame
from nominations.rules import is_of_enterprise
from nominations.services.duplicates import honours_of, known_places
from nominations.states import State
from nominations.subjects import is_enterprise
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership
from portal.permissions import require
from portal.templatetags.portal import cndate

KEPT_FOR = 24 * 3600  # seconds


@dataclass(frozen=True)
class Comparison:
    """One line of a pair: what is compared, both values as words, and whether they are one."""

    title: str
    one: str
    other: str

    @property
    def same(self) -> bool | None:
        """None where one side says nothing."""
        return self.one == self.other if self.one and self.other else None


@dataclass(frozen=True)
class Pair:
    """Two enterprises whose names are nearly the same; `other_nomination` None: it is not in this edition."""

    one: Enterprise
    other: Enterprise
    nomination: Nomination
    other_nomination: Nomination | None
    honours: list = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.one.pk}-{self.other.pk}"

    @property
    def lines(self) -> list[Comparison]:
        found = []
        for title, value in _COMPARED:
            one, other = value(self.one, self.nomination), value(self.other, self.other_nomination)
            if one or other:
                found.append(Comparison(_(title), one, other))
        return found

    @property
    def same(self) -> list[str]:
        return [line.title for line in self.lines if line.same]

    @property
    def differs(self) -> list[str]:
        return [line.title for line in self.lines if line.same is False]


def read_pairs(edition: Edition, *, by: Membership) -> list[tuple[int, int]]:
    """(enterprise, enterprise) of every pair still to be looked at, the first of them in the edition.

    In the order of the list of recommenders; four queries and no comparison of each with each.
    """
    require(by, "nominations.see_board", edition)
    here, names = {}, {}
    live = edition.nominations.exclude(state=State.WITHDRAWN).order_by("recommender__position", "rank", "pk")
    # It is enterprises that may be one and the same; of results these are the names of whose they are.
    name_of = "subject_name" if is_enterprise(edition) else "enterprise__name"
    for enterprise, name in live.values_list("enterprise", name_of):
        here.setdefault(enterprise, name)
    for enterprise, name in Enterprise.objects.order_by("pk").values_list("pk", "name"):
        if enterprise not in here:
            names[enterprise] = name
    apart = set(NotSame.objects.filter(host=edition.host_id).values_list("one", "other"))
    order = {enterprise: place for place, enterprise in enumerate(here)}
    found = []
    for one, other in _alike(here, names, known_places()):
        if (min(one, other), max(one, other)) in apart:
            continue
        if other in order and order[other] < order[one]:
            one, other = other, one
        found.append((one, other))
    return sorted(found, key=lambda pair: (order[pair[0]], order.get(pair[1], len(order)), pair[1]))


def _alike(here: dict[int, str], names: dict[int, str], places: tuple[str, ...]) -> list[tuple[int, int]]:
    """The pairs of these names; worked out once for as long as no name changes."""
    text = repr((sorted(here.items()), sorted(names.items()), places))
    key = f"nominations.pairs.{hashlib.sha256(text.encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        known = [{pk: core(name, places) for pk, name in group.items()} for group in (here, names)]
        found = list(alike_pairs(*known))
        cache.set(key, found, KEPT_FOR)
    return found


def pairs_of(edition: Edition, keys: Iterable[tuple[int, int]]) -> list[Pair]:
    """These pairs with all there is to compare: three queries, however many."""
    keys = list(keys)
    wanted = {enterprise for pair in keys for enterprise in pair}
    enterprises = Enterprise.objects.in_bulk(wanted)
    live = edition.nominations.exclude(state=State.WITHDRAWN).filter(enterprise__in=wanted)
    rows = live.select_related("recommender", "declaration", "enterprise")
    here = {row.enterprise_id: row for row in rows}
    honours = honours_of(edition, wanted)
    return [
        Pair(enterprises[one], enterprises[other], here[one], here.get(other), honours.get(other, []))
        for one, other in keys
        if one in here
    ]


def told_apart(edition: Edition) -> QuerySet:
    """What the office of this edition's host has told apart, where one of the two is in the edition."""
    here = edition.nominations.exclude(state=State.WITHDRAWN).values("enterprise")
    rows = NotSame.objects.filter(host=edition.host_id)
    return (rows.filter(one__in=here) | rows.filter(other__in=here)).select_related(
        "one", "other", "marked_by__user"
    )


@transaction.atomic
def tell_apart(
    edition: Edition, *, by: Membership, now: datetime, one: int, other: int, reason: str
) -> NotSame:
    """Mark two enterprises (by pk) as 不是同一家, with a reason; the pair is not shown again to this host."""
    require(by, "nominations.tell_apart", edition)
    if not reason.strip():
        raise Refused("请写明为什么不是同一家，例如“股东和法定代表人不同”。")
    one, other = sorted((one, other))
    if one == other or Enterprise.objects.filter(pk__in=(one, other)).count() != 2:
        raise Refused("没有找到这两家企业，请刷新页面后重新办理。")
    if not edition.nominations.filter(enterprise__in=(one, other)).exists():
        raise Refused("这两家企业都不在本届推荐之中，请刷新页面后重新办理。")
    mark, made = NotSame.objects.get_or_create(
        host_id=edition.host_id,
        one_id=one,
        other_id=other,
        defaults={"reason": reason.strip(), "marked_at": now, "marked_by": by},
    )
    if not made:
        raise Refused(
            "“{one}”与“{other}”已由{who}标记过，不需要再标。",
            one=mark.one.name,
            other=mark.other.name,
            who=str(mark.marked_by.user),
        )
    audit.record("nominations.tell_apart", mark, by=by, now=now, edition=edition, reason=mark.reason)
    return mark


@transaction.atomic
def look_again(mark: NotSame, edition: Edition, *, by: Membership, now: datetime) -> None:
    """Take a mark back: the pair is shown again."""
    require(by, "nominations.tell_apart", edition)
    mark = NotSame.objects.select_for_update().filter(pk=mark.pk, host=edition.host_id).first()
    if mark is None:
        raise Refused("这一条标记已经取消，请刷新页面查看。")
    audit.record("nominations.look_again", mark, by=by, now=now, edition=edition, reason=mark.reason)
    mark.delete()


def _declared(field):
    def value(_enterprise, nomination):
        if nomination is None:
            return ""
        found = getattr(nomination.declaration, field)
        if isinstance(found, bool):
            return _("是") if found else _("否")
        return str(_(found)) if isinstance(found, str) and found else "" if found is None else str(found)

    return value


def _founded(_enterprise, nomination) -> str:
    return cndate(nomination.declaration.union_founded_on) if nomination else ""


def _name(enterprise, nomination) -> str:
    if nomination is None or is_of_enterprise(nomination.subject_key):
        return enterprise.name
    return nomination.subject_name


#: What tells two enterprises apart or shows them to be one, in the order of the page.
_COMPARED = (
    (
        N_("企业名称"),
        _name,
    ),
    (N_("统一社会信用代码"), lambda enterprise, _nomination: enterprise.credit_code),
    (N_("代码中的区划"), lambda enterprise, _nomination: enterprise.credit_code[2:8]),
    (N_("所属区市"), lambda enterprise, _nomination: enterprise.division_name),
    (N_("推荐单位"), lambda _enterprise, nomination: nomination.recommender.name if nomination else ""),
    (N_("状态"), lambda _enterprise, nomination: str(nomination.state_label) if nomination else ""),
    (N_("企业性质"), _declared("nature")),
    (N_("所属行业"), _declared("industry")),
    (N_("独立法人"), _declared("independent")),
    (N_("职工人数"), _declared("employees")),
    (N_("工会成立时间"), _founded),
    (N_("联系人"), _declared("contact_name")),
    (N_("联系电话"), _declared("contact_phone")),
)

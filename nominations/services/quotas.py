"""Quotas: how many a recommender may recommend, who changed it, and how each stands."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from nominations import rules
from nominations.models import Edition, Quota
from nominations.services.windows import recommenders
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require

USED = Q(recommendation__isnull=False) & ~Q(state=State.WITHDRAWN)


@dataclass(frozen=True)
class QuotaLine:
    """How an organisation stands in an edition; `number` None is no quota."""

    organisation: Organisation
    number: int | None
    used: int
    total: int

    @property
    def left(self) -> int | None:
        return rules.quota_left(self.number, self.used)


def quota_lines(edition: Edition, organisation: Organisation | None = None) -> list[QuotaLine]:
    """Quota, used and all nominations of each recommender, or of one."""
    counts = {
        row["recommender"]: row
        for row in edition.nominations.order_by()
        .values("recommender")
        .annotate(used=Count("pk", filter=USED), total=Count("pk", filter=~Q(state=State.WITHDRAWN)))
    }
    quotas = dict(edition.quotas.values_list("organisation", "number"))
    who = [organisation] if organisation else recommenders(edition)
    return [
        QuotaLine(
            each,
            quotas.get(each.pk),
            counts.get(each.pk, {}).get("used", 0),
            counts.get(each.pk, {}).get("total", 0),
        )
        for each in who
    ]


@transaction.atomic
def set_quota(
    edition: Edition,
    organisation: Organisation,
    number: int,
    *,
    by: Membership,
    now: datetime,
    reason: str = "",
) -> Quota:
    """Set how many an organisation may recommend; changing it needs a reason."""
    require(by, "nominations.set_quota", edition)
    quota = Quota.objects.select_for_update().filter(edition=edition, organisation=organisation).first()
    before = quota.number if quota else None
    if before is not None and before != number and not reason.strip():
        raise Refused("调整推荐名额需要写明理由。")
    used = edition.nominations.filter(recommender=organisation, recommendation__isnull=False)
    used = used.exclude(state=State.WITHDRAWN).count()
    if number < used:
        raise Refused("“{name}”已推荐 {used} 家，名额不能少于 {used} 家。", name=organisation.name, used=used)
    quota = quota or Quota(edition=edition, organisation=organisation)
    quota.number = number
    quota.full_clean(validate_unique=False, validate_constraints=False)
    quota.save()
    audit.record(
        "nominations.set_quota",
        quota,
        by=by,
        now=now,
        organisation=organisation.name,
        before=before,
        after=number,
        reason=reason,
    )
    return quota


@transaction.atomic
def set_quotas(
    edition: Edition,
    numbers: dict[Organisation, int | None],
    *,
    by: Membership,
    now: datetime,
    reason: str = "",
) -> list[Quota]:
    """Set several quotas at once; a number left empty, or as it was, is not touched."""
    require(by, "nominations.set_quota", edition)
    before = dict(edition.quotas.values_list("organisation", "number"))
    return [
        set_quota(edition, organisation, number, by=by, now=now, reason=reason)
        for organisation, number in sorted(numbers.items(), key=lambda each: each[0].pk)
        if number is not None and number != before.get(organisation.pk)
    ]

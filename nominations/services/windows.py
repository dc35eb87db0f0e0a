"""Who recommends in an edition, and when."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal.errors import Refused
from portal.models import Membership, Organisation, Role


def recommenders(edition: Edition) -> QuerySet:
    """S1 四.3①: from below upwards. Those directly below the host, and a district that hosts, itself."""
    below = Q(parent=edition.host_id) | Q(pk=edition.host_id)
    if edition.host.kind == Organisation.Kind.CITY:
        below |= Q(parent__isnull=True)
    return Organisation.objects.filter(below, active=True, kind__in=Organisation.RECOMMENDING)


def require_window(edition: Edition, *, by: Membership, now: datetime) -> None:
    """Refuse outside the step of recommendation; its dates bind everyone but the office that sets them."""
    require_open(edition, StepKind.RECOMMENDATION)
    if by.role in (Role.OFFICE, Role.SYSTEM):
        return
    if not edition.published:
        raise Refused("“{edition}”还没有发布，暂不能推荐。", edition=edition.title)
    step = edition.steps.get(kind=StepKind.RECOMMENDATION)
    if step.opens and now < step.opens:
        raise Refused("组织推荐从 {day} 开始，请届时再办。", day=_day(step.opens))
    if step.closes and now >= step.closes:
        raise Refused("组织推荐已于 {day} 截止。确需办理的，请联系办公室。", day=_day(step.closes))


def is_window_open(edition: Edition) -> bool:
    """Whether the step of recommendation is running at all, for showing a button; reads no dates."""
    step = edition.step(StepKind.RECOMMENDATION)
    return step.enabled and not step.closed_at


def _day(moment: datetime) -> str:
    here = timezone.localtime(moment)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"

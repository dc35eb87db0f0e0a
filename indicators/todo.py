"""What of the indicators waits for a hat: figures to report, and rounds whose day has come."""

from collections import Counter
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from indicators.models import Agreement, Guidance, Reporter, Round, Value
from portal.models import Role
from portal.todo import Todo


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None or hat.role not in (Role.OFFICE, Role.RECOMMENDER, Role.DEPARTMENT):
        return []
    lines = _to_report(hat) + _agreed(hat)
    return lines + _to_close(hat, now) + _to_record(hat, now) if hat.role == Role.OFFICE else lines


def _to_report(hat):
    """Three queries, however many rounds."""
    mine = Reporter.objects.filter(organisation=hat.organisation_id).annotate(
        asked=Count("indicators", filter=Q(indicators__fill=""))
    )
    reporters = {each.system_id: each for each in mine if each.asked}
    if not reporters:
        return []
    rounds = Round.objects.filter(system__in=reporters, closed_at__isnull=True).select_related("system")
    given = Counter(
        Value.objects.current()
        .filter(round__in=rounds, organisation=hat.organisation_id)
        .values_list("round", flat=True)
    )
    lines = []
    for each in rounds:
        left = reporters[each.system_id].asked - given[each.pk]
        if left > 0:
            words = _("{name} {year} 年数据：{n} 项").format(name=each.system.name, year=each.year, n=left)
            url = reverse("indicators:report", args=[each.pk, reporters[each.system_id].pk])
            lines.append(Todo(_("填报"), words, url, each.due_on))
    return lines


def _agreed(hat):
    """What one's own union agreed to do; whoever agreed it with the union sees it on the union's page."""
    rows = Agreement.objects.filter(guidance__unit=hat.organisation_id, done_on__isnull=True)
    return [
        Todo(_("完成"), each.matter, reverse("indicators:guidance", args=[each.guidance_id]), each.due_on)
        for each in rows
    ]


def _to_record(hat, now):
    rows = Guidance.objects.filter(
        host=hat.organisation_id,
        recorded_at__isnull=True,
        cancelled_at__isnull=True,
        planned_on__lte=localdate(now),
    ).select_related("unit")
    return [
        Todo(
            _("记录指导"),
            each.unit.name,
            reverse("indicators:guidance", args=[each.pk]),
            each.planned_on,
        )
        for each in rows
    ]


def _to_close(hat, now):
    due = Round.objects.filter(
        system__host=hat.organisation_id, closed_at__isnull=True, due_on__lt=localdate(now)
    ).select_related("system")
    return [
        Todo(
            _("截止填报"),
            _("{name} {year} 年").format(name=each.system.name, year=each.year),
            reverse("indicators:round", args=[each.pk]),
            each.due_on,
        )
        for each in due
    ]

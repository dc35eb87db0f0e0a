"""What of the indicators waits for a hat: figures to report, and rounds whose day has come."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from indicators.models import Agreement, Asked, Guidance, Reporter, Round, Value
from portal.models import Role
from portal.todo import Todo


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None or hat.role not in (Role.OFFICE, Role.RECOMMENDER, Role.DEPARTMENT):
        return []
    lines = _to_report(hat) + _agreed(hat)
    return lines + _to_close(hat, now) + _to_record(hat, now) if hat.role == Role.OFFICE else lines


def _to_report(hat):
    """What open rounds ask of a unit and it has not reported. Two queries, however many rounds."""
    given = Value.objects.current().filter(
        round=OuterRef("round"), indicator=OuterRef("indicator"), organisation=OuterRef("organisation")
    )
    left = (
        Asked.objects.filter(organisation=hat.organisation_id, round__closed_at__isnull=True)
        .exclude(Exists(given))
        .select_related("round__system")
    )
    rounds = Counter(row.round for row in left)
    reporters = dict(Reporter.objects.filter(organisation=hat.organisation_id).values_list("system", "pk"))
    return [
        Todo(
            _("填报"),
            _("{name} {year} 年数据：{n} 项").format(name=each.system.name, year=each.year, n=number),
            reverse("indicators:report", args=[each.pk, reporters[each.system_id]]),
            each.due_on,
        )
        for each, number in rounds.items()
        if each.system_id in reporters
    ]


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

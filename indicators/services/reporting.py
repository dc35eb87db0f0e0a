"""A round of reporting: opened with a due day, filled in by units, corrected with a reason, closed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from indicators.models import Asked, Indicator, Reporter, Round, System, Value
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import can, require

REPORTING = (Role.OFFICE, Role.RECOMMENDER, Role.DEPARTMENT)


@dataclass(frozen=True)
class Entry:
    """One figure as somebody wants it. `shown` is the version that stood on the page, 0 for none."""

    value: Decimal | None
    note: str = ""
    shown: int = 0


@transaction.atomic
def open_round(
    system: System, *, year: int, due_on: date, by: Membership, now: datetime, note: str = ""
) -> Round:
    """Ask the units of a system for the figures of a year, and tell them."""
    require(by, "indicators.run_round", system)
    system = System.objects.select_for_update().get(pk=system.pk)
    today = localdate(now)
    if due_on < today:
        raise Refused("填报期限 {day} 已经过去，请选择今天或以后的日期。", day=due_on)
    if year > today.year:
        raise Refused("{year} 年还没有开始，请填写今年或以前的年度。", year=year)
    if system.base_year and year < system.base_year:
        raise Refused("{year} 年早于基数年 {base}，不需要填报。", year=year, base=system.base_year)
    if system.rounds.filter(year=year).exists():
        raise Refused("{year} 年的填报已经发起过，请在列表中查看。", year=year)
    reporters = list(system.reporters.filter(indicators__isnull=False).distinct())
    if not reporters:
        raise Refused("还没有设定填报单位，请先在“填报单位”中设定由谁填报哪些指标。")
    opened = Round.objects.create(
        system=system, year=year, due_on=due_on, note=note.strip(), opened_at=now, opened_by=by
    )
    _ask(opened)
    audit.record("indicators.open_round", opened, by=by, now=now, year=year, due_on=due_on.isoformat())
    for reporter in reporters:
        _tell(opened, reporter, now)
    return opened


def _ask(opened: Round) -> None:
    """Write down who is asked for what, as it stands now; what was reported already stays asked for."""
    pairs = Reporter.indicators.through.objects.filter(
        reporter__system=opened.system_id, indicator__fill=""
    ).values_list("indicator", "reporter__organisation")
    reported = opened.values.values_list("indicator", "organisation").distinct()
    opened.asked.all().delete()
    Asked.objects.bulk_create(
        Asked(round=opened, indicator_id=indicator, organisation_id=unit)
        for indicator, unit in sorted({*pairs, *reported})
    )


def _tell(opened, reporter, now):
    notify(
        "indicators.round",
        Membership.objects.at(reporter.organisation_id, *REPORTING).select_related("user"),
        subject=_("请填报{name} {year} 年数据").format(name=opened.system.name, year=opened.year),
        body=_("填报期限 {day}。").format(day=opened.due_on),
        url=reverse("indicators:report", args=[opened.pk, reporter.pk]),
        now=now,
    )


@transaction.atomic
def close_round(opened: Round, *, by: Membership, now: datetime) -> Round:
    """No unit reports any more; afterwards only the office corrects, with a reason."""
    require(by, "indicators.run_round", opened.system)
    opened = Round.objects.select_for_update(of=("self",)).select_related("system").get(pk=opened.pk)
    if opened.closed_at:
        raise Refused("{year} 年的填报已经截止。", year=opened.year)
    opened.closed_at, opened.closed_by = now, by
    opened.save(update_fields=["closed_at", "closed_by"])
    missing = sum(len(each.left) for each in progress_of(opened))
    audit.record("indicators.close_round", opened, by=by, now=now, year=opened.year, missing=missing)
    return opened


@transaction.atomic
def report(
    opened: Round,
    reporter: Reporter,
    entries: Mapping[int, Entry],
    *,
    by: Membership,
    now: datetime,
    reason: str = "",
) -> list[Value]:
    """Keep the figures of a unit, by indicator; all or none. What is as it was is not touched.

    A figure that was reported before is corrected: a new version, with a reason.
    """
    require(by, "indicators.report", reporter)
    opened = Round.objects.select_for_update(of=("self",)).select_related("system").get(pk=opened.pk)
    if reporter.system_id != opened.system_id:
        raise Refused("{unit}不填报这一套指标。", unit=str(reporter))
    if opened.closed_at and not can(by, "indicators.run_round", opened.system):
        raise Refused("{year} 年的填报已经截止，需要更正的请联系办公室。", year=opened.year)
    asked = {each.pk: each for each in asked_of(opened, reporter)}
    strange = set(entries) - set(asked)
    if strange:
        raise Refused("其中有不由本单位填报的指标，请刷新页面后重新填写。")
    before = current_of(opened, reporter)
    kept = [
        value
        for pk, entry in sorted(entries.items())
        if (value := _kept(opened, reporter, asked[pk], before.get(pk), entry, reason.strip(), by, now))
    ]
    for value in kept:
        audit.record(
            "indicators.report",
            value,
            by=by,
            now=now,
            indicator=value.indicator.number,
            value=str(value.value),
            before=str(value.corrects.value) if value.corrects else None,
            reason=value.reason,
        )
    return kept


def _kept(opened, reporter, indicator, last, entry, reason, by, now):
    if (last.version if last else 0) != entry.shown:
        raise Refused("“{name}”刚有人填报过，本次没有保存。请核对现在的数值后重新填写。", name=indicator.name)
    if entry.value is None:
        if last:
            raise Refused("“{name}”已经填报过，不能清空；确为 0 的请填 0。", name=indicator.name)
        return None
    _refuse_odd(indicator, entry.value)
    if last and last.value == entry.value and last.note == entry.note.strip():
        return None
    if last and not reason:
        raise Refused("更正已填报的“{name}”需要写明理由。", name=indicator.name)
    return Value.objects.create(
        round=opened,
        indicator=indicator,
        organisation_id=reporter.organisation_id,
        version=last.version + 1 if last else 1,
        value=entry.value,
        note=entry.note.strip(),
        corrects=last,
        reason=reason if last else "",
        reported_at=now,
        reported_by=by,
    )


def _refuse_odd(indicator: Indicator, value: Decimal) -> None:
    if value < 0 and not indicator.running:
        raise Refused("“{name}”不能小于 0。", name=indicator.name)
    if indicator.kind == Indicator.Kind.PERCENT and value > 100:
        raise Refused("“{name}”是百分比，不能大于 100。", name=indicator.name)
    if value != round(value, indicator.places):
        raise Refused(
            "“{name}”最多保留 {places} 位小数，请核对。", name=indicator.name, places=indicator.places
        )


def current_of(opened: Round, reporter: Reporter) -> dict[int, Value]:
    """The figures that stand, by indicator."""
    rows = Value.objects.current().filter(round=opened, organisation=reporter.organisation_id)
    return {row.indicator_id: row for row in rows.select_related("indicator", "reported_by__user")}


def history_of(opened: Round, reporter: Reporter) -> list[Value]:
    """Every version of what a unit reported in a round, latest first."""
    rows = Value.objects.filter(round=opened, organisation=reporter.organisation_id)
    return list(rows.select_related("indicator", "reported_by__user", "corrects").order_by("-pk"))


@dataclass(frozen=True)
class Progress:
    """How far a unit is in a round."""

    reporter: Reporter
    asked: list[Indicator]
    left: list[Indicator]


def progress_of(opened: Round) -> list[Progress]:
    """Every unit that was asked in a round. Three queries, however many."""
    given = set(Value.objects.current().filter(round=opened).values_list("organisation", "indicator"))
    asked = defaultdict(list)
    for row in opened.asked.select_related("indicator").order_by("indicator__number"):
        asked[row.organisation_id].append(row.indicator)
    reporters = opened.system.reporters.filter(organisation__in=asked).select_related(
        "organisation", "system"
    )
    found = []
    for reporter in reporters:
        unit = reporter.organisation_id
        left = [each for each in asked[unit] if (unit, each.pk) not in given]
        found.append(Progress(reporter, asked[unit], left))
    return found


def asked_of(opened: Round, reporter: Reporter) -> list[Indicator]:
    """What a unit is asked for in a round, as printed."""
    rows = opened.asked.filter(organisation=reporter.organisation_id).select_related("indicator")
    return [row.indicator for row in rows.order_by("indicator__number")]


@transaction.atomic
def remind(opened: Round, *, by: Membership, now: datetime) -> int:
    """Tell the units that have not reported everything; how many units."""
    require(by, "indicators.run_round", opened.system)
    opened = Round.objects.select_for_update(of=("self",)).select_related("system").get(pk=opened.pk)
    if opened.closed_at:
        raise Refused("{year} 年的填报已经截止，不再催报。", year=opened.year)
    late = [each.reporter for each in progress_of(opened) if each.left]
    for reporter in late:
        _tell(opened, reporter, now)
    audit.record("indicators.remind", opened, by=by, now=now, units=len(late))
    return len(late)


@transaction.atomic
def set_reporters(indicator: Indicator, organisations, *, by: Membership, now: datetime) -> list[Reporter]:
    """Who reports an indicator, from now on. Figures that were reported stay."""
    require(by, "indicators.run_round", indicator.system)
    system = System.objects.select_for_update().get(pk=indicator.system_id)
    if indicator.fill:
        raise Refused("“{name}”由门户自动取数，不需要填报单位。", name=indicator.name)
    organisations = list(organisations)
    if not indicator.summed and len(organisations) > 1:
        raise Refused("“{name}”不能由几个单位相加，只能由一个单位填报。", name=indicator.name)
    wanted = {each.pk for each in organisations}
    before = set(indicator.reporters.values_list("organisation", flat=True))
    for reporter in indicator.reporters.exclude(organisation__in=wanted):
        reporter.indicators.remove(indicator)
    for organisation in organisations:
        reporter, _made = Reporter.objects.get_or_create(system=system, organisation=organisation)
        reporter.indicators.add(indicator)
    for opened in system.rounds.filter(closed_at__isnull=True).select_for_update():
        _ask(opened)
    if wanted != before:
        audit.record(
            "indicators.set_reporters",
            indicator,
            by=by,
            now=now,
            units=[each.name for each in organisations],
        )
    return list(indicator.reporters.all())

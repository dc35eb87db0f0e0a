"""Quotas: how many a recommender may recommend, who changed it, and how each stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from nominations import rules
from nominations.models import Edition, Quota
from nominations.services.windows import recommenders
from nominations.states import State
from portal import audit
from portal.errors import N_, Refused
from portal.models import AuditEntry, Membership, Organisation
from portal.permissions import require
from portal.workbook import Column, name_key, read, write

TITLE = N_("推荐名额分配表")
COLUMNS = (
    Column("推荐单位", "recommender", required=True, max_length=120, width=36),
    Column("推荐名额", "number", "integer", minimum=0, maximum=999, aliases=["名额"]),
    Column("备注", "remark", max_length=200, aliases=["调整理由", "理由"], width=36),
)
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


@dataclass(frozen=True)
class QuotaChange:
    """One quota as it would change; None is no quota. `before` is what was shown when it was decided."""

    organisation: Organisation
    before: int | None
    after: int | None
    reason: str = ""

    @property
    def needs_reason(self) -> bool:
        """委员会决定: the first setting needs none, whatever comes after does."""
        return self.before is not None


@transaction.atomic
def set_quota(
    edition: Edition,
    organisation: Organisation,
    number: int | None,
    *,
    by: Membership,
    now: datetime,
    reason: str = "",
) -> Quota | None:
    """Set how many an organisation may recommend, None for as many as it has; changing it needs a reason."""
    require(by, "nominations.set_quota", edition)
    # A first setting has no row to wait for; two offices at once, and whoever recommends, wait here.
    Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    quota = Quota.objects.filter(edition=edition, organisation=organisation).first()
    before = quota.number if quota else None
    if before is not None and before != number and not reason.strip():
        raise Refused("调整推荐名额需要写明理由。")
    used = edition.nominations.filter(USED, recommender=organisation).count()
    if number is not None and number < used:
        raise Refused("“{name}”已推荐 {used} 家，名额不能少于 {used} 家。", name=organisation.name, used=used)
    if number is None and quota is None:
        return None
    quota = quota or Quota(edition=edition, organisation=organisation)
    # The line is written while the row is there to be named.
    if number is not None:
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
        reason=reason.strip(),
    )
    if number is None:
        quota.delete()
        return None
    return quota


@transaction.atomic
def set_quotas(
    edition: Edition,
    numbers: Mapping[Organisation, int | None],
    *,
    by: Membership,
    now: datetime,
    reason: str = "",
    shown: Mapping[Organisation, int | None] | None = None,
    reasons: Mapping[Organisation, str] | None = None,
) -> list[Quota | None]:
    """Set several quotas, all or none; what is as it was is not touched.

    `shown` are the numbers the decision was made upon: where one has moved meanwhile, everything is refused.
    `reasons` are those of single organisations, `reason` that of all others.
    """
    require(by, "nominations.set_quota", edition)
    # What was shown is compared with what is there when it is our turn.
    Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    current = dict(edition.quotas.values_list("organisation", "number"))
    done = []
    for organisation, number in sorted(numbers.items(), key=lambda each: each[0].pk):
        before = current.get(organisation.pk)
        if shown is not None and shown.get(organisation) != before:
            raise Refused(
                "“{name}”的名额刚刚改为 {number}，与您看到的不同，本次全部没有保存。请核对后重新保存。",
                name=organisation.name,
                number=N_("不限") if before is None else before,
            )
        if number == before:
            continue
        why = (reasons or {}).get(organisation, "").strip() or reason.strip()
        if before is not None and not why:
            raise Refused("调整“{name}”已设的名额需要写明理由。", name=organisation.name)
        done.append(set_quota(edition, organisation, number, by=by, now=now, reason=why))
    return done


def read_quotas(edition: Edition, file, *, by: Membership) -> list[QuotaChange]:
    """What a workbook would change, in its order. Raises `WorkbookRefused` with all that is wrong in it.

    An empty 推荐名额 leaves a union as it is; unions that are not in the file likewise.
    """
    require(by, "nominations.set_quota", edition)
    sheet = read(file, COLUMNS, title=TITLE)
    units = recommenders_by_name(edition)
    lines = {line.organisation.pk: line for line in quota_lines(edition)}
    changes, rows = [], {}
    for row in sheet:
        if not row["recommender"]:
            continue
        unit = units.get(name_key(row["recommender"]))
        if unit is None:
            sheet.error(
                row,
                "recommender",
                N_("“{name}”不是这一届的推荐单位"),
                N_("请填写推荐单位全称，例如“{example}”"),
                name=row["recommender"],
                example=next(iter(sorted({each.name for each in units.values()})), ""),
            )
            continue
        if unit.pk in rows:
            sheet.error(
                row,
                "recommender",
                N_("与第 {row} 行是同一个单位“{name}”"),
                N_("请只保留一行"),
                row=rows[unit.pk],
                name=unit.name,
            )
            continue
        rows[unit.pk] = row.number
        line, number = lines[unit.pk], row["number"]
        if number is None or number == line.number:
            continue
        if number < line.used:
            sheet.error(
                row,
                "number",
                N_("“{name}”已推荐 {used} 家"),
                N_("不少于 {used} 的整数"),
                name=unit.name,
                used=line.used,
            )
            continue
        changes.append(QuotaChange(unit, line.number, number, row["remark"] or ""))
    sheet.finish()
    return changes


def write_quotas(edition: Edition, out, *, by: Membership) -> None:
    """The form with every union of the edition in it, and its quota of today."""
    require(by, "nominations.set_quota", edition)
    rows = [(line.organisation.name, line.number, "") for line in quota_lines(edition)]
    write(out, f"{edition.title}{TITLE}", COLUMNS, rows, sheet_name=TITLE)


def recommenders_by_name(edition: Edition) -> dict[str, Organisation]:
    """Every recommender of an edition by the keys of its name and its short name."""
    units: dict[str, Organisation] = {}
    for unit in recommenders(edition):
        units.setdefault(name_key(unit.short_name), unit)
        units[name_key(unit.name)] = unit
    return units


def quota_history(edition: Edition) -> QuerySet:
    """Every change of a quota of this edition, latest first, as the record has it."""
    return AuditEntry.objects.filter(edition_id=edition.pk, act="nominations.set_quota").order_by("-pk")

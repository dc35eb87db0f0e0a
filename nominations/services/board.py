"""How every recommender of an edition stands: what it may, what it did, what lies where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, FilteredRelation, Max, Q
from django.utils import timezone

from nominations import rules
from nominations.models import Edition
from nominations.services.quotas import USED
from nominations.services.windows import recommenders
from nominations.states import State, StepKind
from portal.models import AuditEntry, Membership, Organisation, Role
from portal.permissions import require
from portal.workbook import Column, write

NOT_YET = (State.DRAFT, State.RECOMMENDATION)


@dataclass(frozen=True)
class UnionLine:
    """One recommender: its quota (None: as many as it has), and where its nominations lie.

    `drafts`, `returned`, `waiting` and `recommended` are all it has, each once; `overdue` is of `returned`.
    `used` counts against the quota: what is recommended, and what the screening sent back.
    """

    organisation: Organisation
    number: int | None = None
    used: int = 0
    drafts: int = 0
    returned: int = 0
    overdue: int = 0
    waiting: int = 0
    recommended: int = 0
    pending: int = 0
    last_at: datetime | None = None
    last_act: str = ""
    urged_at: datetime | None = None
    days: int | None = None

    @property
    def left(self) -> int | None:
        return rules.quota_left(self.number, self.used)

    @property
    def none_yet(self) -> bool:
        """Nothing recommended, though something is expected of it."""
        return not (self.used or self.recommended) and self.number != 0


def read_board(edition: Edition, *, by: Membership, now: datetime) -> list[UnionLine]:
    """Every recommender of the edition in the order of the house; four queries, however many there are."""
    require(by, "nominations.see_board", edition)
    return lines_of(edition, now=now)


def lines_of(edition: Edition, *, now: datetime) -> list[UnionLine]:
    today = timezone.localdate(now)
    counts = _counts(edition, today)
    quotas = dict(edition.quotas.values_list("organisation", "number"))
    own = recommenders(edition) | Organisation.objects.filter(pk__in=counts.keys())
    units = list(own.distinct())
    last = _last_acts(edition, units)
    urged = _urged(edition)
    lines = []
    for unit in units:
        at, act = last.get(unit.name, (None, ""))
        lines.append(
            UnionLine(
                unit,
                quotas.get(unit.pk),
                **counts.get(unit.pk, {}),
                last_at=at,
                last_act=act,
                urged_at=urged.get(str(unit.pk)),
                days=(today - timezone.localdate(at)).days if at else None,
            )
        )
    return lines


def total_of(lines: Iterable[UnionLine]) -> dict[str, int]:
    """The sums under the table; unions without a quota add nothing to 名额 and 剩余."""
    lines = list(lines)
    names = ("used", "drafts", "returned", "overdue", "waiting", "recommended")
    return {name: sum(getattr(line, name) for line in lines) for name in names} | {
        "number": sum(line.number or 0 for line in lines),
        "left": sum(line.left or 0 for line in lines),
    }


def export_board(edition: Edition, out, lines: Iterable[UnionLine], *, by: Membership) -> None:
    """The board as it is shown, as a workbook with a line of totals."""
    require(by, "nominations.see_board", edition)
    lines = list(lines)
    rows = [
        (
            line.organisation.name,
            "不限" if line.number is None else line.number,
            line.used,
            "" if line.left is None else line.left,
            *(line.drafts, line.returned, line.overdue, line.waiting, line.recommended),
            line.last_at,
        )
        for line in lines
    ]
    sums = total_of(lines)
    names = ("number", "used", "left", "drafts", "returned", "overdue", "waiting", "recommended")
    rows.append(("合计", *(sums[name] for name in names), None))
    write(out, f"{edition.title}各单位推荐进度", COLUMNS, rows, sheet_name="推荐进度", subtitle="")


COLUMNS = (
    Column("推荐单位", "unit", width=32),
    Column("推荐名额", "number", "integer"),
    Column("已用", "used", "integer"),
    Column("剩余", "left", "integer"),
    Column("起草", "drafts", "integer"),
    Column("退回补正", "returned", "integer"),
    Column("其中逾期", "overdue", "integer"),
    Column("待审核", "waiting", "integer"),
    Column("已推荐", "recommended", "integer"),
    Column("最近一次办理", "last", "date", width=20),
)


def _counts(edition, today) -> dict[int, dict[str, int]]:
    # At most one return of a nomination is open, so the join counts nothing twice.
    back = FilteredRelation("returns", condition=Q(returns__mended_at__isnull=True))
    counted = {
        "used": Count("pk", filter=USED),
        "drafts": Count("pk", filter=Q(state=State.DRAFT, back__isnull=True)),
        "returned": Count("pk", filter=Q(back__isnull=False)),
        "overdue": Count("pk", filter=Q(back__deadline__lt=today)),
        "waiting": Count("pk", filter=Q(state=State.RECOMMENDATION)),
        "recommended": Count("pk", filter=~Q(state__in=NOT_YET)),
        "pending": Count("pk", filter=_pending(edition)),
    }
    rows = edition.nominations.exclude(state=State.WITHDRAWN).order_by().annotate(back=back)
    return {row.pop("recommender"): row for row in rows.values("recommender").annotate(**counted)}


def _pending(edition) -> Q:
    """What the recommender can still do something about: a draft in a step that is closed stays as it is."""
    found = Q(pk__in=[])
    if _open(edition, StepKind.RECOMMENDATION):
        found |= Q(state__in=NOT_YET) & (Q(back__isnull=True) | ~Q(back__from_state=State.SCREENING))
    if _open(edition, StepKind.SCREENING):
        found |= Q(back__from_state=State.SCREENING)
    return found


def _open(edition, kind) -> bool:
    step = edition.step(kind)
    return step.enabled and not step.closed_at


def _last_acts(edition, units) -> dict[str, tuple[datetime, str]]:
    """The last thing each recommender's own people did; the record knows an organisation by its name."""
    entries = (
        AuditEntry.objects.filter(
            edition_id=edition.pk, role=Role.RECOMMENDER, organisation_name__in=[each.name for each in units]
        )
        .order_by("organisation_name", "-pk")
        .distinct("organisation_name")
    )
    return {name: (at, act) for name, at, act in entries.values_list("organisation_name", "at", "act")}


def _urged(edition) -> dict[str, datetime]:
    entries = AuditEntry.objects.filter(
        edition_id=edition.pk, act="nominations.remind", subject_type="portal.organisation"
    )
    return dict(entries.order_by().values_list("subject_id").annotate(at=Max("at")))

"""Reminders before a deadline: to those who still have something to do, once a day, and to nobody else.

Finished is a recommender with nothing in draft, nothing sent back and nothing awaiting its review. Quota that
is left is no task: whoever has nothing open hears of the window once, three days before it ends, and only
when it has recommended nobody at all and its quota is not 0. Finished is an enterprise with no draft of its
own. Whoever is finished is told nothing. What lies in a step that is closed can no longer be done, and is
not reminded of either.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Prefetch
from django.urls import reverse
from django.utils import timezone

from nominations.models import Edition, Nomination, Return
from nominations.services.board import UnionLine, lines_of
from nominations.states import State, StepKind
from nominations.subjects import full_name
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Notification, Role
from portal.notify import notify, told_today
from portal.permissions import require

EVENT = "nominations.remind"
URGED = "nominations.urge"
LAST_CALL = "nominations.last_call"
OVERDUE = "nominations.overdue"
OVERDUE_BACK = "nominations.overdue_back"
#: 委员会决定: three days and one day before the deadline, and on the day itself.
DAYS_BEFORE = (3, 1, 0)
#: 委员会决定: whoever has recommended nobody hears of it once, from this many days before the end.
LAST_CALL_DAYS = 3


@dataclass
class Urging:
    """Whom 催办 would reach, and whom not: finished meanwhile, urged today already, nobody to tell."""

    told: list[UnionLine] = field(default_factory=list)
    finished: list[UnionLine] = field(default_factory=list)
    today: list[UnionLine] = field(default_factory=list)
    unreachable: list[UnionLine] = field(default_factory=list)
    hats: dict[int, list[Membership]] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(len({hat.user_id for hat in hats}) for hats in self.hats.values())


@transaction.atomic
def remind(edition: Edition, *, now: datetime) -> int:
    """Tell recommenders and enterprises with unfinished work how long there is; returns how many were told.

    A second run on the same day finds whom the first has told: it may be run as often as one likes.
    """
    # Two workers at once: the second waits here, and then sees what the first has written.
    edition = Edition.objects.select_for_update().prefetch_related("steps").get(pk=edition.pk)
    today = timezone.localdate(now)
    rows = _open_rows(edition)
    people = _People(rows)
    return (
        _remind_of_days(edition, rows, people, today, now)
        + _tell_overdue(edition, rows, people, today, now)
        + _last_call(edition, today, now)
    )


def due_editions() -> list[Edition]:
    """Editions in which somebody may still have to be reminded."""
    open_steps = {
        "steps__kind__in": (StepKind.RECOMMENDATION, StepKind.SCREENING),
        "steps__enabled": True,
        "steps__closed_at__isnull": True,
    }
    return list(Edition.objects.running().filter(published=True, **open_steps).distinct().order_by("pk"))


def is_unfinished(line: UnionLine, *, window: bool) -> bool:
    """委员会决定: what 催办 may be about: something open, or nobody recommended while one still may."""
    return line.pending > 0 or (window and line.none_yet)


def preview_urge(edition: Edition, units: Iterable[int], *, now: datetime) -> Urging:
    """Of these unions (by pk), who would be told. Reads only."""
    wanted, today, found = set(units), timezone.localdate(now), Urging()
    hats = defaultdict(list)
    members = Membership.objects.active().filter(role=Role.RECOMMENDER, organisation__in=wanted)
    for hat in members.select_related("user"):
        hats[hat.organisation_id].append(hat)
    window = _is_open(edition, StepKind.RECOMMENDATION)
    for line in lines_of(edition, now=now):
        if line.organisation.pk not in wanted:
            continue
        if not is_unfinished(line, window=window):
            found.finished.append(line)
        elif line.urged_at and timezone.localdate(line.urged_at) == today:
            found.today.append(line)
        elif not hats[line.organisation.pk]:
            found.unreachable.append(line)
        else:
            found.told.append(line)
            found.hats[line.organisation.pk] = hats[line.organisation.pk]
    return found


@transaction.atomic
def urge(edition: Edition, *, by: Membership, now: datetime, units: Iterable[int]) -> Urging:
    """催办: the office reminds these unions (by pk) by hand, each once a day, and it is on the record."""
    require(by, "nominations.remind", edition)
    edition = Edition.objects.select_for_update().prefetch_related("steps").get(pk=edition.pk)
    if edition.concluded_at or not edition.published:
        raise Refused("“{edition}”没有在办，不能催办。", edition=edition.title)
    found = preview_urge(edition, units, now=now)
    if not found.told:
        raise Refused("没有需要催办的单位：都已办完、今天已经催办过，或没有账号。没有发出提醒。")
    closes = edition.step(StepKind.RECOMMENDATION).closes
    until = f"，{_day(timezone.localdate(closes))}截止" if closes and closes > now else ""
    for line in found.told:
        unit = line.organisation
        notify(
            URGED,
            found.hats[unit.pk],
            subject=f"{edition.title}：请抓紧办理推荐{until}",
            body=_said_of(line),
            url=reverse("nominations:desk", args=[edition.pk]),
            now=now,
            edition=edition,
        )
        audit.record("nominations.remind", unit, by=by, now=now, edition=edition, note=_said_of(line))
    return found


class _People:
    """The hats that mend and review the open nominations, found in one query."""

    def __init__(self, rows):
        wanted = {row.recommender_id for row in rows} | {row.enterprise.organisation_id for row in rows}
        wanted |= {row.back.returned_by.organisation_id for row in rows if row.back}
        self._hats = defaultdict(list)
        hats = Membership.objects.active().filter(organisation__in=wanted - {None})
        for hat in hats.select_related("user").order_by("pk"):
            self._hats[hat.organisation_id, hat.role].append(hat)

    def of_union(self, row):
        return self._hats[row.recommender_id, Role.RECOMMENDER]

    def of_enterprise(self, row):
        return self._hats[row.enterprise.organisation_id, Role.APPLICANT]

    def who_mend(self, row):
        """The enterprise's own people, and the union's unless it is they who asked."""
        own = self.of_enterprise(row)
        return own if row.back.returned_by.role == Role.RECOMMENDER else [*own, *self.of_union(row)]

    def who_asked(self, row):
        """Whoever sent it back; when that hat is laid down, those who wear the like."""
        asked = row.back.returned_by
        alike = self._hats[asked.organisation_id, asked.role]
        return [hat for hat in alike if hat.pk == asked.pk] or alike


def _open_rows(edition) -> list[Nomination]:
    """Every nomination not yet handed on, its open return as `back`, and by when something must be done."""
    open_returns = Return.objects.filter(mended_at__isnull=True).select_related("returned_by")
    rows = list(
        edition.nominations.filter(state__in=(State.DRAFT, State.RECOMMENDATION))
        .select_related("recommender", "enterprise")
        .prefetch_related(Prefetch("returns", open_returns, to_attr="open_returns"))
        .order_by("recommender__position", "rank", "pk")
    )
    step = edition.step(StepKind.RECOMMENDATION)
    window = _is_open(edition, StepKind.RECOMMENDATION)
    closes = timezone.localdate(step.closes) if step.closes else None
    for row in rows:
        row.back = row.open_returns[0] if row.open_returns else None
        if row.back and row.back.from_state == State.SCREENING:
            row.due = row.back.deadline if _is_open(edition, StepKind.SCREENING) else None
        elif not window:
            row.due = None
        else:
            days = [day for day in (closes, row.back and row.back.deadline) if day]
            row.due = min(days, default=None)
    return rows


def _remind_of_days(edition, rows, people, today, now) -> int:
    told = told_today(edition, EVENT, today)
    unions, enterprises = defaultdict(list), defaultdict(list)
    for row in rows:
        if row.due is None or (row.due - today).days not in DAYS_BEFORE:
            continue
        unions[row.recommender_id].append(row)
        if row.state == State.DRAFT and row.enterprise.organisation_id:
            enterprises[row.enterprise.organisation_id].append(row)
    count = 0
    for mine in unions.values():
        due = min(row.due for row in mine)
        count += notify(
            EVENT,
            [hat for hat in people.of_union(mine[0]) if hat.user_id not in told],
            subject=f"{edition.title}：还有 {len(mine)} 家没有办完，{_day(due)}截止",
            body="、".join(full_name(row) for row in mine),
            url=reverse("nominations:desk", args=[edition.pk]),
            now=now,
            edition=edition,
        )
    for mine in enterprises.values():
        first = min(mine, key=lambda row: row.due)
        what = "退回的申报表还没有补正" if first.back else "申报表还没有提交"
        count += notify(
            EVENT,
            [hat for hat in people.of_enterprise(first) if hat.user_id not in told],
            subject=f"{edition.title}：{what}，{_day(first.due)}截止",
            body="、".join(full_name(row) for row in mine),
            url=first.get_absolute_url(),
            now=now,
            edition=edition,
        )
    return count


def _tell_overdue(edition, rows, people, today, now) -> int:
    """Once a return, to those who mend and to the one who asked.

    A telling names all that is overdue for that person, so whatever was overdue before it has been told.
    """
    last = _last_told(edition)
    late = [row for row in rows if row.back and row.due and row.due < today]
    news: dict[tuple, list] = defaultdict(list)
    hats = {}
    for event, who in ((OVERDUE, people.who_mend), (OVERDUE_BACK, people.who_asked)):
        for row in late:
            for hat in who(row):
                before = last.get((event, hat.user_id))
                if before and before >= row.back.returned_at and timezone.localdate(before) > row.due:
                    continue
                hats[hat.user_id] = hat
                if row not in news[event, hat.user_id]:
                    news[event, hat.user_id].append(row)
    words = {OVERDUE: "家退回补正已经逾期，请尽快补正", OVERDUE_BACK: "家由您退回的还没有补正，已经逾期"}
    desk = reverse("nominations:desk", args=[edition.pk])
    return sum(
        notify(
            event,
            [hats[user]],
            subject=f"{edition.title}：{len(mine)} {words[event]}",
            body="、".join(f"{full_name(row)}（{_day(row.due)}前）" for row in mine),
            url=mine[0].get_absolute_url() if len(mine) == 1 else desk,
            now=now,
            edition=edition,
        )
        for (event, user), mine in news.items()
    )


def _last_told(edition) -> dict[tuple[str, int], datetime]:
    rows = Notification.objects.filter(edition_id=edition.pk, event__in=(OVERDUE, OVERDUE_BACK))
    rows = rows.order_by().values_list("event", "recipient").annotate(at=Max("created_at"))
    return {(event, user): at for event, user, at in rows}


def _last_call(edition, today, now) -> int:
    step = edition.step(StepKind.RECOMMENDATION)
    if not _is_open(edition, StepKind.RECOMMENDATION) or not step.closes:
        return 0
    closes = timezone.localdate(step.closes)
    if not 0 <= (closes - today).days <= LAST_CALL_DAYS or now >= step.closes:
        return 0
    ever = Notification.objects.filter(event=LAST_CALL, edition_id=edition.pk)
    told = set(ever.values_list("recipient", flat=True))
    idle = [line.organisation for line in lines_of(edition, now=now) if line.none_yet and not line.pending]
    hats = Membership.objects.active().filter(organisation__in=idle, role=Role.RECOMMENDER)
    return notify(
        LAST_CALL,
        [hat for hat in hats.select_related("user") if hat.user_id not in told],
        subject=f"{edition.title}：贵单位还没有推荐，{_day(closes)}截止",
        body="确定不推荐的，不需要办理。",
        url=reverse("nominations:desk", args=[edition.pk]),
        now=now,
        edition=edition,
    )


def _is_open(edition, kind) -> bool:
    step = edition.step(kind)
    return step.enabled and not step.closed_at


def _said_of(line: UnionLine) -> str:
    parts = [
        f"{word} {number} 家"
        for word, number in (
            ("起草", line.drafts),
            ("退回补正", line.returned),
            ("待审核", line.waiting),
        )
        if number
    ]
    if line.overdue:
        parts.append(f"其中逾期 {line.overdue} 家")
    return "、".join(parts) or "还没有推荐"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"

"""Reminding the departments that have something to answer, and telling the offices who is late.

委员会决定: three days and one day before the due date and on the day; after it once a working day, at most
three times. The office hears who is overdue, after three working days the city's office as well.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Edition
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership, Notification, Organisation, Role
from portal.notify import notify
from portal.permissions import require
from portal.speech import said
from portal.templatetags.portal import cndate
from portal.workdays import Calendar, YearNotPublished
from review.services.standing import progress

REMIND, OVERDUE, CHASE = "review.remind", "review.overdue", "review.chase"
DAYS_BEFORE = (3, 1, 0)
MOST_AFTER = 3
CITY_AFTER = 3


@dataclass(frozen=True)
class Left:
    """What one department has not answered, of all that is due on one day."""

    department: Organisation
    due_on: date | None
    count: int

    def days(self, today: date) -> int:
        """Days past the due date, 0 before."""
        return max(0, (today - self.due_on).days) if self.due_on else 0


def left(edition: Edition, *, today: date) -> list[Left]:
    """Who has not finished, the earliest due first."""
    counts: dict[tuple[int, date | None], int] = defaultdict(int)
    known = {}
    for line in progress([edition], today=today):
        if line.left:
            known[line.question.department_id] = line.question.department
            counts[line.question.department_id, line.batch.due_on] += line.left
    rows = [Left(known[pk], due, count) for (pk, due), count in counts.items()]
    return sorted(rows, key=lambda row: (row.due_on is None, row.due_on or today, row.department.position))


def due_editions() -> list[Edition]:
    """Editions in which a department may have something to answer."""
    running = Edition.objects.running().filter(published=True, batches__isnull=False)
    return list(running.distinct().order_by("pk"))


@transaction.atomic
def remind_departments(edition: Edition, *, now: datetime) -> int:
    """Tell those who are due and those who are late; returns how many were told. Runs twice, tells once."""
    # Two workers at once: the second waits here, and then sees what the first has written.
    edition = (
        Edition.objects.select_for_update(of=("self",)).select_related("host__parent").get(pk=edition.pk)
    )
    today = timezone.localdate(now)
    rows = left(edition, today=today)
    late = [row for row in rows if row.days(today)]
    soon = [row for row in rows if row.due_on and (row.due_on - today).days in DAYS_BEFORE]
    count = sum(_remind(edition, row, today, now) for row in soon)
    if not late:
        return count
    try:
        return count + _chase_late(edition, late, calendar.published(), today, now)
    except YearNotPublished as refusal:
        return count + _tell_office(edition, edition.host, said(refusal), [], today, now)


def _chase_late(edition, late, days: Calendar, today, now) -> int:
    if not days.is_workday(today):
        return 0
    count = 0
    for row in late:
        if _sent_since(edition, row.department, row.due_on) < MOST_AFTER:
            count += _remind(edition, row, today, now)
    names = [
        _("{department}：{count} 项，期限 {day}").format(
            department=row.department.short_name, count=row.count, day=cndate(row.due_on)
        )
        for row in late
    ]
    subject = _("{title}：{count} 个部门逾期未答复").format(
        title=edition.title, count=len({row.department.pk for row in late})
    )
    count += _tell_office(edition, edition.host, subject, names, today, now)
    above = edition.host.parent
    long = [row for row in late if days.add(row.due_on, CITY_AFTER) <= today]
    if above is not None and above.kind == Organisation.Kind.CITY and long:
        count += _tell_office(edition, above, subject, names, today, now)
    return count


def _remind(edition, row: Left, today, now) -> int:
    told = _told(edition, REMIND, today)
    hats = Membership.objects.at(row.department, Role.DEPARTMENT).select_related("user")
    return notify(
        REMIND,
        [hat for hat in hats if hat.user_id not in told],
        subject=_words(edition, row, today),
        body=_("请登录后答复；已经答复的不受影响。"),
        url=reverse("review:screening", args=[edition.pk]),
        now=now,
        edition=edition,
    )


def _words(edition, row: Left, today) -> str:
    words = {"title": edition.title, "count": row.count, "day": cndate(row.due_on)}
    if row.due_on is None:
        return _("{title}：还有 {count} 项核查意见没有答复").format(**words)
    if row.days(today):
        return _("{title}：{count} 项核查意见已过期限 {day}，请尽快答复").format(**words)
    return _("{title}：还有 {count} 项核查意见没有答复，{day} 截止").format(**words)


def _tell_office(edition, host: Organisation, subject: str, lines: list[str], today, now) -> int:
    """Each person of that office, once a day."""
    told = _told(edition, OVERDUE, today)
    hats = Membership.objects.at(host, Role.OFFICE).select_related("user")
    at_home = host.pk == edition.host_id
    return notify(
        OVERDUE,
        [hat for hat in hats if hat.user_id not in told],
        subject=subject,
        body="\n".join(lines),
        url=reverse("review:chase" if at_home else "nominations:edition", args=[edition.pk]),
        now=now,
        edition=edition,
    )


def _told(edition, event: str, today: date) -> set[int]:
    start = timezone.make_aware(datetime.combine(today, time.min))
    rows = Notification.objects.filter(
        event=event,
        edition_id=edition.pk,
        created_at__gte=start,
        created_at__lt=start + timedelta(days=1),
    )
    return set(rows.values_list("recipient", flat=True))


def _sent_since(edition, department, due_on: date) -> int:
    """On how many days since it was due somebody of this department has been reminded."""
    start = timezone.make_aware(datetime.combine(due_on + timedelta(days=1), time.min))
    people = Membership.objects.at(department, Role.DEPARTMENT).values("user")
    moments = Notification.objects.filter(
        event=REMIND, edition_id=edition.pk, recipient__in=people, created_at__gte=start
    ).values_list("created_at", flat=True)
    return len({timezone.localdate(each) for each in moments})


@dataclass(frozen=True)
class Chased:
    """Whom the office would remind: the people, and why there may be none."""

    row: Left
    people: list[Membership]
    told: bool


def preview_chase(edition: Edition, *, now: datetime) -> list[Chased]:
    """Everyone with something left, with the people who would be told; told today already: not again."""
    today = timezone.localdate(now)
    told = _told(edition, CHASE, today)
    rows = left(edition, today=today)
    people = defaultdict(list)
    hats = Membership.objects.active().filter(
        organisation__in=[row.department for row in rows], role=Role.DEPARTMENT
    )
    for hat in hats.select_related("user", "organisation"):
        people[hat.organisation_id].append(hat)
    return [
        Chased(
            row,
            [hat for hat in people[row.department.pk] if hat.user_id not in told],
            any(hat.user_id in told for hat in people[row.department.pk]),
        )
        for row in rows
    ]


@transaction.atomic
def chase(edition: Edition, departments: Iterable[int], *, by: Membership, now: datetime) -> int:
    """催办: remind these departments now, each person once a day; who has finished is left alone."""
    require(by, "review.chase", edition)
    edition = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    wanted = set(departments)
    chosen = [each for each in preview_chase(edition, now=now) if each.row.department.pk in wanted]
    if not chosen:
        raise Refused("所选部门都已经答复完，不需要催办。")
    if not any(each.people for each in chosen):
        raise Refused("所选部门今天已经催办过，或没有可以收到通知的人员，请电话联系或签发答复链接。")
    today, count = timezone.localdate(now), 0
    for each in chosen:
        told = _told(edition, CHASE, today)
        count += notify(
            CHASE,
            [hat for hat in each.people if hat.user_id not in told],
            subject=_words(edition, each.row, today),
            body=_("办公室请您单位尽快答复。"),
            url=reverse("review:screening", args=[edition.pk]),
            now=now,
            edition=edition,
        )
    audit.record(
        "review.chase",
        edition,
        by=by,
        now=now,
        departments=sorted({each.row.department.name for each in chosen if each.people}),
        count=count,
    )
    return count

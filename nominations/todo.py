"""What of the first step waits for a hat. A constant number of queries, however much there is."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination, Return
from nominations.states import State, StepKind
from nominations.subjects import full_name
from portal.models import Role
from portal.todo import Todo

ROLES = (Role.APPLICANT, Role.RECOMMENDER, Role.OFFICE, Role.AUDITOR)


def todos(hat, *, now: datetime) -> list[Todo]:
    if hat is None or hat.role not in ROLES:
        return []
    editions = list(Edition.objects.visible_to(hat).running().prefetch_related("steps"))
    if hat.role == Role.AUDITOR:
        return [_read(edition) for edition in editions if edition.current_step]
    if hat.role == Role.OFFICE:
        editions = [each for each in editions if each.host_id == hat.organisation_id]
    open_returns = Prefetch("returns", Return.objects.filter(mended_at__isnull=True), to_attr="open_returns")
    rows = (
        Nomination.objects.visible_to(hat)
        .filter(edition__in=editions, state__in=(State.DRAFT, State.RECOMMENDATION))
        .select_related("enterprise")
        .prefetch_related(open_returns)
    )
    by_edition = defaultdict(list)
    for row in rows:
        by_edition[row.edition_id].append(row)
    lines = []
    for edition in editions:
        lines += _OF[hat.role](edition, by_edition[edition.pk])
    return lines


def _read(edition) -> Todo:
    matter = _("{edition}：{step}").format(edition=edition.title, step=edition.current_step)
    return Todo(_("查阅"), matter, edition.get_absolute_url(), waiting=True)


def _applicant(edition, rows) -> list[Todo]:
    lines = [_mend(row) for row in rows if row.open_returns]
    if _is_open(edition):
        lines += [
            Todo(_("填写并提交"), full_name(row), row.get_absolute_url(), _due(edition))
            for row in rows
            if row.state == State.DRAFT and not row.open_returns
        ]
        lines += [
            Todo(_("等待审核推荐"), full_name(row), row.get_absolute_url(), _due(edition), waiting=True)
            for row in rows
            if row.state == State.RECOMMENDATION
        ]
    return lines


def _recommender(edition, rows) -> list[Todo]:
    """What an enterprise has an account for is the enterprise's to write and to mend; the rest is ours."""
    desk = reverse("nominations:desk", args=[edition.pk])
    returned = [row for row in rows if row.open_returns]
    lines = []
    for row_set, verb, waiting in (
        ([row for row in returned if not _writes_itself(row)], _("补正"), False),
        ([row for row in returned if _writes_itself(row)], _("等待企业补正"), True),
    ):
        due = min((row.open_returns[0].deadline for row in row_set), default=None)
        lines += _folded(verb, row_set, f"{desk}?state=returned", due, waiting=waiting)
    if not _is_open(edition):
        return lines
    rest = [row for row in rows if not row.open_returns]
    for verb, state, by_itself, waiting in (
        (_("审核"), State.RECOMMENDATION, True, False),
        (_("推荐"), State.RECOMMENDATION, False, False),
        (_("填写并提交"), State.DRAFT, False, False),
        (_("等待企业填报"), State.DRAFT, True, True),
    ):
        row_set = [row for row in rest if row.state == state and _writes_itself(row) == by_itself]
        lines += _folded(verb, row_set, f"{desk}?state={state}", _due(edition), waiting=waiting)
    return lines


def _folded(verb, rows, url, due, *, waiting) -> list[Todo]:
    """Several alike are one line that leads to the list; a single one leads to itself."""
    if not rows:
        return []
    if len(rows) == 1:
        url = rows[0].get_absolute_url()
        if rows[0].state == State.RECOMMENDATION:
            url = reverse("nominations:send_back", args=[rows[0].pk])
    return [Todo(verb, _names(rows), url, due, len(rows), waiting=waiting)]


def _writes_itself(row) -> bool:
    return row.enterprise.organisation_id is not None


def _office(edition, rows) -> list[Todo]:
    lines = []
    if not edition.published:
        lines.append(Todo(_("发布"), edition.title, edition.get_absolute_url()))
    if _is_open(edition) and edition.published:
        url = reverse("nominations:close_recommendation", args=[edition.pk])
        lines.append(Todo(_("关闭组织推荐"), edition.title, url, _due(edition)))
        if rows:
            desk = reverse("nominations:desk", args=[edition.pk])
            matter = _("推荐单位完成推荐（{edition}）").format(edition=edition.title)
            lines.append(Todo(_("等待"), matter, desk, _due(edition), len(rows), waiting=True))
    if edition.current_step is None:
        url = reverse("nominations:conclude", args=[edition.pk])
        lines.append(Todo(_("办结"), edition.title, url))
    returned = [row for row in rows if row.open_returns]
    lines += [
        Todo(
            _("等待补正"),
            full_name(row),
            row.get_absolute_url(),
            row.open_returns[0].deadline,
            waiting=True,
        )
        for row in returned
        if row.open_returns[0].from_state == State.SCREENING
    ]
    return lines


_OF = {Role.APPLICANT: _applicant, Role.RECOMMENDER: _recommender, Role.OFFICE: _office}


def _mend(row) -> Todo:
    return Todo(_("补正"), full_name(row), row.get_absolute_url(), row.open_returns[0].deadline)


def _is_open(edition) -> bool:
    step = edition.step(StepKind.RECOMMENDATION)
    return step.enabled and not step.closed_at


def _due(edition):
    closes = edition.step(StepKind.RECOMMENDATION).closes
    return timezone.localdate(closes) if closes else None


def _names(rows) -> str:
    if len(rows) == 1:
        return full_name(rows[0])
    return _("{name}等 {n} 家").format(name=rows[0].subject_name, n=len(rows))

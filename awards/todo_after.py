from collections import defaultdict
from datetime import datetime

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.models import Disbursement, Expense, Grant, Notice, NoticeRow, Objection
from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.errors import N_
from portal.models import Role
from portal.todo import Todo

_VERBS = {Objection.State.LODGED: N_("审查异议"), Objection.State.ACCEPTED: N_("核查异议")}
_ANSWER = N_("答复异议")


def todos(hat, *, now: datetime) -> list[Todo]:
    """What waits after the inspection: for the office, and for an enterprise with money to account for."""
    match hat.role:
        case Role.OFFICE:
            pending = list(Objection.objects.visible_to(hat).open().select_related("nomination", "notice"))
            return [*_editions(hat, pending, timezone.localdate(now)), *map(_objection, pending)]
        case Role.APPLICANT:
            return _grants(hat)
    return []


def _editions(hat, pending, today) -> list[Todo]:
    """An edition is to be published, in its period, or to be named; and it may lack a replacement."""
    editions = list(_at_publicity(hat))
    ends = defaultdict(list)
    for pk, day in Notice.objects.filter(edition__in=editions).values_list("edition", "ends_on"):
        ends[pk].append(day)
    free = _free_seats(editions)
    reserves = set(
        Nomination.objects.filter(
            edition__in=editions, state=State.INSPECTION, inspection__verdict="passed"
        ).values_list("edition", flat=True)
    )
    disputed = {each.notice.edition_id for each in pending if each.nomination.state == State.PUBLICITY}
    lines = []
    for edition in editions:
        page = reverse("awards:publicity", args=[edition.pk])
        if not ends[edition.pk]:
            lines.append(Todo(_("发布公示"), edition.title, page))
            continue
        if free[edition.pk] > 0 and edition.pk in reserves:
            lines.append(Todo(_("递补公示"), edition.title, page))
        last = max(ends[edition.pk])
        if last >= today:
            lines.append(Todo(_("公示期满后命名"), edition.title, page, due=last, waiting=True))
        elif edition.pk not in disputed:
            lines.append(Todo(_("办理命名"), edition.title, reverse("awards:name", args=[edition.pk])))
    return lines


def _at_publicity(hat):
    """Editions whose visits are closed and whose publicity is not."""
    visits_over = Q(steps__closed_at__isnull=False) | Q(steps__enabled=False)
    running = Edition.objects.running().filter(host=hat.organisation)
    return running.filter(visits_over, steps__kind=StepKind.INSPECTION).filter(
        pk__in=Edition.objects.filter(
            steps__kind=StepKind.PUBLICITY, steps__enabled=True, steps__closed_at__isnull=True
        )
    )


def _free_seats(editions) -> dict[int, int]:
    """As `publishing.free_seats`, for several editions in two questions."""
    free, held = defaultdict(int), defaultdict(int)
    rows = NoticeRow.objects.filter(notice__edition__in=editions)
    for pk, kind, state in rows.values_list("notice__edition", "notice__kind", "nomination__state"):
        free[pk] += state in (State.REJECTED, State.WITHDRAWN)
        free[pk] -= kind == Notice.Kind.REPLACEMENT
    published = Nomination.objects.filter(edition__in=editions, state__in=(State.PUBLICITY, State.NAMED))
    for pk in published.values_list("edition", flat=True):
        held[pk] += 1
    return defaultdict(int, {each.pk: min(free[each.pk], each.seats - held[each.pk]) for each in editions})


def _objection(row) -> Todo:
    verb = _(_VERBS.get(row.state, _ANSWER))
    url = reverse("awards:objection", args=[row.pk])
    return Todo(verb, f"{row.nomination.subject_name} {row.number}", url)


def _grants(hat) -> list[Todo]:
    """Money that was paid out and is not accounted for."""
    paid, spent = dict(_sums(Disbursement, hat)), dict(_sums(Expense, hat))
    return [
        Todo(_("登记资金使用"), row.honour.title, reverse("awards:grant", args=[row.pk]))
        for row in Grant.objects.visible_to(hat).filter(pk__in=paid).select_related("honour")
        if paid[row.pk] > spent.get(row.pk, 0)
    ]


def _sums(model, hat):
    rows = model.objects.filter(grant__in=Grant.objects.visible_to(hat)).order_by()
    return rows.values_list("grant").annotate(Sum("amount"))

"""What the last two steps have waiting: the list, the visits, and what comes after."""

from datetime import datetime

from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from awards import todo_after
from awards.models import Inspection, Shortlist
from nominations.models import Edition, Step
from nominations.states import State, StepKind
from portal.models import Role
from portal.todo import Todo


def todos(hat, *, now: datetime) -> list[Todo]:
    return [*_inspecting(hat), *todo_after.todos(hat, now=now)]


def _inspecting(hat) -> list[Todo]:
    if hat is None:
        return []
    match hat.role:
        case Role.OFFICE:
            return [line for edition in _editions(hat) for line in _of(edition)]
        case Role.INSPECTOR:
            return [_visit(visit) for visit in _mine(hat)]
    return []


def _mine(hat):
    return (
        Inspection.objects.visible_to(hat)
        .filter(verdict="", nomination__state=State.INSPECTION)
        .select_related("nomination")
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )


def _visit(visit):
    return Todo(
        _("考察"),
        visit.nomination.subject_name,
        reverse("awards:inspection", args=[visit.pk]),
        visit.planned_on,
    )


def _editions(hat):
    """Editions of this office whose inspection is open, with everything the lines below need: one query."""
    open_step = Step.objects.filter(
        edition=OuterRef("pk"), kind=StepKind.INSPECTION, enabled=True, closed_at=None
    )
    here = Q(nominations__state=State.INSPECTION)
    visit = here & Q(nominations__inspection__isnull=False)
    waiting = visit & Q(nominations__inspection__verdict="")
    teamless = waiting & Q(nominations__inspection__leader_name="")
    return (
        Edition.objects.filter(Exists(open_step), host=hat.organisation, concluded_at=None)
        .filter(review_result__isnull=False, vote_result__isnull=False)
        .select_related("shortlist")
        .annotate(
            here=Count("nominations", filter=here, distinct=True),
            planned=Count("nominations", filter=visit, distinct=True),
            waiting=Count("nominations", filter=waiting, distinct=True),
            teamless=Count("nominations", filter=teamless, distinct=True),
            next_day=Min("nominations__inspection__planned_on", filter=waiting),
        )
        .order_by("pk")
    )


def _of(edition):
    name = str(edition)
    the_list = reverse("awards:shortlist", args=[edition.pk])
    visits = reverse("awards:inspections", args=[edition.pk])
    shortlist = getattr(edition, "shortlist", None)
    if shortlist is None:
        yield Todo(_("计算考察名单"), name, the_list)
    elif shortlist.status == Shortlist.Status.FAILED:
        yield Todo(_("再算一次考察名单"), name, the_list)
    elif shortlist.status != Shortlist.Status.DONE:
        yield Todo(_("等待考察名单算完"), name, the_list, waiting=True)
    elif edition.here > edition.planned:
        yield Todo(_("建立考察任务"), name, visits, count=edition.here - edition.planned)
    elif edition.teamless:
        yield Todo(_("安排考察组"), name, visits, count=edition.teamless)
    if edition.waiting > edition.teamless:
        waiting = edition.waiting - edition.teamless
        yield Todo(_("等待考察结论"), name, visits, edition.next_day, count=waiting, waiting=True)
    elif edition.planned and edition.planned == edition.here and not edition.waiting:
        yield Todo(_("关闭差额考察"), name, reverse("awards:close_inspection", args=[edition.pk]))

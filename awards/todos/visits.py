from collections import Counter

from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Inspection, InspectorConflict, Referral, Shortlist
from awards.services.disposing import undisposed
from nominations.models import Edition, Step
from nominations.order import SCORING
from nominations.states import State, StepKind
from portal.todo import Todo


def own(hat) -> list[Todo]:
    """The visits of an inspector, the next one first; before them, what has to be declared."""
    visits = (
        Inspection.objects.visible_to(hat)
        .filter(verdict="", nomination__state=State.INSPECTION)
        .select_related("nomination__edition")
        .order_by(F("planned_on").asc(nulls_last=True), "pk")
    )
    said = InspectorConflict.objects.filter(user=hat.user).exclude(source=InspectorConflict.Source.FOUND)
    waiting = visits.filter(team__isnull=False).exclude(nomination__in=said.values("nomination"))
    asked = Counter((visit.nomination.edition_id, str(visit.nomination.edition)) for visit in waiting)
    return [
        Todo(_("申报回避情形"), name, reverse("awards:declare_inspector", args=[pk]), count=count)
        for (pk, name), count in asked.items()
    ] + [
        Todo(
            _("考察"),
            visit.nomination.subject_name,
            reverse("awards:inspection", args=[visit.pk]),
            visit.planned_on,
        )
        for visit in visits
    ]


def editions(hat):
    """Editions of this office whose inspection is open, with everything `of` needs: one query."""
    open_step = Step.objects.filter(
        edition=OuterRef("pk"), kind=StepKind.INSPECTION, enabled=True, closed_at=None
    )
    here = Q(nominations__state=State.INSPECTION)
    visit = here & Q(nominations__inspection__isnull=False)
    waiting = visit & Q(nominations__inspection__verdict="")
    open_referrals = Referral.objects.filter(
        outcome="", nomination__state=State.SCREENING, nomination__edition=OuterRef("pk")
    )
    grave = undisposed().values("pk")
    nobody = Q(nominations__inspection__leader_name="") | Q(nominations__inspection__member_names="")
    teamless = waiting & nobody
    unscored = Step.objects.filter(edition=OuterRef("pk"), kind__in=SCORING, enabled=True, closed_at=None)
    return (
        Edition.objects.filter(Exists(open_step), host=hat.organisation, concluded_at=None)
        .filter(~Exists(unscored))
        .annotate(
            here=Count("nominations", filter=here, distinct=True),
            planned=Count("nominations", filter=visit, distinct=True),
            waiting=Count("nominations", filter=waiting, distinct=True),
            teamless=Count("nominations", filter=teamless, distinct=True),
            next_day=Min("nominations__inspection__planned_on", filter=waiting),
            referred=Exists(open_referrals),
            undisposed=Count(
                "nominations__inspection", filter=Q(nominations__inspection__in=grave), distinct=True
            ),
        )
        .order_by("pk")
    )


def of(edition):
    """What the visits of an edition wait for, from the list to the closing."""
    name, page = str(edition), reverse("awards:inspections", args=[edition.pk])
    shortlist = getattr(edition, "shortlist", None)
    if shortlist is not None and shortlist.status == Shortlist.Status.DONE:
        if edition.here > edition.planned:
            yield Todo(_("建立考察任务"), name, page, count=edition.here - edition.planned)
        elif edition.teamless:
            yield Todo(_("安排考察组"), name, page, count=edition.teamless)
    if edition.waiting > edition.teamless:
        waiting = edition.waiting - edition.teamless
        yield Todo(_("等待考察结论"), name, page, edition.next_day, count=waiting, waiting=True)
    if edition.undisposed:
        yield Todo(_("处理考察差异"), name, page, count=edition.undisposed)
    elif not edition.referred and edition.planned == edition.here != 0 and not edition.waiting:
        yield Todo(_("关闭差额考察"), name, reverse("awards:close_inspection", args=[edition.pk]))

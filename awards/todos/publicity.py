from collections import defaultdict

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Notice
from awards.services.standing_list import free_places
from awards.todos import honours
from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.todo import Todo


def todos(hat, pending, today) -> list[Todo]:
    """An edition is to be published, in its period, or to be named; a place or a later end may be open."""
    editions = list(_at_publicity(hat))
    ends, later = defaultdict(list), set()
    in_force = Notice.objects.filter(edition__in=editions, in_force=True)
    for pk, day, recount in in_force.values_list("edition", "ends_on", "recount"):
        ends[pk].append(day)
        if recount and recount["ends_on"] > day.isoformat():
            later.add(pk)
    free = free_places(editions)
    reserves = set(
        Nomination.objects.filter(
            edition__in=editions, state=State.INSPECTION, inspection__verdict="passed"
        ).values_list("edition", flat=True)
    )
    # While an objection of the edition is open, nobody of it is named.
    disputed = {each.notice.edition_id for each in pending}
    waiting = honours.waiting(editions)
    lines = []
    for edition in editions:
        page = reverse("awards:publicity", args=[edition.pk])
        if not ends[edition.pk]:
            lines.append(Todo(_("发布公示"), edition.title, page))
            continue
        if edition.pk in later:
            lines.append(Todo(_("更正公示截止日"), edition.title, page))
        refills = free[edition.pk] > 0 and edition.pk in reserves
        if refills:
            lines.append(Todo(_("递补公示"), edition.title, page))
        if waiting[edition.pk]:
            lines += honours.of(edition, min(waiting[edition.pk]), today, disputed=edition.pk in disputed)
        elif not refills and edition.pk not in disputed:
            lines.append(honours.to_close(edition))
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

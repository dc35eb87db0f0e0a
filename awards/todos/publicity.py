from collections import defaultdict

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Notice, Shortlist
from awards.services.publishing import may_be_listed
from awards.services.standing_list import free_places
from awards.todos import honours
from nominations.models import Edition, Nomination, Step
from nominations.services.last_step import without_inspection
from nominations.states import StepKind
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
        Nomination.objects.filter(may_be_listed(), edition__in=editions).values_list("edition", flat=True)
    )
    # While an objection of the edition is open, nobody of it is named.
    disputed = {each.notice.edition_id for each in pending}
    waiting = honours.waiting(editions)
    lines = []
    for edition in editions:
        if edition.unranked:
            # What is to be done first stands among the lines of the list itself.
            continue
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
    """Editions whose publicity is open and every earlier step they have is closed."""
    publicity = Step.objects.filter(edition=OuterRef("pk"), kind=StepKind.PUBLICITY)
    earlier = Step.objects.filter(edition=OuterRef("pk"), enabled=True, closed_at=None).exclude(
        kind=StepKind.PUBLICITY
    )
    drawn = Shortlist.objects.filter(edition=OuterRef("pk"), status=Shortlist.Status.DONE)
    return (
        Edition.objects.running()
        .filter(~Exists(earlier), Exists(publicity.filter(enabled=True, closed_at=None)))
        .filter(host=hat.organisation)
        .annotate(unranked=without_inspection("pk") & ~Exists(drawn))
    )

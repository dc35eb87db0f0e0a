"""The lists in publicity: one in force, versions in line, periods as counted, seats not exceeded."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from awards.models import Notice, NoticeRow
from awards.services.periods import recounted_end
from awards.services.standing_list import HOLDING
from nominations.models import Edition, Nomination
from nominations.states import State
from portal import calendar
from portal.invariants import Checks
from portal.workdays import YearNotPublished

CHECKS = Checks()
MAY_BE_LISTED = (State.PUBLICITY, State.NAMED, State.REJECTED, State.WITHDRAWN)


@CHECKS.named(_("发布过公示的届次有一份有效的名单"))
def a_published_edition_has_a_list_in_force() -> Iterator[str]:
    lists = Counter(
        Notice.objects.filter(kind=Notice.Kind.LIST, in_force=True).values_list("edition", flat=True)
    )
    for edition in Edition.objects.filter(notices__isnull=False).distinct():
        if lists[edition.pk] != 1:
            yield f"{edition}: {lists[edition.pk]}"


@CHECKS.named(_("更正后的公示接着同一份公示的上一版本，上一版本不再有效"))
def corrections_are_a_line() -> Iterator[str]:
    later = Notice.objects.filter(supersedes__isnull=False)
    wrong = (
        ~Q(edition=F("supersedes__edition"))
        | ~Q(kind=F("supersedes__kind"))
        | ~Q(version=F("supersedes__version") + 1)
        | Q(supersedes__in_force=True)
        | Q(published_at__lt=F("supersedes__published_at"))
        | Q(correction_reason="")
    )
    first = Notice.objects.filter(Q(supersedes__isnull=True) & ~Q(version=1))
    dead = Notice.objects.filter(in_force=False, superseded_by__isnull=True)
    yield from (f"#{notice.pk} {notice}" for notice in [*later.filter(wrong), *first, *dead])


@CHECKS.named(_("公示中的和已命名的企业，都在且只在一份有效公示上"))
def published_stand_on_one_notice() -> Iterator[str]:
    rows = NoticeRow.objects.filter(notice__in_force=True, nomination__state__in=HOLDING)
    times = Counter(rows.values_list("nomination", flat=True))
    for pk, name in Nomination.objects.filter(state__in=HOLDING).values_list("pk", "subject_name"):
        if times[pk] != 1:
            yield f"#{pk} {name}: {times[pk]}"


@CHECKS.named(_("有效公示上的企业在公示中、已命名，或者已退出"))
def listed_are_in_publicity_or_out() -> Iterator[str]:
    rows = NoticeRow.objects.filter(notice__in_force=True).exclude(nomination__state__in=MAY_BE_LISTED)
    yield from (f"#{pk} {name}" for pk, name in rows.values_list("nomination", "nomination__subject_name"))


@CHECKS.named(_("公示和命名的企业不多于名额，也不多于名单占用的名额"))
def no_more_than_the_seats() -> Iterator[str]:
    held = Counter(Nomination.objects.filter(state__in=HOLDING).values_list("edition", flat=True))
    force = Notice.objects.filter(edition=OuterRef("pk"), kind=Notice.Kind.LIST, in_force=True)
    for edition in Edition.objects.filter(pk__in=held).annotate(places=Subquery(force.values("places")[:1])):
        most = edition.seats if edition.places is None else min(edition.seats, edition.places)
        if held[edition.pk] > most:
            yield f"{edition}: {held[edition.pk]} > {most}"


@CHECKS.named(_("公示截止日与工作日历一致，或者已按正式日历复核"))
def periods_end_as_counted() -> Iterator[str]:
    days = calendar.published()
    for notice in Notice.objects.filter(in_force=True).select_related("supersedes"):
        if notice.recount or notice.provisional_confirmed:
            continue
        try:
            ends = recounted_end(notice, days)
        except YearNotPublished:
            yield f"#{notice.pk} {notice}: -"
            continue
        if ends != notice.ends_on:
            yield f"#{notice.pk} {notice}: {notice.ends_on}, {ends}"


@CHECKS.named(_("公示名单的序号从 1 起连续"))
def positions_are_in_a_row() -> Iterator[str]:
    positions = defaultdict(list)
    for notice, position in NoticeRow.objects.values_list("notice", "position"):
        positions[notice].append(position)
    for notice, found in positions.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"#{notice}: {sorted(found)}"

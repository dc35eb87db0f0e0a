from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import NoticeRow
from nominations.models import Edition
from nominations.states import State
from portal.todo import Todo


def waiting(editions: Iterable[Edition]) -> dict[int, set[date]]:
    """Edition → the last days of the periods of those who wait for a naming; one question for all."""
    found = defaultdict(set)
    rows = NoticeRow.objects.filter(
        notice__edition__in=editions, notice__in_force=True, nomination__state=State.PUBLICITY
    )
    for edition, day in rows.values_list("notice__edition", "notice__ends_on").distinct():
        found[edition].add(day)
    return found


def of(edition, ends, today, *, disputed: bool):
    """Naming waits for the first period that is over, and for every objection of the edition."""
    if ends >= today:
        page = reverse("awards:publicity", args=[edition.pk])
        yield Todo(_("公示期满后命名"), edition.title, page, due=ends, waiting=True)
    elif not disputed:
        yield Todo(_("办理命名"), edition.title, reverse("awards:name", args=[edition.pk]))


def to_close(edition) -> Todo:
    """Nobody waits for a naming, and nobody is left to take a place."""
    return Todo(_("关闭提名公示"), edition.title, reverse("awards:close_publicity", args=[edition.pk]))

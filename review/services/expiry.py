"""Whether the exclusions were looked up recently enough to say something about today."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from review import rules
from review.models import Finding, Opinion

EXCLUSIONS = tuple(item.code for item in rules.ITEMS if item.kind == rules.EXCLUSION)


def lapsed(nominations: Iterable[int], today: date) -> dict[int, tuple[str, date]]:
    """Nomination → (its name, the last day its oldest look-up held), for those that hold no more.

    A department's answer and the office's own conclusion on an item each hold for the edition's days. Where a
    department has since found nothing, the office's older look-up of the same item is no longer leaned on.
    """
    return {pk: (name, last) for pk, (name, last) in _oldest(nominations).items() if last < today}


def lasts_until(nominations: Iterable[int]) -> dict[int, date]:
    """Nomination → the last day on which all its look-ups still hold, where there are any."""
    return {pk: last for pk, (_name, last) in _oldest(nominations).items()}


def _oldest(nominations) -> dict[int, tuple[str, date]]:
    ids = list(nominations)
    fields = (
        "nomination_id",
        "nomination__subject_name",
        "looked_up_on",
        "nomination__edition__finding_days",
    )
    answers = Opinion.objects.filter(nomination__in=ids, consultation__item__in=EXCLUSIONS)
    since = Opinion.objects.filter(
        nomination=OuterRef("nomination"),
        consultation__item=OuterRef("item"),
        answer=Opinion.Answer.CLEAR,
        looked_up_on__gt=OuterRef("looked_up_on"),
    )
    findings = Finding.objects.filter(~Exists(since), nomination__in=ids, item__in=EXCLUSIONS)
    oldest: dict[int, tuple[str, date]] = {}
    for rows in (answers.values_list(*fields), findings.values_list(*fields)):
        for pk, name, day, valid_days in rows:
            last = day + timedelta(days=valid_days)
            if pk not in oldest or last < oldest[pk][1]:
                oldest[pk] = (name, last)
    return oldest

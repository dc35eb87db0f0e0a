"""Whether the exclusions were looked up recently enough to say something about today."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Case, DateField, Exists, F, OuterRef, Subquery, When

from review import rules
from review.models import Finding, Opinion

EXCLUSIONS = tuple(item.code for item in rules.ITEMS if item.kind == rules.EXCLUSION)


def lapsed(nominations: Iterable[int], today: date) -> dict[int, tuple[str, date | None]]:
    """Nomination → (its name, the last day its oldest look-up held), for those that hold no more.

    None for the day where a 无法核查 stands that the office has not settled: nothing was looked up. A
    department's answer and the office's own conclusion on an item each hold for the edition's days. Where a
    department has since found nothing, the office's older look-up of the same item is no longer leaned on.
    """
    found = _oldest(nominations)
    return {pk: (name, last) for pk, (name, last) in found.items() if last is None or last < today}


def lasts_until(nominations: Iterable[int]) -> dict[int, date | None]:
    """Nomination → the last day on which all its look-ups still hold, where there are any; None as above."""
    return {pk: last for pk, (_name, last) in _oldest(nominations).items()}


def with_held(opinions):
    """The opinions with `held_on`: the day of the look-up behind each.

    What a department could not verify was not looked up by it: that is the day of the office's own 通过, at
    least as new, and None without one.
    """
    passed = Finding.objects.filter(
        nomination=OuterRef("nomination"),
        item=OuterRef("consultation__item"),
        verdict=Finding.Verdict.PASSED,
        looked_up_on__gte=OuterRef("looked_up_on"),
    )
    return opinions.annotate(
        held_on=Case(
            When(answer=Opinion.Answer.UNABLE, then=Subquery(passed.values("looked_up_on")[:1])),
            default=F("looked_up_on"),
            output_field=DateField(),
        )
    )


def _oldest(nominations) -> dict[int, tuple[str, date | None]]:
    ids = list(nominations)
    who, days = ("nomination_id", "nomination__subject_name"), "nomination__edition__finding_days"
    answers = Opinion.objects.filter(nomination__in=ids, consultation__item__in=EXCLUSIONS)
    since = Opinion.objects.filter(
        nomination=OuterRef("nomination"),
        consultation__item=OuterRef("item"),
        answer=Opinion.Answer.CLEAR,
        looked_up_on__gt=OuterRef("looked_up_on"),
    )
    findings = Finding.objects.filter(~Exists(since), nomination__in=ids, item__in=EXCLUSIONS)
    given = with_held(answers).values_list(*who, "held_on", days)
    oldest: dict[int, tuple[str, date | None]] = {}
    for rows in (given, findings.values_list(*who, "looked_up_on", days)):
        for pk, name, day, valid_days in rows:
            last = day and day + timedelta(days=valid_days)
            before = oldest.get(pk, (name, last))[1]
            oldest[pk] = (name, before and last and min(before, last))
    return oldest

"""What was sent back to screening and is not settled, for the office."""

from collections import Counter
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Referral
from nominations.models import Edition
from nominations.states import State
from portal.todo import Todo
from review.models import Batch
from review.services import standing


def todos(hat, today: date) -> list[Todo]:
    """Whoever did not refer it settles it, once the departments have answered. Constant in queries."""
    matters = list(
        Referral.objects.filter(
            outcome="",
            nomination__state=State.SCREENING,
            nomination__edition__host=hat.organisation,
            nomination__edition__concluded_at=None,
        )
        .select_related("nomination", "batch", "referred_by")
        .order_by("pk")
    )
    if not matters:
        return []
    left = _left({each.nomination.edition_id for each in matters}, today)
    return [_line(each, left[each.batch_id], hat) for each in matters]


def _left(editions, today) -> Counter:
    """Batch → how many of its questions are not answered."""
    left = Counter()
    for line in standing.progress(Edition.objects.filter(pk__in=editions), today=today):
        if line.batch.kind == Batch.Kind.REFERRAL:
            left[line.batch.pk] += line.left
    return left


def _line(matter, left, hat) -> Todo:
    name, url = matter.nomination.subject_name, reverse("awards:referral", args=[matter.pk])
    if left:
        words = _("{name}：部门答复考察转回的核查").format(name=name)
        return Todo(_("等待"), words, url, matter.batch.due_on, left, waiting=True)
    if matter.referred_by.user_id == hat.user_id:
        return Todo(_("等待"), _("{name}：办公室另一人作复审结论").format(name=name), url, waiting=True)
    return Todo(_("作复审结论"), name, url)

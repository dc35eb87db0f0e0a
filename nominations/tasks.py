from celery import shared_task
from django.utils import timezone

from nominations.models import Edition
from nominations.services import reminding


@shared_task
def remind_due() -> None:
    """Every morning: whoever still has something to do before a deadline."""
    for edition in reminding.due_editions():
        remind_edition.delay(edition.pk)


@shared_task
def remind_edition(edition_id: int) -> int:
    return reminding.remind(Edition.objects.get(pk=edition_id), now=timezone.now())

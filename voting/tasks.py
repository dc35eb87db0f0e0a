from celery import shared_task
from django.utils import timezone

from voting.models import Poll
from voting.services import polls


@shared_task
def turn_due_polls():
    """Close what is over. Nothing opens here: an opened poll takes ballots by the clock, from `opens` on."""
    now = timezone.now()
    for pk in Poll.objects.due(now).values_list("pk", flat=True):
        polls.close_due_poll(pk, now=now)

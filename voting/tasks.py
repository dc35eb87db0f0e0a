import structlog
from celery import shared_task
from django.utils import timezone

from portal.errors import Refused
from voting.models import Poll
from voting.services import codes, polls

log = structlog.get_logger(__name__)


@shared_task
def turn_due_polls():
    """Close what is over, forget old codes. Nothing opens here: an opened poll goes by the clock."""
    now = timezone.now()
    codes.forget_old_codes(now=now)
    for pk in Poll.objects.due(now).values_list("pk", flat=True):
        try:
            polls.close_due_poll(pk, now=now)
        except Refused as refusal:
            # One that cannot be closed yet must not keep the others waiting; the next sweep asks again.
            log.warning("poll_not_closed", poll=pk, why=str(refusal))

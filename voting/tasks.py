import structlog
from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from portal.errors import Refused
from portal.models import Membership
from voting.models import Poll
from voting.services import codes, detecting, polls, publishing, sequencing

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


@shared_task(ignore_result=True)
def watch_polls():
    """Off the hot path, every ten seconds: look at the ballots of each open poll."""
    now = timezone.now()
    for poll in detecting.due_polls(now=now).select_related("edition__host"):
        try:
            detecting.detect(poll, now=now)
        except DatabaseError:
            # A look that took too long is left out; the next one has all it would have seen.
            log.exception("poll_not_watched", poll=poll.pk)


@shared_task
def sequence_logs():
    """Every few seconds: what is on disk gets its place in the log of its poll, and the log is signed."""
    sequencing.sequence_waiting(now=timezone.now())


@shared_task
def publish_records():
    """Write the public record of what was counted, and write it again where its files are gone."""
    for poll in publishing.due():
        if publishing.under_way(poll):
            continue
        try:
            publishing.publish_record(poll, by=Membership.objects.system(), now=timezone.now())
        except (Refused, OSError) as problem:
            log.error("record_not_published", poll=poll.pk, why=str(problem))

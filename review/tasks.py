from celery import shared_task
from django.utils import timezone

from nominations.models import Edition, IntakeFile
from nominations.services import keeping
from portal.models import Membership
from review.services import assigning, opinion_sheets


@shared_task
def apply_answers_file(pk: int) -> bool:
    return opinion_sheets.run_answers(pk, now=timezone.now())


@shared_task
def resume_answers() -> None:
    """The sweep: whatever was asked for and lost its worker is taken up again."""
    for pk in keeping.stale_files([IntakeFile.Kind.ANSWERS], timezone.now()):
        apply_answers_file.delay(pk)


@shared_task
def rebalance(edition_id: int) -> None:
    """After a recusal: whoever now lacks an expert gets one."""
    edition = Edition.objects.get(pk=edition_id)
    assigning.top_up(edition, by=Membership.objects.system(), now=timezone.now())

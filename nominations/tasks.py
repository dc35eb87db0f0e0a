from celery import shared_task
from django.utils import timezone

from nominations.models import Edition, IntakeFile
from nominations.services import intake, keeping, reminding, roundtrip


@shared_task
def remind_due() -> None:
    """Every morning: whoever still has something to do before a deadline."""
    for edition in reminding.due_editions():
        remind_edition.delay(edition.pk)


@shared_task
def remind_edition(edition_id: int) -> int:
    return reminding.remind(Edition.objects.get(pk=edition_id), now=timezone.now())


@shared_task
def apply_intake_file(pk: int) -> bool:
    """A large 推荐汇总表 that was asked for."""
    return intake.run_kept(pk, now=timezone.now())


@shared_task
def apply_round_file(pk: int) -> bool:
    """A large 推荐填报表 that was asked for."""
    return roundtrip.run_round(pk, now=timezone.now())


@shared_task
def resume_intakes() -> None:
    """The sweep: whatever was asked for and lost its worker is taken up again."""
    for pk in keeping.stale_files([IntakeFile.Kind.SUMMARY], timezone.now()):
        apply_intake_file.delay(pk)
    for pk in keeping.stale_files([IntakeFile.Kind.ROUND], timezone.now()):
        apply_round_file.delay(pk)

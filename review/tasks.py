from celery import shared_task
from django.utils import timezone

from nominations.models import Edition, IntakeFile
from nominations.services import keeping
from nominations.states import StepKind
from portal.models import Membership
from review.services import assigning, chasing, discussion, opinion_sheets, reminders


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


@shared_task
def rebalance_due() -> None:
    """The sweep: whoever still lacks an expert, although somebody has become free since."""
    open_review = {
        "steps__kind": StepKind.REVIEW,
        "steps__enabled": True,
        "steps__closed_at__isnull": True,
    }
    for edition in Edition.objects.running().filter(assignment_runs__isnull=False, **open_review).distinct():
        rebalance.delay(edition.pk)


@shared_task
def remind_departments_due() -> None:
    """Every morning: departments that have something to answer, and the offices that wait for them."""
    for edition in chasing.due_editions():
        remind_departments.delay(edition.pk)


@shared_task
def remind_departments(edition_id: int) -> int:
    return chasing.remind_departments(Edition.objects.get(pk=edition_id), now=timezone.now())


@shared_task
def remind_experts_due() -> None:
    """Every morning: experts whose sheets are missing three days and one day before the end, and that day."""
    for edition in reminders.due_editions():
        remind_experts.delay(edition.pk)


@shared_task
def remind_experts(edition_id: int) -> int:
    return reminders.remind_experts_of(Edition.objects.get(pk=edition_id), now=timezone.now())


@shared_task
def close_discussions() -> None:
    """Every quarter of an hour: discussion rounds whose time is over."""
    now = timezone.now()
    over = Edition.objects.filter(
        review_discussion__ends_at__lte=now,
        steps__kind=StepKind.REVIEW,
        steps__closed_at__isnull=True,
    )
    for edition in over:
        discussion.close_discussion(edition, by=Membership.objects.system(), now=now)

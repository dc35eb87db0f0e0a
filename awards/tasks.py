from celery import shared_task
from django.utils import timezone

from awards.services import ending, former_files, objection_clock, periods, reporting_money, shortlisting
from nominations.models import IntakeFile
from nominations.services import keeping


@shared_task
def draw_shortlist(shortlist_id):
    shortlisting.draw_shortlist(shortlist_id, now=timezone.now())


@shared_task
def resume_stale_shortlists():
    shortlisting.resume_stale(now=timezone.now())


@shared_task
def end_due_notices():
    ending.tell_of_ended_notices(now=timezone.now())


@shared_task
def recount_notices():
    periods.recount_notices(now=timezone.now())


@shared_task
def set_objection_due_days():
    objection_clock.set_due_days(now=timezone.now())


@shared_task
def remind_objections_due():
    objection_clock.remind_due(now=timezone.now())


@shared_task
def ask_for_reports():
    """Every morning: a quarter that is over is asked about on the first working day after it."""
    reporting_money.ask_for_reports(now=timezone.now())
    reporting_money.remind_of_reports(now=timezone.now())


@shared_task
def apply_former_file(pk: int) -> bool:
    """A large 历年命名表 that was asked for."""
    return former_files.run_former(pk, now=timezone.now())


@shared_task
def resume_former_files() -> None:
    """The sweep: a list that was asked for and lost its worker is taken up again."""
    for pk in keeping.stale_files([IntakeFile.Kind.FORMER], timezone.now()):
        apply_former_file.delay(pk)

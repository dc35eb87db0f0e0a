from celery import shared_task
from django.utils import timezone

from awards.services import ending, objection_clock, periods, shortlisting


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

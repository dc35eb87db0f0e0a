from celery import shared_task
from django.utils import timezone


@shared_task
def draw_shortlist(shortlist_id):
    from awards.services import shortlisting

    shortlisting.draw_shortlist(shortlist_id, now=timezone.now())


@shared_task
def resume_stale_shortlists():
    from awards.services import shortlisting

    shortlisting.resume_stale(now=timezone.now())


@shared_task
def end_due_notices():
    from awards.services import publishing

    publishing.tell_of_ended_notices(now=timezone.now())

from celery import shared_task
from django.utils import timezone

from portal import invariants, notify, watch
from portal.models import Membership, Notification


@shared_task
def send_notification(notification_id):
    notify.deliver(notification_id, now=timezone.now())


@shared_task
def send_due_notifications():
    """The sweep: whatever is due goes out, whichever task was lost."""
    for pk in Notification.objects.due(timezone.now()).values_list("pk", flat=True)[:500]:
        notify.deliver(pk, now=timezone.now())


@shared_task
def heartbeat():
    watch.beat(now=timezone.now())


@shared_task
def check_invariants():
    """Every night: what must always hold is looked at, row by row."""
    invariants.run(by=Membership.objects.system(), now=timezone.now())

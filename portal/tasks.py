from celery import shared_task
from django.utils import timezone

from portal import notify, watch
from portal.models import Notification


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

"""The outbox: written with the act, sent after commit, tried again twice as late, given up visibly."""

import threading
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections, transaction

from portal import notify
from portal.errors import Refused
from portal.models import Notification
from portal.notify import GIVE_UP_AFTER, deliver, try_again
from portal.tasks import send_due_notifications, send_notification
from tests import factories as make


class Broken(EmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, messages):
        raise SMTPServerDisconnected("连接已断开")


class Slow(EmailBackend):
    """A mail server that takes its time, so that two deliveries meet."""

    met = threading.Event()

    def send_messages(self, messages):
        Slow.met.wait(1)
        return super().send_messages(messages)


BROKEN, SLOW = (f"{__name__}.{name}" for name in ("Broken", "Slow"))


def queued(now, mailto="li@example.test"):
    hat = make.hat("recommender", username="li", email=mailto)
    notify.notify("test", [hat], subject="退回补正", body="缺一页", url="/x/", now=now)
    return Notification.objects.filter(channel="mail").last()


@pytest.mark.django_db
def test_site_and_mail_and_each_person_once(now):
    one = make.hat("office", username="li", email="li@example.test")
    other = make.hat("auditor", username="li")
    silent = make.hat("recommender", username="wang")
    assert notify.notify("test", [one, other, silent], subject="已公示", now=now) == 2
    rows = list(Notification.objects.order_by("pk").values_list("recipient__username", "channel", "state"))
    assert rows == [("li", "site", "sent"), ("li", "mail", "queued"), ("wang", "site", "sent")]


@pytest.mark.django_db
def test_a_queued_row_is_sent_once_however_often_it_is_asked_for(now):
    row = queued(now)
    for _attempt in range(3):
        deliver(row.pk, now=now)
    assert [message.subject for message in mail.outbox] == ["退回补正"]
    assert mail.outbox[0].to == ["li@example.test"]
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sent_at) == ("sent", 1, now)


@pytest.mark.django_db
def test_nothing_is_sent_before_it_is_due(now):
    row = queued(now)
    deliver(row.pk, now=now - timedelta(seconds=1))
    assert mail.outbox == []
    send_due_notifications()
    assert len(mail.outbox) == 1
    send_notification(row.pk)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_each_failure_waits_twice_as_long_and_the_sixth_gives_up_visibly(now, settings):
    settings.EMAIL_BACKEND = BROKEN
    row, waits = queued(now), []
    for attempt in range(1, GIVE_UP_AFTER + 1):
        row = deliver(row.pk, now=now)
        assert row.attempts == attempt
        waits.append(row.due_at - now)
        now = row.due_at
    assert waits == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16, 32, 64)]
    assert (row.state, row.error) == ("failed", "连接已断开")
    assert deliver(row.pk, now=now).attempts == GIVE_UP_AFTER


@pytest.mark.django_db
def test_the_office_sees_a_failed_one_and_sends_it_again(now, settings, client):
    settings.EMAIL_BACKEND = BROKEN
    row = queued(now)
    Notification.objects.filter(pk=row.pk).update(state="failed", attempts=6, error="连接已断开")
    make.sign_in(client, make.hat("office"))
    page = client.get("/outbox/").content.decode()
    assert "退回补正" in page and "连接已断开" in page
    assert client.post(f"/outbox/{row.pk}/again/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_due_notifications()
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_what_has_not_failed_is_not_sent_again(now):
    row = queued(now)
    deliver(row.pk, now=now)
    row.refresh_from_db()
    with pytest.raises(Refused):
        try_again(row, by=make.hat("office"), now=now)
    assert Notification.objects.get(pk=row.pk).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(now, settings):
    settings.EMAIL_BACKEND = SLOW
    row, start = queued(now), threading.Barrier(2)

    def work():
        start.wait(10)
        try:
            deliver(row.pk, now=now)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(mail.outbox) == 1
    assert Notification.objects.get(pk=row.pk).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_tells_nobody(now):
    hat = make.hat("office", username="li", email="li@example.test")
    with pytest.raises(Refused), transaction.atomic():
        notify.notify("test", [hat], subject="不会发生", now=now)
        raise Refused("不行。")
    assert not Notification.objects.exists()
    send_due_notifications()
    assert mail.outbox == []

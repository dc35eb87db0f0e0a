"""A worker is asked after the commit; a broker that is gone is not the fault of who pressed a button."""

import logging

import pytest
from celery import Celery
from django.db import transaction

from portal.asking import ask

asked = []


def remember(number):
    asked.append(number)


@pytest.fixture
def nowhere(tmp_path):
    """A task of an application whose broker is not there."""
    app = Celery("nowhere", broker=f"redis+socket://{tmp_path}/gone.sock")
    yield app.task(name="nowhere.task")(remember)
    app.close()


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_page_goes_on(nowhere, caplog):
    with caplog.at_level(logging.WARNING), transaction.atomic():
        ask(nowhere, 7)
    assert "nowhere.task" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_nothing_is_asked_before_the_commit(nowhere):
    nowhere.app.conf.task_always_eager = True
    asked.clear()
    with transaction.atomic():
        ask(nowhere, 1)
        assert asked == []
    assert asked == [1]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ask(nowhere, 2)
        raise ZeroDivisionError
    assert asked == [1]

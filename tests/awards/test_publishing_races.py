"""Two offices at once, and a doubled click: one list."""

import threading

import pytest
from django.db import connection, transaction

from awards.models import Notice, NoticeRow
from awards.services import publishing
from portal.errors import Refused
from tests.awards.stage import PUBLISHING, ids, office_of, visited


@pytest.mark.django_db(transaction=True)
def test_several_publishing_at_once_leave_one_list():
    with transaction.atomic():
        edition = visited()
        chosen, by = ids(edition, 1, 2), office_of(edition)
    start, outcomes = threading.Barrier(4), []

    def one():
        try:
            start.wait()
            publishing.publish_notice(edition, chosen=chosen, by=by, now=PUBLISHING)
            outcomes.append("published")
        except Refused as refusal:
            assert "已经公示" in str(refusal)
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["published", "refused", "refused", "refused"]
    assert Notice.objects.count() == 1
    assert list(NoticeRow.objects.values_list("nomination_id", flat=True)) == chosen

"""Two offices at once, and a doubled click: one list."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from awards.models import Notice, NoticeRow, Objection
from awards.services import correcting, lodging, publishing
from portal.errors import Refused
from tests import factories
from tests.awards.stage import PUBLISHING, at_rank, ids, office_of, published, visited
from tests.races import overtaking, told


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


@pytest.mark.django_db(transaction=True)
def test_two_offices_with_different_lists_leave_the_first():
    with transaction.atomic():
        edition = visited()
        by, words = office_of(edition), {"departs": "演示理由", "minute": "演示1号"}
        first, second = ids(edition, 1, 2), ids(edition, 2, 3)

    def publish(chosen):
        return lambda: publishing.publish_notice(edition, chosen=chosen, by=by, now=PUBLISHING, **words)

    outcomes = overtaking(publish(first), publish(second))
    assert [told(each) for each in outcomes] == [False, True]
    assert list(NoticeRow.objects.values_list("nomination_id", flat=True)) == first
    assert [at_rank(edition, rank).state for rank in (1, 2, 3)] == ["publicity", "publicity", "inspection"]


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_leave_one_list_in_force():
    """Two offices, or a doubled click: the second is told, and the versions are a line."""
    with transaction.atomic():
        notice = published()
    first, second = (lambda: corrected(notice, 2, 1)), (lambda: corrected(notice, 1))
    outcomes = overtaking(first, second)
    assert [told(each) for each in outcomes] == [False, True] and "已经更正过" in str(outcomes[1])
    assert list(Notice.objects.filter(in_force=True).values_list("version", flat=True)) == [2]
    assert at_rank(notice.edition, 2).state == "publicity"


@pytest.mark.django_db(transaction=True)
def test_an_objection_to_one_that_is_just_taken_off_is_told_and_nothing_hangs():
    with transaction.atomic():
        notice = published()
        by = factories.hat("public")
    outcomes = overtaking(lambda: corrected(notice, 1), lambda: objected(notice, 2, by))
    assert [told(each) for each in outcomes] == [False, True]
    assert not Objection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_correction_waits_for_an_objection_and_both_stand():
    with transaction.atomic():
        notice = published()
        by = factories.hat("public")
    outcomes = overtaking(lambda: objected(notice, 2, by), lambda: corrected(notice, 1))
    assert [told(each) for each in outcomes] == [False, False]
    assert at_rank(notice.edition, 2).state == "inspection"
    assert Objection.objects.get().nomination == at_rank(notice.edition, 2)


def corrected(notice, *ranks):
    return correcting.correct_notice(
        notice,
        chosen=ids(notice.edition, *ranks),
        reason="演示更正",
        departs="演示理由",
        minute="演示1号",
        by=office_of(notice.edition),
        now=PUBLISHING + timedelta(days=1),
    )


def objected(notice, rank, by):
    return lodging.lodge_objection(
        notice,
        at_rank(notice.edition, rank),
        name="演示反映人",
        contact="0532-00000000",
        grounds="演示事实与理由，请予核查。",
        by=by,
        now=PUBLISHING + timedelta(days=1),
    )

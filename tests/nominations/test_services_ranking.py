"""排序: dense, whole, by those who may; and what becomes of it while the list moves."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from nominations.models import Nomination
from nominations.services import declaring, ranking
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


def ranks(edition):
    return list(edition.nominations.order_by("pk").values_list("rank", flat=True))


@pytest.mark.django_db
def test_only_its_own_recommender_and_the_office(edition, now):
    rows = [factories.nomination(edition, n) for n in (1, 2)]
    order = [rows[1].pk, rows[0].pk]
    for role, place in (
        ("recommender", "市北区"),
        ("office", "市北区"),
        ("applicant", None),
        ("auditor", None),
    ):
        hat = factories.hat(role, place)
        with pytest.raises(PermissionDenied):
            ranking.set_ranks(edition, rows[0].recommender, order, by=hat, now=now)
    assert ranks(edition) == [None, None]
    ranking.set_ranks(edition, rows[0].recommender, order, by=factories.hat("office"), now=now)
    assert ranks(edition) == [2, 1]


@pytest.mark.django_db
def test_what_has_ended_is_not_in_the_order(edition, now):
    by = factories.hat("recommender")
    kept, gone = (factories.nomination(edition, n, rank=n) for n in (1, 2))
    declaring.withdraw(gone, by=by, now=now, reason="企业放弃")
    with pytest.raises(Refused, match="刚刚有变动"):
        ranking.set_ranks(edition, kept.recommender, [gone.pk, kept.pk], by=by, now=now)
    ranking.set_ranks(edition, kept.recommender, [kept.pk], by=by, now=now)


@pytest.mark.django_db
def test_the_persons_order_is_kept_as_far_as_it_goes(edition):
    one, two, three, four = (factories.nomination(edition, n, rank=5 - n) for n in (1, 2, 3, 4))
    now_there = [one, three, four]
    wanted = [three.pk, two.pk, one.pk]
    assert ranking.in_order_of(now_there, wanted) == [three, one, four]
    assert ranking.in_order_of(now_there, []) == [four, three, one]


@pytest.mark.django_db(transaction=True)
def test_ranking_while_one_is_withdrawn(now):
    """Whoever is second sees what the first has done: the order is of those left, or refused whole."""
    edition = factories.edition(now=now)
    by, office = factories.hat("recommender"), factories.hat("office")
    rows = [factories.nomination(edition, n, rank=n) for n in (1, 2, 3)]
    start, outcomes = Barrier(2), {}

    def order():
        try:
            start.wait()
            ranking.set_ranks(
                edition, rows[0].recommender, [row.pk for row in reversed(rows)], by=by, now=now
            )
            outcomes["order"] = "saved"
        except Refused:
            outcomes["order"] = "refused"
        finally:
            connection.close()

    def leave():
        try:
            start.wait()
            declaring.withdraw(rows[1], by=office, now=now, reason="企业放弃")
            outcomes["leave"] = "gone"
        finally:
            connection.close()

    threads = [Thread(target=order), Thread(target=leave)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes["leave"] == "gone"
    assert Nomination.objects.get(pk=rows[1].pk).state == "withdrawn"
    assert ranks(edition) == ([3, 2, 1] if outcomes["order"] == "saved" else [1, 2, 3])
    moved = AuditEntry.objects.filter(act="nominations.rank").count()
    assert moved == (2 if outcomes["order"] == "saved" else 0)

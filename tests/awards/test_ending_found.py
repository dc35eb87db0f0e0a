"""What the office itself found ends a nomination, also one that is on a published list alone."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from awards.services import naming
from awards.services.ending_found import refuse_found
from nominations.states import State
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited
from tests.awards.test_publishing import look

pytestmark = pytest.mark.django_db

FOUND, LATER = date(2026, 9, 22), date(2026, 9, 23)


def end(nomination, reason="列入经营异常名录", by=None, now=AFTER):
    return refuse_found(nomination, reason=reason, by=by or office_of(nomination.edition), now=now)


@pytest.mark.parametrize("ranks", [(1,), (1, 2)])
def test_who_is_published_ends_on_what_the_office_found(ranks):
    edition = published(ranks, chosen=ranks).edition
    nomination = at_rank(edition, 1)
    with pytest.raises(Refused, match="没有复核发现的问题"):
        end(nomination)
    look(edition, 1, on=FOUND, clear=False, note="列入经营异常名录")
    assert end(nomination).state == State.REJECTED
    line = AuditEntry.objects.filter(act="review.find").latest("pk")
    assert (line.detail["verdict"], line.detail["reason"]) == ("failed", "列入经营异常名录")
    with pytest.raises(Refused, match="没有复核发现的问题"):
        end(at_rank(edition, 1))
    left = naming.preview_naming(edition, AFTER.date())
    assert [each.nomination.pk for each in left.candidates] == ids(edition, *ranks[1:])


def test_who_is_not_published_yet_ends_likewise():
    edition = visited()
    look(edition, 1, on=FOUND, clear=False, note="演示问题")
    assert end(at_rank(edition, 1), now=PUBLISHING).state == State.REJECTED


def test_what_a_later_day_cleared_ends_nobody():
    edition = published().edition
    look(edition, 1, on=FOUND, clear=False, note="演示问题")
    look(edition, 1, on=LATER)
    with pytest.raises(Refused, match="没有复核发现的问题"):
        end(at_rank(edition, 1))
    assert at_rank(edition, 1).state == State.PUBLICITY


def test_a_reason_and_the_office_of_the_host():
    edition = published().edition
    look(edition, 1, on=FOUND, clear=False, note="演示问题")
    with pytest.raises(Refused, match="写明不予通过的理由"):
        end(at_rank(edition, 1), reason=" ")
    for by in (factories.hat("auditor"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            end(at_rank(edition, 1), by=by)
    assert at_rank(edition, 1).state == State.PUBLICITY


def test_the_page_of_look_ups_leads_there_and_the_words_are_ready(client):
    edition = published((1,), chosen=(1,)).edition
    nomination = at_rank(edition, 1)
    address = reverse("awards:refuse_found", args=[nomination.pk])
    factories.sign_in(client, office_of(edition))
    here = reverse("awards:looks", args=[edition.pk])
    assert address not in client.get(here).content.decode()
    look(edition, 1, on=FOUND, clear=False, note="列入经营异常名录")
    assert address in client.get(here).content.decode()
    assert "列入经营异常名录" in client.get(address).content.decode()
    assert client.post(address, {"reason": "列入经营异常名录"}).url == here
    assert at_rank(edition, 1).state == State.REJECTED

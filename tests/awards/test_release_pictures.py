"""The pictures of a submission: drawn before the lock, few at once, and not left behind."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Release
from awards.services import release_pictures
from awards.services.release_pictures import MOST_PICTURES
from awards.services.releasing import Item, release
from nominations.models import Evidence
from portal.errors import Refused
from tests import factories
from tests.awards import exhibits
from tests.moments import NOW

pytestmark = pytest.mark.django_db


def stored() -> set[str]:
    return {path.name for path in Path(settings.PRIVATE_ROOT).rglob("release/**/*") if path.is_file()}


def submit(company, offers, **words):
    items = [Item(offer.key, offer.title, offer.text, **({"alt": "车间一角"} | words)) for offer in offers]
    return release(company, items=items, by=exhibits.speaker(company), now=NOW)


def test_all_are_drawn_before_the_enterprise_is_locked(monkeypatch):
    company, asked = exhibits.named(pictures=2), []
    draw = release_pictures.draw

    def drawn(*args, **kwargs):
        asked.append(any("FOR UPDATE" in each["sql"] for each in queries.captured_queries))
        return draw(*args, **kwargs)

    monkeypatch.setattr(release_pictures, "draw", drawn)
    with CaptureQueriesContext(connection) as queries:
        made = submit(company, exhibits.offered(company, "picture"))
    assert len(made) == 2 and asked == [False] * 4
    assert any("FOR UPDATE" in each["sql"] for each in queries.captured_queries)


def test_so_many_at_once_and_no_more(client):
    company = exhibits.named(pictures=MOST_PICTURES + 1)
    offers = exhibits.offered(company, "picture")
    with pytest.raises(Refused, match="一次最多提交 6 张图片，所选的有 7 张"):
        submit(company, offers)
    assert not Release.objects.exists()
    assert len(submit(company, offers[:MOST_PICTURES])) == MOST_PICTURES
    factories.sign_in(client, exhibits.speaker(company))
    page = client.get(reverse("awards:release", args=[company.pk])).content.decode()
    assert "一次最多提交 6 张图片。" in page


def test_what_was_stored_goes_where_a_later_item_is_refused():
    company, before = exhibits.named(pictures=2), stored()
    offers = exhibits.offered(company, "picture")
    items = [Item(offers[0].key, alt="车间一角"), Item(offers[1].key, alt=" ")]
    with pytest.raises(Refused, match="没有填写说明"):
        release(company, items=items, by=exhibits.speaker(company), now=NOW)
    assert not Release.objects.exists() and stored() == before
    submit(company, offers[:1])
    assert len(stored() - before) == 2


def test_a_file_that_is_away_is_said_before_anything_is_kept():
    company, before = exhibits.named(pictures=2), stored()
    last = Evidence.objects.order_by("pk").last()
    last.file.storage.delete(last.file.name)
    with pytest.raises(Refused, match="的文件找不到了"):
        submit(company, exhibits.offered(company, "picture"))
    assert not Release.objects.exists() and stored() == before

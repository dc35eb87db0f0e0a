"""The 名录 off its shelf: no question to the database, and nothing old after a change."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisAway

from awards.models import Honour
from awards.services import naming, registry, revoking
from awards.views import registry as pages
from tests import factories
from tests.awards.listed import listed, one
from tests.awards.stage import AFTER, office_of, published
from tests.awards.test_former import enter

pytestmark = pytest.mark.django_db
PAGES = ("registry", "registry_print", "registry_export", "honour_feed")


def text(client, **asked) -> str:
    return client.get(reverse("awards:registry"), asked).content.decode()


def test_an_answered_search_asks_nothing(client, django_assert_num_queries):
    listed()
    for path in PAGES:
        first = client.get(reverse(f"awards:{path}"), {"q": " 海风 ", "year": "2025"})
        with django_assert_num_queries(0):
            again = client.get(reverse(f"awards:{path}"), {"year": "2025", "q": "海风", "colour": "red"})
        assert again.status_code == 200 and again.content == first.content, path
        assert not again.cookies, path


def test_a_page_knows_nobody_and_holds_no_token(client):
    """Whoever is signed in gets the page of everybody; the way there still asks who it is."""
    listed()
    anybody = client.get(reverse("awards:registry"))
    factories.sign_in(client, factories.hat("office"))
    assert client.get(reverse("awards:registry")).content == anybody.content
    assert "csrf" not in anybody.content.decode()


def test_a_browser_asks_whether_what_it_has_still_is(client):
    listed("a")
    first = client.get(reverse("awards:registry"))
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert set(first.headers["Vary"].split(", ")) == {"Cookie", "Accept-Language"}
    etag = first.headers["ETag"]
    same = client.get(reverse("awards:registry"), headers={"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    listed("b")
    registry._turn()
    assert client.get(reverse("awards:registry"), headers={"If-None-Match": etag}).status_code == 200


def test_large_letters_and_the_language_have_a_page_of_their_own(client):
    listed("a")
    assert 'class="large"' not in text(client)
    client.cookies["letters"] = "large"
    assert 'class="large"' in text(client)
    client.cookies["django_language"] = "en"
    assert '<html lang="en" class="large"' in text(client)


def test_of_another_host_the_addresses_are_another(client, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    for host in settings.ALLOWED_HOSTS:
        page = client.get(reverse("awards:registry"), headers={"Host": host}).content.decode()
        assert f'<link rel="canonical" href="http://{host}/awards/registry/">' in page


@pytest.mark.parametrize("service", ["name", "revoke", "enter_former"])
def test_what_a_service_changed_is_seen_at_once(client, service, django_capture_on_commit_callbacks):
    edition = published().edition
    standing = one("x", number="演示常在")
    before = text(client)
    with django_capture_on_commit_callbacks(execute=True):
        match service:
            case "name":
                naming.name_winners(edition, decision="演示号", by=office_of(edition), now=AFTER)
            case "revoke":
                revoking.revoke_honour(
                    standing, reason="演示", minute="演示纪要", by=factories.hat("office"), now=AFTER
                )
            case "enter_former":
                enter()
    after = text(client)
    assert before != after
    newest = Honour.objects.order_by("pk").last()
    assert newest.number in after and ("其中已撤销 1" in after) == (service == "revoke")


def test_what_was_taken_back_with_its_transaction_changes_nothing(django_capture_on_commit_callbacks):
    before = registry.mark()
    with django_capture_on_commit_callbacks() as waiting:
        registry.changed()
    assert registry.mark() == before and len(waiting) == 1
    waiting[0]()
    assert registry.mark() != before


class Away:
    """A cache that is not there."""

    def __getattr__(self, name):
        def gone(*args, **kwargs):
            raise RedisAway("gone")

        return gone


def test_without_the_cache_the_page_comes_from_the_database_and_is_old_for_a_minute_at_most(
    client, monkeypatch
):
    for module in ("awards.services.registry", "portal.gate"):
        monkeypatch.setattr(f"{module}.cache", Away())
    listed("a")
    assert "演市2025-1" in text(client)
    listed("b")
    registry._turn()
    assert "演市2024-Yanshi-A7" not in text(client)
    later = pages.timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(pages.timezone, "now", lambda: later)
    assert "演市2024-Yanshi-A7" in text(client)


def test_a_cache_that_forgot_does_not_bring_an_old_page_back(client):
    listed("a")
    registry._turn()
    text(client)
    cache.clear()
    listed("b")
    assert "演市2024-Yanshi-A7" in text(client)


def test_who_makes_up_searches_by_the_hundred_has_to_wait_and_the_kept_ones_are_still_there(
    client, monkeypatch
):
    monkeypatch.setattr(pages, "PAGES_A_MINUTE", 3)
    listed("a")
    kept = text(client)
    answers = [client.get(reverse("awards:registry"), {"q": f"演示{n}"}) for n in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "60" and "查找太频繁" in answers[-1].content.decode()
    assert text(client) == kept
    elsewhere = client.get(reverse("awards:registry"), {"q": "演示9"}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 200


def test_files_are_counted_apart(client, monkeypatch):
    monkeypatch.setattr(pages, "FILES_AN_HOUR", 1)
    listed("a")
    answers = [client.get(reverse("awards:registry_export"), {"year": year}) for year in (2025, 2024)]
    assert [each.status_code for each in answers] == [200, 429]
    assert client.get(reverse("awards:registry")).status_code == 200


def test_no_number_of_searches_makes_more_than_so_many_places(client, monkeypatch):
    monkeypatch.setattr(pages, "PAGES_A_MINUTE", 10_000)
    listed("a")
    for n in range(pages.SEARCHES.most + 5):
        client.get(reverse("awards:registry"), {"q": f"没有{n}"})
    assert len(pages.SEARCHES) == pages.SEARCHES.most


def test_a_page_past_the_end_is_the_last_and_kept_once(client):
    listed("ab")
    first = client.get(reverse("awards:registry"))
    for number in ("2", "99", "2000"):
        assert client.get(reverse("awards:registry"), {"page": number}).content == first.content
    assert len(pages.LISTS) == 1


def test_lists_to_print_have_few_places_of_their_own_and_are_counted_as_files(client, monkeypatch):
    monkeypatch.setattr(pages, "FILES_AN_HOUR", pages.PRINTED.most + 2)
    listed("a")
    kept = text(client)
    years = range(2000, 2000 + pages.PRINTED.most + 3)
    answers = [client.get(reverse("awards:registry_print"), {"year": year}) for year in years]
    assert [each.status_code for each in answers] == [200] * (pages.PRINTED.most + 2) + [429]
    assert len(pages.PRINTED) == pages.PRINTED.most <= 10 and len(pages.LISTS) == 1
    assert text(client) == kept

"""The pages of releasing, for those who decide and those who speak: what they find, and what it costs."""

import re

import pytest
from django.urls import reverse

from awards.services.deciding_releases import decide_releases
from awards.services.releasing import Item, release, withdraw
from awards.views.exhibition import EXHIBITS
from portal.models import Notification
from tests import factories
from tests.awards import exhibits
from tests.moments import NOW

pytestmark = pytest.mark.django_db
WAITING = "awards:releases_waiting"


def words_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def former(company, host):
    """A naming entered from paper by an office."""
    return factories.honour(
        company,
        host=factories.organisation(host),
        year=2019,
        number=f"旧-{company.pk}",
        named_on=NOW.date().replace(year=2019),
        named_by=factories.hat("office", host),
    )


@pytest.mark.parametrize("host", ["city", "市北区"])
def test_every_link_of_the_office_that_decides_works(client, host):
    company = exhibits.named(host=host)
    row = exhibits.released(company, "studio")
    office = factories.hat("office", host)
    factories.sign_in(client, office)
    releases = reverse("awards:releases", args=[company.pk])
    address = reverse("awards:release_withdraw", args=[row.pk])
    assert releases in words_of(client.get(reverse(WAITING)))
    assert address in words_of(client.get(releases))
    assert releases in words_of(client.get(address))
    assert releases in words_of(client.get(reverse("awards:honour", args=[company.honours.get().pk])))
    answer = client.post(address, {"reason": "演示"}, follow=True)
    assert answer.redirect_chain == [(releases, 302)]
    assert "已撤回" in words_of(answer)


def test_the_notices_lead_where_their_readers_may_go(client):
    company = exhibits.named(host="市北区", account=False)
    row = exhibits.released(company, "studio")
    decide_releases([row], approve=True, by=factories.hat("office", "市北区"), now=NOW)
    withdraw(row, reason="演示", by=exhibits.speaker(company), now=NOW)
    sent = Notification.objects.filter(channel="site", event__contains="release")
    assert {each.event for each in sent} == {
        *("awards.release", "awards.decide_release", "awards.withdraw_release")
    }
    hats = {each.user_id: each for each in (factories.hat("office", "市北区"), exhibits.speaker(company))}
    for each in sent:
        factories.sign_in(client, hats[each.recipient_id])
        assert client.get(each.url).status_code == 200, each.event


def test_a_naming_from_paper_has_no_link_that_leads_nowhere(client):
    company = factories.enterprise()
    found = former(company, "city")
    factories.sign_in(client, factories.hat("office"))
    words = words_of(client.get(reverse("awards:honour", args=[found.pk])))
    for address in set(re.findall(r'href="(/awards/[^"#?]*|/exhibition/[^"#?]*)"', words)):
        assert client.get(address).status_code == 200, address
    assert reverse("awards:releases", args=[company.pk]) not in words


def test_what_a_naming_no_longer_carries_is_listed_as_not_shown(client):
    company = exhibits.named(1)
    row = exhibits.approved(company, "studio")
    company.honours.update(revoked_on=NOW.date(), revoked_reason="演示")
    exhibits.named(1, year=2027)
    factories.sign_in(client, exhibits.speaker(company))
    answer = client.get(reverse("awards:releases", args=[company.pk]))
    assert answer.context["standing"] and answer.context["shown"] == []
    assert answer.context["past"] == [row] and "命名失效" in words_of(answer)


def test_the_public_page_names_the_offices_that_decided(client):
    company = exhibits.named(1)
    exhibits.named(1, host="市北区", year=2027)
    former(company, "市南区")
    row = exhibits.approved(company, "studio", by=factories.hat("office", "市北区"))
    assert row.nomination.edition.year == 2027
    page = reverse("awards:exhibit", args=[company.pk])

    def offices():
        EXHIBITS.clear()
        return client.get(page).context["exhibit"].offices

    assert offices() == [factories.organisation("市北区").name]
    offers = exhibits.offered(company, "picture")
    old = next(each for each in offers if each.nomination_id != row.nomination_id)
    items = [Item(old.key, alt="车间一角")]
    rows = release(company, items=items, by=exhibits.speaker(company), now=NOW)
    decide_releases(rows, approve=True, by=factories.hat("office"), now=NOW)
    assert offices() == sorted(factories.organisation(each).name for each in ("city", "市北区"))


def test_the_waiting_list_asks_the_same_number_of_queries_for_few_and_for_many(
    client, django_assert_num_queries
):
    factories.sign_in(client, factories.hat("office"))
    there = 0
    for size in (1, 5, 20):
        for _each in range(size - there):
            company = exhibits.named()
            exhibits.released(company, "studio")
            exhibits.released(company, "picture")
        there = size
        with django_assert_num_queries(10):
            answer = client.get(reverse(WAITING))
        assert len(answer.context["groups"]) == size

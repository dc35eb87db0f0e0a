"""Hats: one person, several offices; which is worn decides what is seen."""

import pytest
from django.urls import reverse

from portal.models import Membership
from portal.permissions import can
from portal.todo import Todo
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_hats():
    return make.hat("office", "city", "li"), make.hat("recommender", "市南区", "li")


def worn(client):
    return client.get("/notices/").wsgi_request.hat


def test_the_first_hat_is_worn_until_another_is_put_on(client, two_hats):
    office, district = two_hats
    client.force_login(office.user, backend="django.contrib.auth.backends.ModelBackend")
    assert worn(client) == office
    assert client.post(reverse("portal:wear", args=[district.pk])).status_code == 302
    assert worn(client) == district
    client.post(reverse("portal:wear", args=[office.pk]))
    assert worn(client) == office


def test_changing_needs_a_post(client, two_hats):
    make.sign_in(client, two_hats[0])
    assert client.get(reverse("portal:wear", args=[two_hats[1].pk])).status_code == 405
    assert worn(client) == two_hats[0]


def test_a_hat_of_somebody_else_is_passed_over(client, two_hats):
    foreign = make.hat("admin", "city", "wang")
    make.sign_in(client, two_hats[1])
    assert client.post(reverse("portal:wear", args=[foreign.pk])).status_code == 302
    assert worn(client) == two_hats[1]
    assert client.post(reverse("portal:wear", args=[10**9])).status_code == 302
    assert worn(client) == two_hats[1]


def test_a_foreign_hat_forced_into_the_session_is_not_worn(client, two_hats):
    foreign = make.hat("admin", "city", "wang")
    make.sign_in(client, two_hats[0])
    session = client.session
    session["hat"] = foreign.pk
    session.save()
    assert worn(client) == two_hats[0]


def test_a_hat_taken_away_is_gone_at_once(client, two_hats):
    make.sign_in(client, two_hats[1])
    Membership.objects.filter(pk=two_hats[1].pk).update(active=False)
    assert worn(client) == two_hats[0]
    two_hats[0].organisation.__class__.objects.filter(pk=two_hats[0].organisation_id).update(active=False)
    assert worn(client) is None


def test_two_hats_of_a_person_see_different_things(client, two_hats, monkeypatch):
    office, district = two_hats
    make.nomination(make.edition(), 1, recommender="市南区")
    make.nomination(make.edition(), 2, recommender="市北区")
    make.sign_in(client, office)
    assert client.get("/record/").status_code == 200
    assert 'class="rail"' in client.get("/").content.decode()
    make.sign_in(client, district)
    assert client.get("/record/").status_code == 403
    assert 'class="rail"' not in client.get("/").content.decode()
    from nominations.models import Nomination

    assert Nomination.objects.visible_to(office).count() == 2
    assert Nomination.objects.visible_to(district).count() == 1


def test_nobody_may_nothing_without_a_hat(client):
    person = make.hat("recommender", username="li").user
    Membership.objects.filter(user=person).update(active=False)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert "还没有可以办理的身份" in client.get("/").content.decode()
    for name in ("record", "outbox", "calendar"):
        assert client.get(reverse(f"portal:{name}")).status_code == 403
    assert client.post(reverse("portal:check_record")).status_code == 403
    assert not can(None, "portal.read_record")


def test_a_todo_is_by_default_one_thing_to_do():
    assert Todo("审查", "演示企业", "/").waiting is False


def test_who_wears_no_hat_is_let_in_nowhere_but_the_front_door(client):
    worn = make.hat("recommender")
    make.sign_in(client, worn)
    Membership.objects.filter(pk=worn.pk).update(active=False)
    for address, status in (
        ("/", 200),
        ("/vote/lookup/", 200),
        ("/editions/", 403),
        ("/review/sheets/", 403),
    ):
        assert client.get(address).status_code == status, address

"""Office and admin sign in with a second factor: without one they are led to set it up, and nowhere else."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


ACTIVATE = "/accounts/2fa/totp/activate/"


def second_factor(hat):
    Authenticator.objects.create(user=hat.user, type=Authenticator.Type.TOTP, data={"secret": "演示"})


@pytest.mark.parametrize("role", ["office", "admin"])
@pytest.mark.parametrize("path", ["/", "/record/", "/calendar/", "/notices/", "/admin/"])
def test_without_one_every_page_leads_to_activation(client, role, path):
    make.sign_in(client, make.hat(role))
    response = client.get(path)
    assert (response.status_code, response.url) == (302, ACTIVATE)


@pytest.mark.parametrize("role", ["office", "admin"])
def test_with_one_the_pages_open(client, role):
    hat = make.hat(role)
    second_factor(hat)
    make.sign_in(client, hat)
    assert client.get("/record/").status_code == 200


@pytest.mark.parametrize("role", ["recommender", "department", "expert", "inspector", "auditor"])
def test_other_roles_do_without(client, role):
    make.sign_in(client, make.hat(role))
    assert client.get("/").status_code == 200


def test_a_guarded_hat_that_is_not_worn_still_asks(client):
    make.hat("office", username="li")
    other = make.hat("recommender", username="li")
    make.sign_in(client, other)
    assert client.get("/").url == ACTIVATE


def test_staff_of_the_back_room_needs_one_whatever_the_hat(client):
    make.sign_in(client, make.hat("auditor", username="li", is_staff=True))
    assert client.get("/").url == ACTIVATE


def test_signing_in_leads_to_activation_and_out_again(client):
    make.hat("office", username="li")
    response = client.post("/accounts/login/", {"login": "li", "password": make.PASSWORD})
    assert response.status_code == 302 and response.url == reverse("portal:home")
    assert client.get(response.url).url == ACTIVATE
    # Setting one up asks for the password once more, then shows the key.
    asked = client.get(ACTIVATE)
    assert asked.status_code == 302 and asked.url.startswith("/accounts/reauthenticate/")
    shown = client.post(asked.url, {"password": make.PASSWORD}, follow=True)
    assert shown.redirect_chain[-1][0] == ACTIVATE and shown.status_code == 200
    assert client.get("/record/").url == ACTIVATE
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/record/").url.startswith("/accounts/login/")


def test_a_demo_machine_may_do_without(client, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    make.sign_in(client, make.hat("office"))
    assert client.get("/").status_code == 200


def test_a_page_for_those_who_signed_in_sends_a_stranger_to_sign_in(client):
    for path in ("/record/", "/notices/", "/outbox/", "/calendar/", "/admin/"):
        response = client.get(path)
        assert response.status_code == 302 and "/login/" in response.url

"""The operators' back room: changes are on the record, the record and the outbox are only read."""

from io import BytesIO

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from openpyxl import load_workbook

from portal.models import AuditEntry, CalendarYear, Membership, Notification, Organisation, User
from portal.notify import notify
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    hat = make.hat("admin", username="operator", is_staff=True, is_superuser=True)
    return make.sign_in(client, hat)


def listing(model):
    return reverse(f"admin:portal_{model}_changelist")


@pytest.mark.parametrize(
    "model", ["user", "membership", "organisation", "calendaryear", "auditentry", "notification"]
)
def test_every_list_opens_and_exports(operator, now, model):
    notify("test", [make.hat("office")], subject="演示通知", now=now)
    assert operator.get(listing(model)).status_code == 200
    assert operator.get(reverse(f"admin:portal_{model}_export")).status_code == 200


@pytest.mark.parametrize("model", [AuditEntry, Notification, CalendarYear])
def test_what_is_only_read_cannot_be_written(operator, rf, now, model):
    notify("test", [make.hat("office")], subject="演示通知", now=now)
    pk, name = model.objects.first().pk, model._meta.model_name
    assert operator.get(reverse(f"admin:portal_{name}_add")).status_code == 403
    assert (
        operator.post(reverse(f"admin:portal_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    )
    assert operator.post(reverse(f"admin:portal_{name}_change", args=[pk]), {}).status_code == 403
    assert model.objects.filter(pk=pk).exists()


def test_a_change_of_an_organisation_is_on_the_record(operator):
    place = make.district()
    given = {
        **{name: getattr(place, name) for name in ("code", "name", "kind", "division_code", "division_name")},
        "short_name": "市南",
        "parent": place.parent_id,
        "position": place.position,
        "active": "on",
    }
    response = operator.post(reverse("admin:portal_organisation_change", args=[place.pk]), given)
    assert response.status_code == 302
    entry = AuditEntry.objects.filter(act="portal.manage_people").get()
    assert (entry.actor_name, entry.detail["changed"]) == ("operator（演示）", ["short_name"])
    assert Organisation.objects.get(pk=place.pk).short_name == "市南"


def test_a_person_is_made_and_given_a_hat_on_the_record(operator):
    given = {"username": "xin", "full_name": "新演示", "password1": make.PASSWORD, "password2": make.PASSWORD}
    assert operator.post(reverse("admin:portal_user_add"), given).status_code == 302
    person = User.objects.get(username="xin")
    assert person.check_password(make.PASSWORD)
    hat = {"user": person.pk, "role": "expert", "organisation": make.organisation("panel").pk, "active": "on"}
    assert operator.post(reverse("admin:portal_membership_add"), hat).status_code == 302
    assert Membership.objects.get(user=person).role == "expert"
    entries = AuditEntry.objects.filter(act="portal.manage_people")
    assert [entry.subject_type for entry in entries] == ["portal.user", "portal.membership"]
    assert make.PASSWORD not in "".join(entry.body for entry in entries)


def test_nothing_of_the_ground_is_deleted(operator):
    place = make.district()
    url = reverse("admin:portal_organisation_delete", args=[place.pk])
    assert operator.post(url, {"post": "yes"}).status_code == 403
    assert Organisation.objects.filter(pk=place.pk).exists()


def test_an_operator_without_a_hat_changes_nothing(client):
    person = make.hat("recommender", username="li", is_staff=True, is_superuser=True).user
    Membership.objects.filter(user=person).update(active=False)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(listing("organisation")).status_code == 200
    assert client.get(reverse("admin:portal_organisation_add")).status_code == 403


def test_an_export_defuses_a_formula(operator):
    place = make.district()
    Organisation.objects.filter(pk=place.pk).update(name="=HYPERLINK(1)")
    form = operator.get(reverse("admin:portal_organisation_export")).context["form"]
    data = {"format": next(v for v, label in form.fields["format"].choices if label == "xlsx")}
    fields = ("code", "name", "short_name", "kind", "division_code", "division_name", "active")
    data |= {f"organisationresource_{name}": "on" for name in fields}
    response = operator.post(reverse("admin:portal_organisation_export"), data)
    cells = [cell for row in load_workbook(BytesIO(response.content)).active.iter_rows() for cell in row]
    assert any("HYPERLINK(1)" in str(cell.value) for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_the_back_room_is_shut_to_everybody_else(client):
    make.sign_in(client, make.hat("office"))
    assert client.get(listing("user")).status_code in (302, 403)


def test_every_model_of_the_ground_is_registered_or_left_out_on_purpose():
    # The links are the record's own; the nightly checks have a page of their own.
    left_out = {"AuditLink", "InvariantRun"}
    models = {model.__name__ for model in apps.get_app_config("portal").get_models()}
    registered = {model.__name__ for model in admin.site._registry if model._meta.app_label == "portal"}
    assert models - registered == left_out

"""The back room: the state is read, lists go out as XLSX and carry no formula."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from portal.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    hat = factories.hat("admin", is_staff=True, is_superuser=True)
    return factories.sign_in(client, hat)


@pytest.mark.parametrize("model", ["edition", "category", "enterprise", "nomination", "evidence", "return"])
def test_every_list_opens(admin_client, model):
    factories.nomination(factories.edition(), 1)
    assert admin_client.get(reverse(f"admin:nominations_{model}_changelist")).status_code == 200


def test_the_state_is_read_and_never_written(admin_client):
    row = factories.nomination(factories.edition(), 1)
    url = reverse("admin:nominations_nomination_change", args=[row.pk])
    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, {"state": "named"}).status_code == 403
    assert admin_client.get(reverse("admin:nominations_nomination_add")).status_code == 403
    row.refresh_from_db()
    assert row.state == "draft"


def test_an_export_is_text_and_no_formula(admin_client):
    row = factories.nomination(factories.edition(), factories.enterprise(1, name='=HYPERLINK("x")'))
    answer = admin_client.post(
        reverse("admin:nominations_nomination_export"),
        {
            "format": 0,
            **{
                f"nominationresource_{name}": "on"
                for name in ("edition", "recommender", "rank", "name", "credit_code", "state", "ended_reason")
            },
            "resource": "0",
        },
    )
    sheet = load_workbook(io.BytesIO(answer.content)).active
    heading, line = sheet.iter_rows(values_only=True)
    found = dict(zip(heading, line, strict=True))
    assert found["统一社会信用代码"] == row.subject_key
    assert found["所处环节"] == "起草"
    assert not str(found["选树对象"]).startswith("=")
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_an_enterprise_is_corrected_on_the_record(admin_client):
    made = factories.enterprise(1)
    url = reverse("admin:nominations_enterprise_change", args=[made.pk])
    admin_client.post(url, {"name": "更名后（演示）", "division_name": "市南区", "credit_code": "X" * 18})
    made.refresh_from_db()
    assert (made.name, made.credit_code) == ("更名后（演示）", factories.credit_code(1))
    assert AuditEntry.objects.get(act="nominations.manage_register").detail["changed"] == ["name"]

"""What was never published — a rehearsal — shows on no public surface."""

import pytest
from django.urls import reverse

from awards.models import Honour, Notice
from awards.services import naming
from nominations.models import Edition
from nominations.services.duplicates import duplicates
from tests import factories
from tests.awards import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def rehearsed():
    notice = stage.published()
    office = stage.office_of(notice.edition)
    naming.name_winners(notice.edition, decision="", by=office, now=stage.AFTER)
    Edition.objects.filter(pk=notice.edition_id).update(published=False)
    return notice.edition


def test_neither_notice_nor_honour_is_public(client, rehearsed):
    notice = Notice.objects.get(edition=rehearsed)
    named = Honour.objects.filter(nomination__edition=rehearsed).first()
    for name in ("notice", "notice_document", "notice_export", "object"):
        assert client.get(reverse(f"awards:{name}", args=[notice.pk])).status_code == 404, name
    assert named.enterprise.name not in client.get(reverse("awards:registry")).content.decode()
    assert notice.title not in client.get("/").content.decode()


def test_its_office_and_the_auditor_still_find_it(client, rehearsed):
    notice = Notice.objects.get(edition=rehearsed)
    for role in ("office", "auditor"):
        factories.sign_in(client, factories.hat(role))
        assert client.get(reverse("awards:notice", args=[notice.pk])).status_code == 200, role


def test_it_does_not_count_as_a_former_honour(rehearsed):
    code = Honour.objects.filter(nomination__edition=rehearsed).first().enterprise.credit_code
    assert duplicates(factories.edition(title="下一届"), code).honours == []

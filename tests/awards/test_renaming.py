"""A name written wrongly is put right by the office, and the correction of the list then says it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from awards.services import correcting
from nominations.services.renaming import rename
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited

pytestmark = pytest.mark.django_db

RIGHT, WHY = "青岛演示更名有限公司", "与营业执照核对"


def put_right(nomination, name=RIGHT, reason=WHY, by=None):
    return rename(nomination, name=name, reason=reason, by=by or office_of(nomination.edition), now=AFTER)


def test_the_right_name_is_on_the_corrected_list_and_the_period_stays():
    notice = published()
    nomination = at_rank(notice.edition, 1)
    wrong = nomination.subject_name
    put_right(nomination, f" {RIGHT} ")
    nomination = at_rank(notice.edition, 1)
    assert nomination.subject_name == nomination.enterprise.name == RIGHT
    assert notice.rows.get(position=1).name == wrong
    detail = AuditEntry.objects.get(act="nominations.rename").detail
    assert (detail["before"], detail["after"], detail["reason"]) == (wrong, RIGHT, WHY)
    new = correcting.correct_notice(
        notice,
        chosen=ids(notice.edition, 1, 2),
        reason="企业名称有误",
        by=office_of(notice.edition),
        now=PUBLISHING,
    )
    assert new.changes == [f"第1项企业名称由“{wrong}”更正为“{RIGHT}”"]
    assert (new.restarted, new.ends_on) == (False, notice.ends_on)
    assert new.rows.get(position=1).name == RIGHT


@pytest.mark.parametrize(
    ("given", "says"),
    [({"name": " "}, "填写企业名称"), ({"reason": " "}, "写明改正名称的理由")],
)
def test_a_name_and_a_reason(given, says):
    nomination = at_rank(visited(), 1)
    with pytest.raises(Refused, match=says):
        put_right(nomination, **given)
    with pytest.raises(Refused, match="名称相同"):
        put_right(nomination, nomination.subject_name)
    assert not AuditEntry.objects.filter(act="nominations.rename").exists()


@pytest.mark.parametrize("state", ["screening", "voting", "named", "rejected"])
def test_only_between_the_inspection_and_the_naming(state):
    nomination = factories.nomination(visited(), state=state)
    with pytest.raises(Refused, match="不能在这里改正名称"):
        put_right(nomination)


def test_only_the_office_of_the_host():
    nomination = at_rank(visited(), 1)
    for by in (factories.hat("auditor"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            put_right(nomination, by=by)


def test_the_page_of_the_correction_leads_there_and_back(client):
    notice = published()
    nomination = at_rank(notice.edition, 1)
    factories.sign_in(client, office_of(notice.edition))
    here = reverse("awards:correct_notice", args=[notice.pk])
    address = reverse("awards:rename", args=[nomination.pk])
    assert address in client.get(here).content.decode()
    assert nomination.subject_name in client.get(address).content.decode()
    assert client.post(address, {"name": RIGHT, "reason": WHY}).url == here
    assert RIGHT in client.get(here).content.decode()

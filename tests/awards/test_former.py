from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from awards.models import Honour
from awards.services import certificates, former
from nominations.models import Enterprise
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.named import named
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db


def enter(n=900, *, by=None, **given):
    facts = {
        "credit_code": factories.credit_code(n),
        "name": f"演示往年企业{n}（演示）",
        "division_name": "市南区",
        "level": "city",
        "year": 2021,
        "title": "演示年度全员创新企业",
        "number": f"演示旧号-{n}",
        "decision": "演示工发2021-9号",
        "named_on": date(2021, 12, 20),
    }
    return former.enter_former(**{**facts, **given}, by=by or factories.hat("office"), now=AFTER)


def test_one_of_former_years_is_in_the_registry_and_verifiable(client):
    honour = enter()
    assert honour.nomination is None and honour.host == factories.city()
    assert certificates.verify(honour.token).year == 2021
    assert honour.number in client.get("/awards/registry/?year=2021").content.decode()
    assert AuditEntry.objects.get(act="awards.enter_former").detail["year"] == 2021


def test_an_enterprise_that_is_known_is_not_made_again():
    known = factories.enterprise(900)
    assert enter().enterprise == known and Enterprise.objects.count() == 1
    with pytest.raises(Refused, match="不能重复登记"):
        enter(number="演示旧号-另")
    with pytest.raises(Refused, match="命名编号"):
        enter(901, number="演示旧号-900")


@pytest.mark.parametrize(
    "given, says",
    [
        ({"named_on": date(2020, 12, 31)}, "早于 2021 年度"),
        ({"named_on": date(2026, 10, 11), "year": 2026}, "还没有到"),
        ({"level": "moon"}, "没有“moon”这一级别"),
        ({"credit_code": "91370202MA00000001"}, "信用代码"),
    ],
)
def test_refused(given, says):
    with pytest.raises(Refused, match=says):
        enter(**given)
    assert not Honour.objects.exists() and not Enterprise.objects.exists()


def test_only_an_office():
    for other in (factories.hat("auditor"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            enter(by=other)


def test_former_honours_of_those_who_run_again(django_assert_num_queries):
    enter(1)
    again = factories.nomination(factories.edition(), 1)
    fresh = factories.nomination(again.edition, 2)
    own = named()[0]
    with django_assert_num_queries(1):
        found = former.former_of([again, fresh, own.nomination])
    assert {pk: [honour.year for honour in honours] for pk, honours in found.items()} == {again.pk: [2021]}

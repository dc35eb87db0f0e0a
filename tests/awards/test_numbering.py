"""命名编号: a series belongs to the namings of its host, and to nothing rehearsed or entered by hand."""

from datetime import date

import pytest
from django.urls import reverse

from awards.models import Honour
from awards.services import naming
from portal.errors import Refused
from tests import factories
from tests.awards.stage import AFTER, office_of, published
from tests.awards.test_former import enter

pytestmark = pytest.mark.django_db


def name(edition):
    return naming.name_winners(edition, decision="", by=office_of(edition), now=AFTER)


def test_a_rehearsal_takes_no_number_of_the_city():
    tried = published(published=False).edition
    stem = f"演练-{tried.pk}-2026-QYCX"
    assert [honour.number for honour in name(tried)] == [f"{stem}-01", f"{stem}-02"]
    assert [honour.number for honour in name(published().edition)] == ["2026-QYCX-01", "2026-QYCX-02"]


def test_numbers_go_on_from_those_named_here_and_step_over_one_entered_long_ago():
    honour = enter()
    Honour.objects.filter(pk=honour.pk).update(number="2026-QYCX-02")
    assert [each.number for each in name(published().edition)] == ["2026-QYCX-01", "2026-QYCX-03"]


@pytest.mark.parametrize(
    "number", ["2021-QYCX-99", "2026-qycx-01", "2026-QYCX-370202-01", "演练-1-2026-QYCX-01"]
)
@pytest.mark.parametrize("host", ["city", "市南区"])
def test_a_number_of_the_series_is_not_entered_by_hand(host, number):
    with pytest.raises(Refused, match="由系统编排"):
        enter(by=factories.hat("office", host), level="district", number=number)
    assert not Honour.objects.exists()


@pytest.mark.parametrize(
    "host, level, allowed",
    [
        ("city", "province", True),
        ("city", "city", True),
        ("市南区", "province", False),
        ("市南区", "city", False),
        ("市南区", "district", True),
        ("市南区", "enterprise", True),
    ],
)
def test_only_the_city_enters_what_the_city_or_the_province_named(client, host, level, allowed):
    by = factories.hat("office", host)
    factories.sign_in(client, by)
    offered = client.get(reverse("awards:former_new")).context["form"].fields["level"].choices
    assert (level in dict(offered)) is allowed
    if allowed:
        assert enter(by=by, level=level, namer="演示省总工会").level == level
        return
    with pytest.raises(Refused, match="区市级、企业级"):
        enter(by=by, level=level, named_on=date(2021, 12, 20))
    assert not Honour.objects.exists()

"""What of an edition may still be changed, and what the record tells of it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from nominations.models import Category, Edition
from nominations.services.editions import change_edition
from nominations.services.steps import close_step
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.hat("office")


def told():
    return AuditEntry.objects.filter(act="nominations.change_edition").latest("pk").detail["changed"]


def test_the_record_tells_every_field_and_every_day(office):
    edition = factories.edition()
    change_edition(
        edition,
        by=office,
        now=NOW,
        title="改名演示届",
        seats=3,
        expert_weight=Decimal(60),
        vote_weight=Decimal(40),
        notice_workdays=7,
        finding_days=30,
        grant_amount=Decimal("200000.00"),
        totals="shown",
        allow_former=True,
        minute="演示纪要1号",
        contact_phone="19900000001",
        dates={"voting": (NOW, None)},
    )
    assert told() == {
        "title": [edition.title, "改名演示届"],
        "seats": [2, 3],
        "expert_weight": ["70", "60"],
        "vote_weight": ["30", "40"],
        "notice_workdays": [5, 7],
        "finding_days": [60, 30],
        "grant_amount": ["300000.00", "200000.00"],
        "totals": ["hidden", "shown"],
        "allow_former": [False, True],
        "minute": ["", "演示纪要1号"],
        # By name only: it may be a person's own number.
        "contact_phone": [],
        "voting_opens": ["", NOW.isoformat()],
    }
    change_edition(edition, by=office, now=NOW, dates={"voting": (NOW, None)})
    assert told() == {}


def test_a_step_left_out_loses_its_days_on_the_record(office):
    edition = factories.edition()
    change_edition(edition, by=office, now=NOW, dates={"inspection": (NOW, None)})
    change_edition(edition, by=office, now=NOW, off=("inspection",))
    assert told() == {"off": [[], ["inspection"]], "inspection_opens": [NOW.isoformat(), ""]}


LOOSER = [
    ({"finding_days": 61}, "“核查结果有效天数”只能比原来的 60 少"),
    ({"notice_workdays": 4}, "“公示工作日”只能比原来的 5 多"),
    ({"accept_workdays": 2}, "“异议受理工作日”只能比原来的 3 多"),
    ({"decide_workdays": 9}, "“异议办结工作日”只能比原来的 10 多"),
    ({"extend_workdays": 4}, "“异议延期工作日”只能比原来的 5 多"),
]


@pytest.mark.parametrize(("change", "why"), LOOSER)
def test_when_only_the_publicity_is_left_its_safeguards_stay(office, change, why):
    edition = factories.edition(off=("inspection",))
    change_edition(edition, by=office, now=NOW, **change)
    edition = factories.edition(off=("inspection",))
    for kind in ("recommendation", "screening", "review", "voting"):
        close_step(edition, kind, by=office, now=NOW)
    with pytest.raises(Refused, match=why):
        change_edition(edition, by=office, now=NOW, **change)
    (name,) = change
    tighter = {name: 59 if name == "finding_days" else 11}
    change_edition(edition, by=office, now=NOW, **tighter)
    assert getattr(Edition.objects.get(pk=edition.pk), name) == tighter[name]


def test_the_amount_is_proposed_where_the_regulation_grants_it(client, office):
    factories.sign_in(client, office)
    granted = Category.objects.get(code="qycx")
    other = Category.objects.filter(certificate=False).exclude(rubric=[]).first()
    for category, amount in ((granted, Decimal("300000.00")), (other, Decimal(0))):
        form = client.get(f"{reverse('nominations:edition_new')}?category={category.pk}").context["form"]
        assert form["grant_amount"].value() == amount

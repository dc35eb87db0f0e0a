"""A grant with nothing before it, and how money goes in and out of it."""

from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils import timezone

from awards.models import Disbursement, Expense, Grant
from awards.services import granting
from nominations.models import Enterprise
from portal.models import Membership, Organisation
from tests import factories
from tests.awards.stage import AFTER

DAY = timezone.localdate(AFTER)
NAMED_ON = date(2026, 1, 5)


def granted(edition=None, *, number: int = 1, **fields) -> Grant:
    """A winner of an edition with 300 000 yuan, nothing of it paid out yet."""
    edition = edition or factories.edition()
    nomination = factories.nomination(edition, state="named", **fields)
    honour = factories.honour(
        nomination.enterprise,
        nomination=nomination,
        host=edition.host,
        level="city",
        year=edition.year,
        title="全员创新企业",
        number=f"演示-{edition.pk}-{number}",
        named_on=NAMED_ON,
        named_by=factories.hat("office", edition.host),
    )
    return Grant.objects.create(honour=honour, amount=Decimal("300000.00"))


def office(grant: Grant) -> Membership:
    return factories.hat("office", grant.honour.host)


def union(grant: Grant) -> Membership:
    """Somebody of the union that recommended the enterprise."""
    return factories.hat("recommender", grant.honour.nomination.recommender)


def account_of(enterprise: Enterprise) -> Membership:
    """A hat at the enterprise that was named."""
    if not enterprise.organisation_id:
        enterprise.organisation = Organisation.objects.create(
            code=f"e{enterprise.pk}", name=enterprise.name, short_name=enterprise.name, kind="enterprise"
        )
        enterprise.save()
    return factories.hat("applicant", enterprise.organisation)


def paper(text: str = "演示", name: str = "凭证.pdf") -> ContentFile:
    """A small PDF, another one for each text."""
    return ContentFile(f"%PDF-1.4\n% {text}\n%%EOF".encode(), name=name)


def pay(grant: Grant, amount, day: date = DAY, *, by=None, now=AFTER, **given) -> Disbursement:
    words = {"receipt": "演示回执", "receipt_file": paper("回执")} | given
    return granting.disburse(
        grant, amount=Decimal(amount), paid_on=day, **words, by=by or office(grant), now=now
    )


def spend(grant: Grant, amount, use: str = "reward", by=None, now=AFTER, **given) -> Expense:
    words = {
        "matter": "演示事项",
        "spent_on": timezone.localdate(now),
        "voucher": "演示凭证",
        "papers": [paper()],
    } | given
    return granting.record_expense(
        grant, use=use, amount=Decimal(amount), **words, by=by or office(grant), now=now
    )

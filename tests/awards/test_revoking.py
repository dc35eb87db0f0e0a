from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from awards.services import certificates, revoking
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.named import named
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db


def revoke(honour, **given):
    given = {"reason": "演示：弄虚作假", "minute": "演示纪要12号", "decision": "演示工发2026-20号"} | given
    return revoking.revoke_honour(honour, **given, by=factories.hat("office"), now=AFTER)


def test_it_stays_with_reason_minute_number_and_who():
    honour = revoke(named()[0])
    honour.refresh_from_db()
    assert (honour.revoked_on, honour.revoked_reason) == (date(2026, 10, 10), "演示：弄虚作假")
    assert (honour.revoked_minute, honour.revoked_decision) == ("演示纪要12号", "演示工发2026-20号")
    assert honour.revoked_by == factories.hat("office")
    line = AuditEntry.objects.get(act="awards.revoke_honour")
    assert line.detail["minute"] == "演示纪要12号" and line.detail["unpaid"] == "300000.00"


@pytest.mark.parametrize(
    "given, says", [({"reason": " "}, "理由"), ({"minute": "", "decision": " "}, "文号")]
)
def test_not_without_a_reason_and_a_paper(given, says):
    honour = named()[0]
    with pytest.raises(Refused, match=says):
        revoke(honour, **given)
    honour.refresh_from_db()
    assert honour.revoked_on is None


def test_once_and_by_the_office_that_named():
    first, second = named()
    revoke(first)
    with pytest.raises(Refused, match="已经撤销"):
        revoke(first)
    for other in (factories.hat("office", "市南区"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            revoking.revoke_honour(second, reason="演示", minute="演示", by=other, now=AFTER)


def test_what_becomes_of_the_money_is_known_before():
    honour = named()[0]
    assert revoking.consequence(honour) == revoking.Consequence(
        paid=Decimal("0.00"), unpaid=Decimal("300000.00"), unspent=Decimal("0.00")
    )
    assert revoking.consequence(named(host="市南区")[0]) is None


def test_the_registry_and_the_certificate_say_so(client):
    honour = revoke(named()[0])
    for url in ("/awards/registry/", f"/awards/verify/{honour.token}/"):
        page = client.get(url).content.decode()
        assert "已撤销" in page and "演示：弄虚作假" in page
    with pytest.raises(Refused, match="不能制发证书"):
        certificates.certificate_docx(honour, address="https://example.org/", by=factories.hat("office"))

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from awards.models import Honour, MedalPerson
from awards.services import honour_tables, medal_people, promoting, revoking
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.named import named
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db

# A made-up number with its right check character: a man born on 1 January 1970, of a division that is none.
NUMBER = "11010119700101001"
SECRET = {"phone": "19900000077", "politics": "演示党派", "education": "演示学历", "deeds": "演示事迹若干"}


def number(body=NUMBER):
    return body + "10X98765432"[sum(int(c) * (2 ** (17 - i)) for i, c in enumerate(body)) % 11]


def enter(honour, *, by=None, **given):
    facts = {"sex": "男", "born": date(1970, 1, 1), "id_number": number(), "consent_on": date(2026, 10, 9)}
    return medal_people.set_medal_person(
        honour, **{**facts, **SECRET, **given}, by=by or factories.hat("office"), now=AFTER
    )


def test_they_are_sealed_and_read_on_the_record():
    honour = named()[0]
    person = enter(honour)
    raw = bytes(person.sealed).decode()
    assert not any(word in raw for word in (number(), *SECRET.values()))
    assert medal_people.read_medal_person(honour, by=factories.hat("office"), now=AFTER) == {
        "sex": "男",
        "born": "1970-01-01",
        "id_number": number(),
        **SECRET,
    }
    acts = AuditEntry.objects.filter(act__contains="medal_person")
    assert list(acts.order_by("pk").values_list("act", flat=True)) == [
        "awards.set_medal_person",
        "awards.read_medal_person",
    ]
    assert not any(word in line.body for line in acts for word in (number(), *SECRET.values()))


@pytest.mark.parametrize(
    "changed, says",
    [
        ({"id_number": "110101197001010010"}, "身份证号不正确"),
        ({"born": date(1970, 1, 2)}, "出生日期与身份证号不一致"),
        ({"sex": "女"}, "性别与身份证号不一致"),
        ({"consent_on": date(2026, 10, 11)}, "不能晚于今天"),
    ],
)
def test_what_cannot_be_is_refused(changed, says):
    honour = named()[0]
    with pytest.raises(Refused, match=says):
        enter(honour, **changed)
    assert not MedalPerson.objects.exists()


def test_only_where_somebody_is_proposed_and_by_those_who_may():
    first, second = named()
    with pytest.raises(Refused, match="还没有五一劳动奖章人选"):
        enter(second)
    for other in (factories.hat("office", "市南区"), factories.hat("auditor"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            enter(first, by=other)
        with pytest.raises(PermissionDenied):
            medal_people.read_medal_person(first, by=other, now=AFTER)


def test_another_person_only_after_the_first_is_forgotten():
    honour, office = named()[0], factories.hat("office")
    enter(honour)
    with pytest.raises(Refused, match="更换人选前请先删除"):
        promoting.set_medal(honour, name="另一人选", office="head", by=office, now=AFTER)
    with pytest.raises(Refused, match="删除的理由"):
        medal_people.remove_medal_person(honour, reason=" ", by=office, now=AFTER)
    medal_people.remove_medal_person(honour, reason="演示：人选变更", by=office, now=AFTER)
    assert not MedalPerson.objects.exists()
    with pytest.raises(Refused, match="不需要删除"):
        medal_people.remove_medal_person(honour, reason="再次", by=office, now=AFTER)
    promoting.set_medal(
        Honour.objects.get(pk=honour.pk), name="另一人选", office="head", by=office, now=AFTER
    )


def test_the_table_for_the_superior_union_is_a_reading_of_each():
    first, _second = named()
    office = factories.hat("office")
    edition = first.nomination.edition
    with pytest.raises(Refused, match="还没有登记"):
        medal_people.write_medal_people(edition, io.BytesIO(), by=office, now=AFTER)
    enter(first)
    out = io.BytesIO()
    assert medal_people.write_medal_people(edition, out, by=office, now=AFTER) == 1
    rows = [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]
    line = dict(zip(rows[2], rows[3], strict=True))
    assert (line["姓名"], line["职务"], line["身份证号"]) == ("演示人选", "董事长", number())
    assert AuditEntry.objects.filter(act="awards.read_medal_person").count() == 1
    with pytest.raises(PermissionDenied):
        medal_people.write_medal_people(edition, io.BytesIO(), by=factories.hat("auditor"), now=AFTER)


def test_a_revoked_honour_takes_no_person():
    honour, office = named()[0], factories.hat("office")
    revoking.revoke_honour(honour, reason="演示", minute="演示纪要", by=office, now=AFTER)
    with pytest.raises(Refused, match="已经撤销"):
        enter(honour)


def test_a_new_key_in_front_reseals_them(settings):
    settings.OBJECTION_KEY = "old-key-for-tests-only-old-key-for-tests"
    honour = named()[0]
    enter(honour)
    settings.OBJECTION_KEY = "new-key-for-tests-only-new-key-for-tests," + settings.OBJECTION_KEY
    assert medal_people.reseal_people() == 1
    settings.OBJECTION_KEY = "new-key-for-tests-only-new-key-for-tests"
    found = medal_people.read_medal_person(honour, by=factories.hat("office"), now=AFTER)
    assert found["phone"] == SECRET["phone"]


def test_the_public_pages_and_the_list_of_the_named_say_nothing_of_them(client):
    honour = named()[0]
    enter(honour)
    out = io.BytesIO()
    honour_tables.write_honours_table(honour.nomination.edition, out, by=factories.hat("auditor"))
    table = str([[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()])
    pages = [
        client.get(url).content.decode() for url in ("/awards/registry/", f"/awards/verify/{honour.token}/")
    ]
    for text in (table, *pages):
        assert not any(word in text for word in (number(), "1970", *SECRET.values()))

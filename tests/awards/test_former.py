from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Honour
from awards.services import certificates, former, promoting
from nominations.models import Category, Enterprise
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.awards.named import named
from tests.awards.stage import AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def categories(db):
    Category.objects.get_or_create(
        code="qycx", defaults={"name": "全员创新企业", "certificate": True, "medal": True}
    )
    Category.objects.get_or_create(code="cxbz", defaults={"name": "创新型班组", "subject": "team"})


TEAM = {"category": "cxbz", "subject": "演示一班"}


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


def test_who_named_it_is_said_where_it_was_not_the_office_that_entered_it(client):
    honour = enter(level="province", namer="演示省总工会")
    assert certificates.verify(honour.token).host == "演示省总工会"
    factories.sign_in(client, factories.hat("office"))
    shown = client.get(reverse("awards:honour", args=[honour.pk])).content.decode()
    assert "<dd>演示省总工会</dd>" in shown
    own = enter(901, level="enterprise")
    assert certificates.verify(own.token).host == "演示往年企业901（演示）"


def test_an_enterprise_that_is_known_is_not_made_again():
    known = factories.enterprise(900)
    assert enter().enterprise == known and Enterprise.objects.count() == 1
    with pytest.raises(Refused, match="不能重复登记"):
        enter(number="演示旧号-另")
    with pytest.raises(Refused, match="命名编号"):
        enter(901, number="演示旧号-900")


def test_each_host_and_each_year_counts_its_papers_by_itself():
    enter()
    enter(901, number="演示旧号-900", year=2020)
    enter(902, number="演示旧号-900", by=factories.hat("office", "市南区"), level="district")
    assert Honour.objects.filter(number="演示旧号-900").count() == 3


@pytest.mark.parametrize("number", ["演示旧号-\uff19\uff10\uff10", "演示旧号 -900", " 演示旧号- 900"])
def test_width_and_spaces_make_no_other_number(number):
    enter(number=number)
    for other in ("演示旧号-900", number):
        with pytest.raises(Refused, match="已经登记给"):
            enter(901, number=other)


def test_a_subject_renamed_since_is_the_one_that_was_named():
    honour = enter(**TEAM)
    Honour.objects.filter(pk=honour.pk).update(subject_name="演示二班")
    for name in ("演示一班", "演示 二班"):
        with pytest.raises(Refused, match="不能重复登记"):
            enter(category="cxbz", subject=name, number="演示旧号-另")
    assert enter(category="cxbz", subject="演示三班", number="演示旧号-另").pk


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
    enter(2, **TEAM)  # a team of the second is not the second
    again = factories.nomination(factories.edition(), 1)
    fresh = factories.nomination(again.edition, 2)
    own = named()[0]
    with django_assert_num_queries(1):
        found = former.former_of([again, fresh, own.nomination])
    assert {pk: [honour.year for honour in honours] for pk, honours in found.items()} == {again.pk: [2021]}


# --- put right


def facts(honour, **changes):
    return {
        "credit_code": honour.enterprise.credit_code,
        "name": honour.enterprise.name,
        "division_name": honour.division_name,
        "level": honour.level,
        "year": honour.year,
        "title": honour.title,
        "number": honour.number,
        "decision": honour.decision,
        "named_on": honour.named_on,
        "reason": "照演示文件核对",
    } | changes


def correct(honour, by=None, **changes):
    by = by or factories.hat("office")
    return former.correct_former(honour, **facts(honour, **changes), by=by, now=AFTER)


def test_what_was_entered_wrongly_is_put_right_and_both_stand_on_the_record():
    honour = enter()
    correct(honour, year=2020, number="演示旧号-正")
    honour.refresh_from_db()
    assert (honour.year, honour.number, honour.subject_name) == (
        2020,
        "演示旧号-正",
        "演示往年企业900（演示）",
    )
    entry = AuditEntry.objects.filter(act="awards.enter_former").latest("pk")
    assert entry.detail == {
        "changed": {"year": ["2021", "2020"], "number": ["演示旧号-900", "演示旧号-正"]},
        "reason": "照演示文件核对",
    }


def test_a_code_put_right_is_another_enterprise():
    honour = enter()
    right = factories.enterprise(901)
    correct(honour, credit_code=right.credit_code, name=right.name)
    honour.refresh_from_db()
    assert (honour.enterprise, honour.subject_key) == (right, right.credit_code)


def test_what_is_said_of_a_team_is_put_right_with_its_key():
    honour = enter(**TEAM)
    key = honour.subject_key
    correct(honour, category="cxbz", subject="演示二班")
    honour.refresh_from_db()
    assert honour.subject_name == "演示二班" and honour.subject_key != key
    assert honour.subject_key.startswith(honour.enterprise.credit_code)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({}, "没有改动"),
        ({"reason": " ", "year": 2020}, "请写明理由"),
        ({"number": "演示旧号-901"}, "已经登记给"),
        ({"number": "2021-QYCX-01"}, "由系统编排"),
        ({"year": 2022}, "早于 2022 年度"),
        ({"level": "province"}, "没有填写命名单位"),
        ({"subject": "演示一班"}, "命名的是企业"),
    ],
)
def test_a_correction_is_looked_through_as_an_entry_is(changes, says):
    honour = enter()
    enter(901)
    with pytest.raises(Refused, match=says):
        correct(honour, **changes)


def test_what_hangs_on_a_naming_keeps_it_with_its_subject():
    honour = enter()
    Honour.objects.filter(pk=honour.pk).update(medal_name="演示人选")
    other = factories.enterprise(901)
    for changes in (
        {"credit_code": other.credit_code, "name": other.name},
        {"level": "enterprise"},
        TEAM,
    ):
        with pytest.raises(Refused, match="不能更改企业"):
            correct(honour, **changes)
    assert correct(honour, decision="演示工发2021-10号").decision == "演示工发2021-10号"
    office = factories.hat("office")
    criteria = [("演示条件", True, "")]
    with pytest.raises(Refused, match="历年命名"):
        promoting.promote(honour, to="model_worker", criteria=criteria, reason="演示", by=office, now=AFTER)


def test_a_mistaken_entry_leaves_the_registry_and_stays_on_the_record(client):
    honour = enter()
    with pytest.raises(Refused, match="请写明理由"):
        former.withdraw_former(honour, reason=" ", by=factories.hat("office"), now=AFTER)
    former.withdraw_former(honour, reason="演示：文件上没有", by=factories.hat("office"), now=AFTER)
    assert not Honour.objects.exists()
    assert "演示旧号-900" not in client.get("/awards/registry/").content.decode()
    entry = AuditEntry.objects.filter(act="awards.enter_former").latest("pk")
    assert entry.detail["withdrawn"]["number"] == "演示旧号-900" and entry.detail["reason"]
    assert enter().number == "演示旧号-900"


@pytest.mark.parametrize(
    "change",
    [
        lambda honour, by: correct(honour, by, year=2020),
        lambda honour, by: former.withdraw_former(honour, reason="演示", by=by, now=AFTER),
    ],
)
def test_only_its_own_office_and_only_what_was_entered_from_a_paper(change):
    honour = enter()
    for other in (factories.hat("office", "市南区"), factories.hat("auditor"), factories.hat("recommender")):
        with pytest.raises(PermissionDenied):
            change(honour, other)
    office = factories.hat("office")
    with pytest.raises(Refused, match="本系统评选"):
        change(named()[0], office)
    Honour.objects.filter(pk=honour.pk).update(revoked_on=date(2022, 1, 1), revoked_reason="演示")
    with pytest.raises(Refused, match="已经撤销"):
        change(honour, office)


# --- the pages


@pytest.fixture
def office(client):
    hat = factories.hat("office")
    factories.sign_in(client, hat)
    return hat


def page(client, name, *args, **query):
    return client.get(reverse(f"awards:{name}", args=args), query)


def test_an_office_sees_what_it_entered_itself(client, office, django_assert_num_queries):
    nothing = page(client, "former").content.decode()
    assert "还没有登记历年命名" in nothing and "下载空白表" in nothing
    mine = [enter(n, year=2019 + n % 2, named_on=date(2021, 12, 20)) for n in range(900, 904)]
    enter(910, by=factories.hat("office", "市南区"), level="district")
    own = named()[0]
    shown = page(client, "former")
    words = shown.content.decode()
    assert [each.year for each in shown.context["page"]] == [2020, 2020, 2019, 2019]
    assert all(each.number in words for each in mine)
    assert "演示往年企业910（演示）" not in words and own.number not in words
    assert page(client, "former", year=2020).context["page"].paginator.count == 2
    assert page(client, "former", level="district").context["page"].paginator.count == 0
    assert page(client, "former", q="企业903").context["page"].paginator.count == 1
    assert page(client, "former", year="x", level="moon").status_code == 200
    with CaptureQueriesContext(connection) as few:
        page(client, "former")
    for n in range(920, 980):
        enter(n, **(TEAM if n % 2 else {}))
    with django_assert_num_queries(len(few)):
        assert len(page(client, "former").context["page"]) == 50


def test_one_is_entered_and_put_right_by_the_pages(client, office):
    category = Category.objects.get(code="cxbz")
    form = {
        "category": category.pk,
        "level": "city",
        "year": 2021,
        "title": "演示称号",
        "subject": "",
        "name": "演示往年企业（演示）",
        "credit_code": factories.credit_code(900),
        "number": "演示旧号-1",
        "named_on": "2021-12-20",
    }
    refused = client.post(reverse("awards:former_new"), form).content.decode()
    assert "请填写它的名称" in refused and not Honour.objects.exists()
    where = client.post(reverse("awards:former_new"), form | {"subject": "演示一班"}).url
    honour = Honour.objects.get()
    assert where == reverse("awards:honour", args=[honour.pk])
    shown = client.get(where).content.decode()
    assert "更正登记" in shown and "撤回误登记" in shown
    correcting = page(client, "former_correct", honour.pk)
    initial = correcting.context["form"].initial
    assert (initial["subject"], initial["name"], initial["category"]) == (
        "演示一班",
        "演示往年企业（演示）",
        category,
    )
    done = client.post(
        reverse("awards:former_correct", args=[honour.pk]),
        form | {"subject": "演示二班", "reason": "演示"},
        follow=True,
    )
    assert "已更正" in done.content.decode() and "演示二班" in done.content.decode()
    assert "文件上没有这一项命名" in page(client, "former_withdraw", honour.pk).content.decode()
    gone = client.post(reverse("awards:former_withdraw", args=[honour.pk]), {"reason": "演示"}, follow=True)
    assert "已撤回“演示二班”的登记" in gone.content.decode() and not Honour.objects.exists()


def test_what_came_of_an_edition_or_is_anothers_is_not_found_here(client, office):
    other = enter(910, by=factories.hat("office", "市南区"), level="district")
    for honour in (other, named()[0]):
        assert page(client, "former_correct", honour.pk).status_code == 404
        assert page(client, "former_withdraw", honour.pk).status_code == 404

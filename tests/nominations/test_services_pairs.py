"""疑似重复: which pairs an edition shows, what of them, and what the office makes of them."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nominations.models import Enterprise, Nomination, NotSame
from nominations.services import pairs
from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
NAME, NEAR = "青岛海晏电子科技有限公司", "海晏电子科技股份有限公司"


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def office():
    return factories.hat("office")


def nominated(edition, n, name, **options):
    return factories.nomination(edition, factories.enterprise(n, name=name), **options)


def found(edition, by):
    keys = pairs.read_pairs(edition, by=by)
    return [(each.one.name, each.other.name) for each in pairs.pairs_of(edition, keys)]


def test_two_of_an_edition_by_two_unions(edition, office):
    nominated(edition, 1, NAME, contact_phone="19900000001")
    nominated(edition, 2, NEAR, recommender="市北区")
    nominated(edition, 3, "海晏物流有限公司")
    [pair] = pairs.pairs_of(edition, pairs.read_pairs(edition, by=office))
    assert (pair.one.name, pair.other.name) == (NAME, NEAR)
    assert pair.same == [
        "代码中的区划",
        "所属区市",
        "状态",
        "企业性质",
        "所属行业",
        "独立法人",
        "职工人数",
        "联系人",
    ]
    assert pair.differs == ["企业名称", "统一社会信用代码", "推荐单位", "联系电话"]


def test_one_of_the_edition_and_one_registered_elsewhere_shows_no_content_of_others(edition, office, now):
    nominated(edition, 1, NAME)
    district = factories.edition(host="市北区", now=now)
    nominated(district, 2, NEAR, recommender="市北区", contact_phone="19900000009")
    [pair] = pairs.pairs_of(edition, pairs.read_pairs(edition, by=office))
    assert pair.other_nomination is None
    assert [line.title for line in pair.lines if line.other] == [
        *("企业名称", "统一社会信用代码", "代码中的区划", "所属区市"),
    ]


def test_what_is_withdrawn_or_nowhere_in_the_edition_is_no_pair(edition, office):
    nominated(edition, 1, "海晏物流有限公司")
    nominated(edition, 2, NEAR, state="withdrawn")
    Enterprise.objects.create(credit_code=factories.credit_code(3), name=NAME)
    assert found(edition, office) == []


def test_told_apart_with_a_reason_it_is_not_shown_again_in_any_edition_of_the_host(edition, office, now):
    one, other = nominated(edition, 1, NAME), nominated(edition, 2, NEAR)
    keys = {"one": other.enterprise_id, "other": one.enterprise_id}
    with pytest.raises(Refused, match="请写明"):
        pairs.tell_apart(edition, by=office, now=now, reason=" ", **keys)
    pairs.tell_apart(edition, by=office, now=now, reason="法定代表人不同", **keys)
    assert found(edition, office) == []
    with pytest.raises(Refused, match="已由office-city（演示）标记过"):
        pairs.tell_apart(edition, by=office, now=now, reason="再标一次", **keys)
    later = factories.edition(now=now)
    for each in (one, other):
        factories.nomination(later, each.enterprise)
    assert found(later, office) == []
    assert Nomination.objects.count() == 4
    mark = pairs.told_apart(later).get()
    pairs.look_again(mark, later, by=office, now=now)
    assert found(edition, office) == [(NAME, NEAR)]
    with pytest.raises(Refused, match="已经取消"):
        pairs.look_again(mark, edition, by=office, now=now)
    lines = AuditEntry.objects.filter(act__in=("nominations.tell_apart", "nominations.look_again"))
    assert [(line.act.split(".")[1], line.detail["reason"]) for line in lines.order_by("pk")] == [
        ("tell_apart", "法定代表人不同"),
        ("look_again", "法定代表人不同"),
    ]


def test_another_hosts_mark_is_its_own(edition, office, now):
    nominated(edition, 1, NAME)
    district = factories.edition(host="市北区", now=now)
    own = factories.hat("office", "市北区")
    two = nominated(district, 2, NEAR, recommender="市北区").enterprise_id
    one = Enterprise.objects.get(name=NAME).pk
    pairs.tell_apart(district, by=own, now=now, one=one, other=two, reason="演示")
    assert found(district, own) == []
    assert found(edition, office) == [(NAME, NEAR)]
    with pytest.raises(Refused, match="已经取消"):
        pairs.look_again(NotSame.objects.get(), edition, by=office, now=now)


def test_who_may_look_and_who_may_tell(edition, now):
    one, other = nominated(edition, 1, NAME), nominated(edition, 2, NEAR)
    assert found(edition, factories.hat("auditor")) == [(NAME, NEAR)]
    keys = {"one": one.enterprise_id, "other": other.enterprise_id, "reason": "演示"}
    for hat in (factories.hat("office", "市北区"), factories.hat("recommender"), factories.hat("admin")):
        with pytest.raises(PermissionDenied):
            pairs.read_pairs(edition, by=hat)
    for hat in (factories.hat("office", "市北区"), factories.hat("recommender"), factories.hat("auditor")):
        with pytest.raises(PermissionDenied):
            pairs.tell_apart(edition, by=hat, now=now, **keys)


def test_only_enterprises_of_the_edition_are_told_apart_in_it(edition, office, now):
    strangers = [
        Enterprise.objects.create(credit_code=factories.credit_code(n), name=f"演示{n}").pk for n in (7, 8)
    ]
    with pytest.raises(Refused, match="都不在本届"):
        pairs.tell_apart(edition, by=office, now=now, one=strangers[0], other=strangers[1], reason="演示")
    with pytest.raises(Refused, match="没有找到"):
        pairs.tell_apart(edition, by=office, now=now, one=strangers[0], other=strangers[0], reason="演示")


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_at_once_leave_one_mark(now):
    edition, office = factories.edition(now=now), factories.hat("office")
    keys = [nominated(edition, n, name).enterprise_id for n, name in ((1, NAME), (2, NEAR))]
    start, outcomes = Barrier(2), []

    def mark():
        try:
            start.wait()
            pairs.tell_apart(edition, by=office, now=now, one=keys[0], other=keys[1], reason="演示")
            outcomes.append("in")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=mark) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "refused"]
    assert NotSame.objects.count() == 1


def test_as_many_queries_for_many_pairs_as_for_one(edition, office):
    def asked():
        with CaptureQueriesContext(connection) as caught:
            assert pairs.pairs_of(edition, pairs.read_pairs(edition, by=office))
        return len(caught)

    nominated(edition, 1, NAME)
    nominated(edition, 2, NEAR)
    few = asked()
    for n in range(3, 40):
        nominated(edition, n, f"{NAME}{'东南西北'[n % 4]}{n}分公司")
    assert len(found(edition, office)) > 100
    assert asked() == few

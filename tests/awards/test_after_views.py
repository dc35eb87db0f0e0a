"""The pages after the inspection: who opens them, what they say, how many queries they take."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from awards.models import Honour, Notice, Objection
from awards.sections import sections
from awards.services import handling, lodging, naming, publishing
from awards.todos import todos
from nominations.states import State
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.stage import AFTER, PUBLISHING, at_rank, ids, office_of, published, visited
from tests.awards.test_publishing import find, upheld

pytestmark = pytest.mark.django_db

DURING = PUBLISHING + timedelta(days=1)
SECRET = {"name": "演示反映人甲", "contact": "演示地址 19911112222", "unit": "演示反映单位"}


@pytest.fixture
def clock(monkeypatch):
    """The moment at which pages are asked for; the office has confirmed 2026 in the calendar."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(DURING)
    return set_to


@pytest.fixture(autouse=True)
def _fresh(clock):
    """Pages are asked for in the middle of the period unless a test says otherwise; no knock counts yet."""
    cache.clear()


def get(client, name, *args, hat=None, **options):
    if hat:
        make.sign_in(client, hat)
    return client.get(reverse(f"awards:{name}", args=args), **options)


def post(client, name, *args, hat=None, data=None, **options):
    if hat:
        make.sign_in(client, hat)
    return client.post(reverse(f"awards:{name}", args=args), data or {}, **options)


def lodged(notice, rank=1):
    return lodging.lodge_objection(
        notice, at_rank(notice.edition, rank), grounds="演示事实", **SECRET, by=make.hat("public"), now=DURING
    )


def named(**fields):
    edition = published(**fields).edition
    naming.name_winners(edition, decision="演示1号", by=office_of(edition), now=AFTER)
    return edition


# Who opens what.

EDITION_PAGES = ("publicity", "objections", "honours", "honours_export", "grants_export")


@pytest.mark.parametrize("name", EDITION_PAGES)
def test_pages_of_an_edition_are_for_its_office_and_the_auditor(client, name):
    edition = named()
    for worn, status in (
        (make.hat("office"), 200),
        (make.hat("auditor"), 200),
        (make.hat("recommender"), 403),
        (make.hat("expert"), 403),
        (make.hat("inspector"), 403),
        (make.hat("department"), 403),
        (make.hat("office", "市南区"), 404),
    ):
        assert get(client, name, edition.pk, hat=worn).status_code == status, (name, worn)
    client.logout()
    answer = get(client, name, edition.pk)
    assert answer.status_code == 302 and "/accounts/login/" in answer.url


@pytest.mark.parametrize("name", ["publish_notice", "publish_replacement", "name"])
def test_acts_of_an_edition_are_for_its_office_alone(client, name):
    edition = visited()
    for worn, status in (
        (make.hat("auditor"), 403),
        (make.hat("recommender"), 403),
        (make.hat("office", "市南区"), 404),
    ):
        assert get(client, name, edition.pk, hat=worn).status_code == status, (name, worn)
        assert post(client, name, edition.pk, hat=worn).status_code == status, (name, worn)
    client.logout()
    assert "/accounts/login/" in get(client, name, edition.pk).url
    assert not Notice.objects.exists() and not Honour.objects.exists()


def test_a_citys_office_looks_into_a_districts_publicity_but_does_not_act(client):
    edition = published(host="市南区").edition
    assert get(client, "publicity", edition.pk, hat=make.hat("office")).status_code == 403
    assert get(client, "publicity", edition.pk, hat=make.hat("office", "市南区")).status_code == 200
    assert get(client, "publicity", edition.pk, hat=make.hat("office", "市北区")).status_code == 404


PUBLIC_PAGES = ("notice", "notice_document", "notice_export", "object")


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_the_public_reads_a_notice_without_signing_in(client, name):
    assert get(client, name, published().pk).status_code == 200
    assert get(client, name, 987654).status_code == 404


# Publishing.


def test_the_proposal_names_who_is_in_and_who_waits(client):
    edition = visited((1, 2, 3), failed=(2,), seats=1)
    page = get(client, "publicity", edition.pk, hat=office_of(edition)).content.decode()
    assert at_rank(edition, 1).subject_name in page and at_rank(edition, 3).subject_name in page
    assert at_rank(edition, 2).subject_name not in page
    assert page.count(" checked") == 1


def test_before_the_visits_are_closed_the_page_says_so(client):
    edition = visited(close=False)
    page = get(client, "publicity", edition.pk, hat=office_of(edition)).content.decode()
    assert "考察还没有全部完成" in page and "下一步" not in page


def test_publishing_is_confirmed_with_names_and_last_day_and_a_doubled_click_leaves_one_list(client, clock):
    clock(PUBLISHING)
    edition = visited()
    office, chosen = office_of(edition), ids(edition, 1, 2)
    confirm = get(client, "publish_notice", edition.pk, hat=office, data={"chosen": chosen}).content.decode()
    assert "公示这 2 家" in confirm and "2026年10月9日 (周五) 24:00止" in confirm
    for rank in (1, 2, 3):
        assert at_rank(edition, rank).subject_name in confirm
    assert not Notice.objects.exists()
    for _click in range(2):
        answer = post(client, "publish_notice", edition.pk, data={"chosen": chosen})
        assert answer.url == reverse("awards:publicity", args=[edition.pk])
    assert Notice.objects.count() == 1
    assert Notice.objects.get().ends_on == date(2026, 10, 9)


def test_departing_asks_for_a_reason_and_a_minute_and_keeps_what_was_typed(client, clock):
    clock(PUBLISHING)
    edition = visited()
    data = {"chosen": ids(edition, 1, 3), "departs": "演示的理由"}
    make.sign_in(client, office_of(edition))
    page = post(client, "publish_notice", edition.pk, data=data)
    assert page.status_code == 200 and "演示的理由" in page.content.decode()
    assert "minute" in page.context["form"].errors
    assert not Notice.objects.exists()
    data |= {"minute": "演示纪要1号"}
    assert post(client, "publish_notice", edition.pk, data=data).status_code == 302
    assert Notice.objects.get().departs == "演示的理由"


def test_who_was_not_looked_up_in_time_is_not_published_and_the_page_leads_to_the_look_ups(client, clock):
    clock(PUBLISHING)
    edition = visited()
    find(at_rank(edition, 1), date(2026, 7, 1))
    make.sign_in(client, office_of(edition))
    data = {"chosen": ids(edition, 1, 2)}
    page = post(client, "publish_notice", edition.pk, data=data).content.decode()
    assert "暂不能公示" in page and "有效期到 2026年7月1日" in page
    assert reverse("awards:looks", args=[edition.pk]) in page and not Notice.objects.exists()
    given = {
        "nominations": ids(edition, 1, 2),
        "items": ["abnormal"],
        "looked_up_on": "2026-09-24",
        "source": "演示公示系统",
        "clear": "yes",
    }
    assert post(client, "looks", edition.pk, data=given).status_code == 302
    assert post(client, "publish_notice", edition.pk, data=data).status_code == 302
    assert Notice.objects.get().in_force


def test_a_replacement_is_offered_and_published_from_the_page(client, clock):
    notice = published()
    edition = notice.edition
    upheld(notice, 1)
    office = office_of(edition)
    assert "空出 1 个名额" in get(client, "publicity", edition.pk, hat=office).content.decode()
    clock(PUBLISHING + timedelta(days=4))
    data = {"chosen": ids(edition, 3)}
    assert post(client, "publish_replacement", edition.pk, hat=office, data=data).status_code == 302
    assert Notice.objects.get(kind="replacement").ends_on == date(2026, 10, 10)


# The public notice.


def test_the_notice_says_who_until_when_and_how_and_nothing_personal(client, clock):
    notice = published(contact_phone="0532-00000000")
    page = get(client, "notice", notice.pk).content.decode()
    for rank in (1, 2):
        assert at_rank(notice.edition, rank).subject_name in page
    assert at_rank(notice.edition, 3).subject_name not in page
    assert "还有 14 天 14 小时" in page  # 25 September 10:00 to 10 October 00:00
    assert "0532-00000000" in page and "提出异议" in page
    assert "演示联系人" not in page and "19900000000" not in page
    clock(AFTER)
    page = get(client, "notice", notice.pk).content.decode()
    assert "公示期已满" in page and reverse("awards:object", args=[notice.pk]) not in page


def test_a_list_of_a_notice_takes_a_constant_number_of_queries(client, django_assert_max_num_queries):
    notice = published((1, 2, 3, 4, 5, 6), chosen=(1, 2, 3, 4, 5, 6), seats=6, nominees=8)
    make.sign_in(client, office_of(notice.edition))
    with django_assert_max_num_queries(9):
        client.get(reverse("awards:notice", args=[notice.pk]))
    with django_assert_max_num_queries(42):
        client.get(reverse("awards:publicity", args=[notice.edition_id]))


# Objections.

ANSWERS = SECRET | {"of_unit": "person", "grounds": "演示事实和理由", "agreed": "on"}


def test_an_objection_from_the_form_to_the_answer(client, clock):
    notice = published()
    data = ANSWERS | {"nomination": at_rank(notice.edition, 1).pk}
    done = post(client, "object", notice.pk, data=data)
    one = Objection.objects.get()
    code = done.context["lodged"].code
    assert one.number in done.content.decode() and code in done.content.decode()
    assert "no-store" in done["Cache-Control"]

    office = office_of(notice.edition)
    page = get(client, "objection", one.pk, hat=office).content.decode()
    assert "演示事实和理由" in page and SECRET["name"] not in page
    assert post(client, "objection_person", one.pk).status_code == 403

    post(client, "objection", one.pk, data={"accept": "yes"})
    shown = post(client, "objection_person", one.pk).content.decode()
    assert SECRET["name"] in shown and SECRET["contact"] in shown
    assert AuditEntry.objects.filter(act="awards.read_objector").count() == 1
    decide = {"upheld": "yes", "decision": "经核查属实", "public_outcome": "申报材料不实"}
    confirm = post(client, "objection", one.pk, data=decide)
    assert "认定异议成立" in confirm.content.decode()
    assert at_rank(notice.edition, 1).state == State.PUBLICITY
    assert post(client, "objection", one.pk, data=decide | {"confirmed": "1"}).status_code == 302
    assert at_rank(notice.edition, 1).state == State.REJECTED
    post(client, "objection", one.pk, data={"answer": "感谢您的反映（演示）"})
    client.logout()

    status = post(client, "objection_status", data={"number": one.number, "code": code}).content.decode()
    assert "感谢您的反映（演示）" in status and "申报材料不实" in status
    wrong = post(client, "objection_status", data={"number": one.number, "code": "WRONG222"})
    assert "没有找到" in wrong.content.decode() and "申报材料不实" not in wrong.content.decode()
    assert "申报材料不实" in get(client, "notice", notice.pk).content.decode()


def test_whoever_is_signed_in_objects_as_a_citizen(client):
    notice = published()
    make.sign_in(client, make.hat("recommender"))
    data = ANSWERS | {"nomination": at_rank(notice.edition, 1).pk}
    assert post(client, "object", notice.pk, data=data).status_code == 200
    line = AuditEntry.objects.get(act="awards.lodge_objection")
    assert line.role == "public" and line.actor == make.hat("public").user


def test_what_was_typed_is_kept_when_something_is_missing(client):
    notice = published()
    page = post(client, "object", notice.pk, data=ANSWERS)
    assert "nomination" in page.context["form"].errors
    assert "演示事实和理由" in page.content.decode()
    assert not Objection.objects.exists()


def test_after_the_period_the_form_says_so_and_takes_nothing(client, clock):
    notice = published()
    clock(AFTER)
    data = ANSWERS | {"nomination": at_rank(notice.edition, 1).pk}
    assert "公示期已满" in post(client, "object", notice.pk, data=data).content.decode()
    assert not Objection.objects.exists()


def test_too_many_from_one_address_are_turned_away(client):
    notice = published()
    data = ANSWERS | {"nomination": at_rank(notice.edition, 1).pk}
    for _time in range(6):
        post(client, "object", notice.pk, data=data)
    assert "过于频繁" in post(client, "object", notice.pk, data=data).content.decode()
    assert Objection.objects.count() == 6


def test_who_reads_an_objection(client):
    one = lodged(published()).objection
    for worn, status in (
        (make.hat("office"), 200),
        (make.hat("auditor"), 200),
        (make.hat("office", "市南区"), 404),
        (make.hat("recommender"), 404),
        (make.hat("applicant"), 404),
    ):
        assert get(client, "objection", one.pk, hat=worn).status_code == status, worn
    page = get(client, "objection", one.pk, hat=make.hat("auditor")).content.decode()
    assert not any(value in page for value in SECRET.values()) and "查看异议人信息" not in page
    assert "演示事实" not in page
    for name in ("objection_person", "objection_letter", "objection_enterprise_letter"):
        assert post(client, name, one.pk, hat=make.hat("auditor")).status_code == 403
        assert post(client, name, one.pk, hat=make.hat("office", "市南区")).status_code == 404
        assert get(client, name, one.pk, hat=make.hat("office")).status_code == 405
    assert (
        post(client, "objection", one.pk, hat=make.hat("auditor"), data={"accept": "yes"}).status_code == 403
    )
    assert not AuditEntry.objects.filter(act__in=("awards.read_objector", "awards.read_evidence")).exists()


# Naming and what follows.


def test_naming_from_the_page_with_the_medal_persons(client, clock):
    edition = published().edition
    office = office_of(edition)
    page = get(client, "name", edition.pk, hat=office).content.decode()
    assert "暂不能命名" in page and "2026年10月9日" in page
    clock(AFTER)
    assert "命名这 2 家" in get(client, "name", edition.pk, hat=office).content.decode()
    first, second = ids(edition, 1, 2)
    data = {"decision": "演示1号", "chosen": [first, second], f"position_{first}": "董事长"}
    page = post(client, "name", edition.pk, data=data)
    assert f"name_{first}" in page.context["form"].errors and not Honour.objects.exists()
    data |= {f"name_{first}": "演示人选", f"office_{first}": "head"}
    for _click in range(2):
        post(client, "name", edition.pk, data=data)
    assert list(Honour.objects.order_by("number").values_list("nomination", "medal_name")) == [
        (first, "演示人选"),
        (second, ""),
    ]
    page = get(client, "honours", edition.pk).content.decode()
    assert "2026-QYCX-01" in page and reverse("nominations:conclude", args=[edition.pk]) in page


def test_stale_exclusions_hold_up_the_naming_and_lead_to_the_look_ups(client, clock):
    edition = visited()
    find(at_rank(edition, 1), date(2026, 10, 1))
    publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office_of(edition), now=PUBLISHING)
    clock(AFTER)
    page = get(client, "name", edition.pk, hat=office_of(edition)).content.decode()
    assert "这次不命名，继续公示" in page and "有效期到 2026年10月1日" in page
    assert reverse("awards:looks", args=[edition.pk]) in page
    post(client, "name", edition.pk, data={"decision": "演示1号", "chosen": ids(edition, 1, 2)})
    assert not Honour.objects.exists()


@pytest.mark.parametrize("name", ["honour_medal", "honour_revoke"])
def test_who_changes_an_honour(client, name):
    named()
    honour = Honour.objects.first()
    for worn, status in (
        (make.hat("office"), 200),
        (make.hat("auditor"), 403),
        (make.hat("office", "市南区"), 404),
        (make.hat("recommender"), 404),
    ):
        assert get(client, name, honour.pk, hat=worn).status_code == status, worn


def test_medal_flags_and_revocation_from_the_pages(client, clock):
    clock(AFTER)
    edition = named()
    honour = Honour.objects.get(number="2026-QYCX-01")
    make.sign_in(client, office_of(edition))
    post(client, "honour_medal", honour.pk, data={"name": "演示人选", "office": "head", "position": "董事长"})
    lines = {f"met_{number}": "on" for number in range(3)}
    post(client, "promote", honour.pk, "province", data={**lines, "reason": "演示理由"})
    assert Honour.objects.get(pk=honour.pk).to_province
    post(client, "honour_revoke", honour.pk, data={"reason": "演示：弄虚作假"})
    assert not Honour.objects.get(pk=honour.pk).revoked_on
    post(client, "honour_revoke", honour.pk, data={"reason": "演示：弄虚作假", "minute": "演示纪要1号"})
    honour.refresh_from_db()
    assert (honour.medal_name, honour.to_province, honour.revoked_reason) == (
        "演示人选",
        False,
        "演示：弄虚作假",
    )
    client.logout()
    page = get(client, "registry").content.decode()
    assert "已撤销" in page and "演示：弄虚作假" in page and "演示人选" not in page


def test_the_registry_is_public_searchable_and_even(client, django_assert_num_queries):
    named()
    named(host="市南区")
    everything = get(client, "registry")
    assert everything.context["page"].paginator.count == 4
    assert get(client, "registry", data={"level": "district"}).context["page"].paginator.count == 2
    assert get(client, "registry", data={"q": "2026-qycx-02"}).context["page"].paginator.count == 1
    name = Honour.objects.first().enterprise.name
    assert get(client, "registry", data={"q": name}).context["page"].paginator.count == 1
    assert get(client, "registry", data={"year": 2020}).context["page"].paginator.count == 0
    assert get(client, "registry", data={"district": "市南区"}).context["page"].paginator.count == 4
    assert get(client, "registry", data={"level": "nonsense", "year": "x"}).status_code == 200
    # What was found a moment ago is answered from the shelf.
    with django_assert_num_queries(0):
        get(client, "registry")


# What waits, and the record page.


def test_the_office_sees_what_waits_at_each_point():
    edition = visited()
    office = office_of(edition)

    def verbs(moment):
        return sorted(line.verb for line in todos(office, now=moment))

    assert verbs(PUBLISHING) == ["发布公示"]
    notice = publishing.publish_notice(edition, chosen=ids(edition, 1, 2), by=office, now=PUBLISHING)
    assert verbs(DURING) == ["公示期满后命名"]
    one = lodged(notice).objection
    assert verbs(AFTER) == ["审查异议"]
    handling.accept_objection(one, by=office, now=DURING)
    assert verbs(AFTER) == ["核查异议"]
    handling.decide_objection(
        one, upheld=True, decision="属实", public_outcome="演示结果", by=office, now=DURING
    )
    # While it is not answered, nobody of the edition is named.
    assert verbs(AFTER) == sorted(["递补公示", "答复异议"])
    handling.answer_objection(one, answer="演示答复", by=office, now=DURING)
    publishing.publish_replacement(edition, chosen=ids(edition, 3), by=office, now=DURING)
    assert verbs(DURING) == ["公示期满后命名"]
    naming.name_winners(edition, decision="演示1号", by=office, now=AFTER)
    assert verbs(AFTER) == []
    assert todos(make.hat("office", "市南区"), now=AFTER) == []


def test_what_waits_takes_a_constant_number_of_queries(django_assert_num_queries):
    lodged(published())
    office = make.hat("office")
    with django_assert_num_queries(15):
        todos(office, now=DURING)
    lodged(published())
    visited()
    with django_assert_num_queries(15):
        todos(office, now=DURING)


def test_the_record_page_tells_of_objections_only_to_the_office_and_the_auditor():
    notice = published()
    lodged(notice)
    subject = at_rank(notice.edition, 1)
    assert len(dict(sections(make.hat("office"), subject))["awards/_after.html"]["objections"]) == 1
    assert dict(sections(make.hat("recommender"), subject))["awards/_after.html"]["objections"] == []
    assert "awards/_after.html" not in dict(sections(make.hat("office"), at_rank(notice.edition, 3)))

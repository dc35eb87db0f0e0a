"""Quotas: who sets them, why, from what to what; by hand and from a workbook."""

import io
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from openpyxl import Workbook, load_workbook

from nominations.models import Quota
from nominations.services import quotas
from nominations.services.quotas import QuotaChange, read_quotas, set_quota, set_quotas
from portal.errors import Refused
from portal.models import AuditEntry
from portal.workbook import WorkbookRefused
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(now):
    return factories.edition(now=now)


@pytest.fixture
def office():
    return factories.hat("office")


@pytest.fixture
def shinan():
    return factories.district("市南区")


@pytest.fixture
def shibei():
    return factories.district("市北区")


def book(*rows, heads=("推荐单位", "推荐名额", "备注")):
    made = Workbook()
    for row in (heads, *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def numbers(edition):
    return dict(edition.quotas.values_list("organisation__division_name", "number"))


def test_the_first_setting_needs_no_reason_and_every_later_one_does(edition, office, shinan, now):
    set_quotas(edition, {shinan: 3}, by=office, now=now)
    with pytest.raises(Refused, match="“市南区总工会”已设的名额需要写明理由"):
        set_quotas(edition, {shinan: 4}, by=office, now=now, reason="  ")
    set_quotas(edition, {shinan: 4}, by=office, now=now, reason="委员会第二次会议")
    with pytest.raises(Refused, match="理由"):
        set_quotas(edition, {shinan: None}, by=office, now=now)
    set_quotas(edition, {shinan: None}, by=office, now=now, reason="不再限额")
    assert numbers(edition) == {}
    lines = [
        (each.actor_name, each.at, each.detail["before"], each.detail["after"], each.detail["reason"])
        for each in quotas.quota_history(edition)
    ]
    who = str(office.user)
    assert lines == [
        (who, now, 4, None, "不再限额"),
        (who, now, 3, 4, "委员会第二次会议"),
        (who, now, None, 3, ""),
    ]


def test_one_that_is_refused_leaves_all_as_they_were(edition, office, shinan, shibei, now):
    factories.nomination(edition, 1, state="screening", union_founded_on="2010-05-01", recommender=shibei)
    from nominations.models import Nomination, Recommendation

    Recommendation.objects.create(
        nomination=Nomination.objects.get(),
        opinion="同意",
        recommended_at=now,
        recommended_by=factories.hat("recommender", shibei),
    )
    with pytest.raises(Refused, match="“市北区总工会”已推荐 1 家，名额不能少于 1 家"):
        set_quotas(edition, {shinan: 5, shibei: 0}, by=office, now=now)
    assert numbers(edition) == {}


def test_a_number_that_moved_meanwhile_refuses_everything(edition, office, shinan, shibei, now):
    set_quota(edition, shinan, 3, by=office, now=now)
    shown = {shinan: 3, shibei: None}
    set_quota(edition, shinan, 5, by=office, now=now, reason="另一人")
    with pytest.raises(Refused, match="“市南区总工会”的名额刚刚改为 5"):
        set_quotas(edition, {shinan: 4, shibei: 2}, by=office, now=now, reason="本人", shown=shown)
    assert numbers(edition) == {"市南区": 5}
    # Only what is changed is compared: another's number elsewhere is nobody's loss.
    set_quotas(edition, {shibei: 2}, by=office, now=now, shown=shown)
    assert numbers(edition) == {"市南区": 5, "市北区": 2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [None, 3])
def test_of_two_at_once_one_is_refused(first, now):
    edition, office, unit = factories.edition(now=now), factories.hat("office"), factories.district()
    if first is not None:
        set_quota(edition, unit, first, by=office, now=now)
    start, outcomes = Barrier(2), []

    def change(number):
        try:
            start.wait()
            set_quotas(edition, {unit: number}, by=office, now=now, reason="演示", shown={unit: first})
            outcomes.append("in")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=change, args=(number,)) for number in (7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "refused"]
    assert Quota.objects.get().number in (7, 8)
    assert AuditEntry.objects.filter(act="nominations.set_quota").count() == (1 if first is None else 2)


def test_a_workbook_is_read_as_what_it_would_change(edition, office, shinan, shibei, now):
    set_quota(edition, shinan, 3, by=office, now=now)
    set_quota(edition, shibei, 2, by=office, now=now)
    laoshan = factories.district("崂山区")
    file = book(
        ("市南区总工会", "\uff14", "委员会第二次会议"),
        ("市北区总工会 ", 2, "没有变化"),
        ("崂山区总工会", 1, None),
        ("李沧区总工会", None, "空着的不动"),
    )
    assert read_quotas(edition, file, by=office) == [
        QuotaChange(shinan, 3, 4, "委员会第二次会议"),
        QuotaChange(laoshan, None, 1, ""),
    ]
    assert numbers(edition) == {"市南区": 3, "市北区": 2}


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        ([("蓬莱岛总工会（演示）", 3, "")], (2, "推荐单位"), "不是这一届的推荐单位"),
        ([("", 3, "")], (2, "推荐单位"), "没有填写"),
        ([("市南区总工会", "三", "")], (2, "推荐名额"), "“三”"),
        ([("市南区总工会", -1, "")], (2, "推荐名额"), "0"),
        ([("市南区总工会", 1000, "")], (2, "推荐名额"), "999"),
        ([("市南区总工会", 2.5, "")], (2, "推荐名额"), "整数"),
        ([("市南区总工会", 3, ""), ("市南区总工会", 4, "")], (3, "推荐单位"), "与第 2 行是同一个单位"),
    ],
)
def test_a_wrong_cell_refuses_the_file_and_says_where(edition, office, rows, place, words):
    with pytest.raises(WorkbookRefused) as refusal:
        read_quotas(edition, book(*rows), by=office)
    [error] = refusal.value.errors
    assert (error.row, error.column_name) == place
    assert words in str(error)
    assert not Quota.objects.exists()


def test_the_same_union_written_twice_in_two_ways(edition, office, shinan):
    with pytest.raises(WorkbookRefused, match="是同一个单位“市南区总工会”"):
        read_quotas(edition, book((shinan.name, 3, ""), (f" {shinan.name}", 4, "")), by=office)


def test_the_form_holds_every_union_with_its_number_and_reads_back_as_no_change(edition, office, shinan, now):
    set_quota(edition, shinan, 3, by=office, now=now)
    out = io.BytesIO()
    quotas.write_quotas(edition, out, by=office)
    sheet = load_workbook(io.BytesIO(out.getvalue())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0] == ["推荐单位", "推荐名额", "备注"]
    listed = {row[0]: row[1] for row in rows[1:] if row[0] and "：" not in row[0]}
    assert set(listed) == {line.organisation.name for line in quotas.quota_lines(edition)}
    assert listed["市南区总工会"] == 3
    assert read_quotas(edition, out.getvalue(), by=office) == []


def test_another_office_and_every_other_role_are_refused(edition, shinan, now):
    for hat in (
        factories.hat("office", "市北区"),
        factories.hat("recommender"),
        factories.hat("auditor"),
        factories.hat("admin"),
    ):
        with pytest.raises(PermissionDenied):
            set_quotas(edition, {shinan: 3}, by=hat, now=now)
        with pytest.raises(PermissionDenied):
            read_quotas(edition, book(("市南区总工会", 3, "")), by=hat)
        with pytest.raises(PermissionDenied):
            quotas.write_quotas(edition, io.BytesIO(), by=hat)

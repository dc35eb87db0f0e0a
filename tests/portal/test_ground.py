"""The ground: what is laid, that laying twice adds nothing, that an operator's change stays."""

import json

import pytest
from django.conf import settings
from django.core.management import call_command
from stdnum.cn import uscc

from nominations.models import Category
from portal.ground import lay
from portal.models import AuditEntry, CalendarYear, Membership, Organisation
from portal.workbook import same_name
from tests import factories as make

pytestmark = pytest.mark.django_db

DISTRICTS = {
    "370202": ("市南区", "市南区总工会"),
    "370203": ("市北区", "市北区总工会"),
    "370211": ("黄岛区", "青岛西海岸新区总工会"),
    "370212": ("崂山区", "崂山区总工会"),
    "370213": ("李沧区", "李沧区总工会"),
    "370214": ("城阳区", "城阳区总工会"),
    "370215": ("即墨区", "即墨区总工会"),
    "370281": ("胶州市", "胶州市总工会"),
    "370283": ("平度市", "平度市总工会"),
    "370285": ("莱西市", "莱西市总工会"),
}


def test_the_ten_districts_with_their_codes(now):
    lay(now)
    rows = Organisation.objects.filter(kind="district").select_related("parent")
    assert {row.division_code: (row.division_name, row.name) for row in rows} == DISTRICTS
    assert {row.parent.code for row in rows} == {"city"}


def test_a_zone_has_no_invented_division_code(now):
    lay(now)
    zones = Organisation.objects.filter(kind="zone")
    assert zones.filter(name="青岛高新区总工会").exists()
    assert set(zones.values_list("division_code", flat=True)) == {""}


def test_committee_departments_and_consultees(now):
    lay(now)
    assert list(Organisation.objects.filter(kind="department").values_list("name", flat=True)) == [
        *("市总工会", "市工商联", "市发展改革委", "市教育局"),
        *("市科技局", "市工业和信息化局", "市国资委", "市市场监管局"),
    ]
    assert set(Organisation.objects.filter(kind="consultee").values_list("name", flat=True)) == {
        *("市应急管理局", "市生态环境局", "市税务局", "市人力资源社会保障局", "市公安局")
    }
    assert Organisation.objects.filter(kind__in=("panel", "team")).count() == 2


def test_every_recommender_and_department_of_the_sample_is_known(now):
    from openpyxl import load_workbook

    lay(now)
    names = list(Organisation.objects.values_list("name", flat=True))
    for book in ("推荐汇总表", "部门意见"):
        path = settings.BASE_DIR / "fixtures" / "sample" / f"{book}.xlsx"
        sheet = load_workbook(path, read_only=True).active
        used = {row[1] for row in sheet.iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)}
        assert len(used) >= 10
        for name in used:
            assert any(same_name(name, known) for known in names), name


def test_laying_twice_adds_nothing_and_keeps_what_an_operator_changed(now):
    first = lay(now)
    assert first["organisations"] == Organisation.objects.count() > 25
    Organisation.objects.filter(code="370202").update(short_name="市南")
    CalendarYear.objects.filter(year=2026).update(provisional=True)
    assert lay(now) == {
        "organisations": 0,
        "categories": 0,
        "calendar_years": 0,
        "indicator_systems": 0,
    }
    assert Organisation.objects.get(code="370202").short_name == "市南"
    assert CalendarYear.objects.get(year=2026).provisional
    assert AuditEntry.objects.filter(act="portal.lay_ground").count() == 1


def test_what_was_lost_is_laid_again(now):
    lay(now)
    Organisation.objects.filter(code="370285").delete()
    assert lay(now)["organisations"] == 1
    assert Organisation.objects.get(code="370285").parent.code == "city"


def test_production_gets_no_demo_organisation(now):
    lay(now, demo=False)
    assert not Organisation.objects.filter(name__contains="演示").exists()


def test_the_published_years_are_there(now):
    lay(now)
    files = sorted((settings.BASE_DIR / "fixtures" / "calendar").glob("*.json"))
    assert list(CalendarYear.objects.values_list("year", flat=True)) == [int(path.stem) for path in files]
    assert Category.objects.get(code="qycx").name == "全员创新企业"
    assert Membership.objects.filter(role__in=("system", "public")).count() == 2


def test_the_command_says_what_it_added(capsys):
    call_command("ground")
    assert "3 calendar_years" in capsys.readouterr().out
    call_command("ground")
    assert "0 organisations, 0 categories, 0 calendar_years" in capsys.readouterr().out


def test_the_fixture_has_no_code_twice():
    rows = json.loads((settings.BASE_DIR / "fixtures" / "organisations.json").read_text("utf-8"))
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))


def test_fictional_enterprises_have_right_credit_codes():
    assert all(uscc.is_valid(make.credit_code(n)) for n in range(200))


@pytest.mark.parametrize(
    "state",
    [
        *("draft", "recommendation", "screening", "review", "voting"),
        *("inspection", "publicity", "named", "rejected", "withdrawn"),
    ],
)
def test_a_nomination_comes_to_any_state(state):
    edition = make.edition()
    made = make.nomination(edition, 1, state=state)
    made.refresh_from_db()
    assert made.state == state

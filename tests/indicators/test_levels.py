"""Three levels seen together: which naming counts where, what is lacking, and who sees what is not public."""

import io
from datetime import date, timedelta
from fractions import Fraction as F

import openpyxl
import pytest
from django.urls import reverse

from indicators import rules
from indicators.models import Agreement, Guidance, Indicator, Target
from indicators.services import levels
from indicators.services.tables import write_levels
from nominations.models import Category
from tests import factories as make
from tests.moments import NOW

pytestmark = pytest.mark.django_db
SOUTH, NORTH = "市南区", "市北区"


def named(n, level="district", host=SOUTH, year=2026, *, firm=None, **fields):
    place = make.organisation(host)
    fields = {"number": f"演示{n}", "named_on": date(year, 6, 1)} | fields
    return make.honour(
        firm or make.enterprise(n),
        host=place,
        level=level,
        year=year,
        named_by=make.hat("office", place),
        **fields,
    )


@pytest.fixture
def city():
    return make.city()


@pytest.fixture
def honours(city):
    for n in range(1, 13):
        named(n)
    for n in range(13, 15):
        named(n, host=NORTH)
    named(16, year=2025)
    named(17, revoked_on=date(2026, 9, 1), revoked_reason="演示")
    # Two of the paper that the city's office entered: one of a district, one of a place that is none.
    named(15, host="city", namer=make.organisation(NORTH).name)
    named(18, host="city", namer="演示区总工会")
    named(19, "enterprise")
    named(20, "city", "city", firm=make.enterprise(1), number="演示市1")
    named(21, "city", "city", firm=make.enterprise(2), number="演示市2", named_on=date(2026, 1, 1))
    named(22, "province", "city")


def board(*, category=None, year=2026, hat=None):
    host = make.city()
    category = category or levels.categories_of(host)[0]
    return levels.levels_of(host, category, year=year, this_year=2026, hat=hat or make.hat("office"))


def row_of(found, name):
    return next(row for row in [*found.rows, *found.sums] if row.name == name)


@pytest.mark.parametrize(
    ("name", "last_year", "this_year", "aim", "lacking"),
    [
        (SOUTH, 1, 12, F(10), 0),
        (NORTH, 0, 3, F(10), 7),
        ("崂山区", 0, 0, F(10), 10),
        ("区市以外的单位", 0, 1, None, None),
        ("区市级合计", 1, 16, None, None),
        ("企业级", 0, 1, None, None),
        ("市级", 0, 2, F(10), 8),
        ("各级合计", 1, 19, F(100), 81),
    ],
)
def test_what_counts_where(honours, name, last_year, this_year, aim, lacking):
    row = row_of(board(), name)
    cell = row.in_year(2026)
    assert (row.in_year(2025).named, cell.named, cell.aim, cell.lacking) == (
        last_year,
        this_year,
        aim,
        lacking,
    )


def test_the_year_looked_at(honours):
    found = board()
    assert found.years == [2021, 2022, 2023, 2024, 2025, 2026]
    assert found.there == 1 and found.first == 2025
    south, north = found.districts[0], found.districts[1]
    # Enterprise 1 was named by the city afterwards; 2 was before, so it did not go on from here.
    assert (south.unit.division_name, south.of_enterprises, south.went_on) == (SOUTH, 1, 1)
    assert (north.cell.named, north.went_on) == (3, 0)
    assert board(year=2019).years == [2014, 2015, 2016, 2017, 2018, 2019]


def test_a_target_of_a_year_goes_before_that_of_every_year(honours):
    each = Indicator.objects.get(system__code="qingdao-2020", fill="district_year")
    Target.objects.create(indicator=each, year=2026, value=12)
    cells = row_of(board(), SOUTH).cells
    assert [cell.aim for cell in cells][-2:] == [F(10), F(12)] and cells[-1].reached


def test_another_category_has_no_targets_of_this_one(honours):
    other = Category.objects.create(code="yanshi", name="演示类别", subject="result", position=9)
    named(40, host=SOUTH, category=other, subject_key="k", subject_name="演示成果")
    assert [each.code for each in levels.categories_of(make.city())] == ["qycx", "yanshi"]
    found = board(category=other)
    assert (row_of(found, SOUTH).in_year(2026).named, row_of(found, SOUTH).in_year(2026).aim) == (1, None)
    assert found.there == 0 and row_of(board(), SOUTH).in_year(2026).named == 12
    both = levels.levels_of(make.city(), None, year=2026, this_year=2026, hat=make.hat())
    assert row_of(both, SOUTH).in_year(2026).named == 13


def test_a_rehearsal_is_not_counted(city):
    edition = make.edition(host=SOUTH, published=False)
    firm = make.enterprise(1)
    named(1, firm=firm, nomination=make.nomination(edition, firm))
    assert row_of(board(), SOUTH).in_year(2026).named == 0


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({"level": "district", "scope": SOUTH, "year": 2026}, 12),
        ({"level": "district", "scope": NORTH, "year": 2026}, 3),
        ({"level": "district", "scope": "others", "year": 2026}, 1),
        ({"level": "enterprise", "year": 2026}, 1),
        ({"year": 2026}, 19),
        ({}, 20),
        ({"scope": SOUTH, "level": "district", "went_on": True}, 1),
    ],
)
def test_a_list_is_what_its_figure_counts(honours, given, numbers):
    if given.get("scope") in (SOUTH, NORTH):
        given = given | {"scope": make.organisation(given["scope"])}
    assert levels.honours_of(make.city(), **given).count() == numbers


@pytest.fixture
def inside(honours):
    make.edition(host=SOUTH, title="市南区演示届")
    make.edition(host=NORTH, title="市北区演示届")
    for name in (SOUTH, NORTH):
        visit = Guidance.objects.create(
            host=make.city(),
            unit=make.organisation(name),
            planned_on=NOW.date(),
            visited_on=NOW.date(),
            purpose="演示",
            recorded_at=NOW,
            recorded_by=make.hat("office"),
        )
        Agreement.objects.create(guidance=visit, matter="演示", due_on=NOW.date() + timedelta(days=9))


@pytest.mark.parametrize(
    ("role", "place", "seen"),
    [
        ("office", "city", {SOUTH, NORTH}),
        ("auditor", None, {SOUTH, NORTH}),
        ("office", SOUTH, {SOUTH}),
        ("recommender", NORTH, {NORTH}),
        ("department", None, set()),
        ("admin", None, set()),
    ],
)
def test_what_is_not_public(inside, role, place, seen):
    found = board(hat=make.hat(role, place))
    told = {
        each.unit.division_name: (
            [edition.title for edition in each.inside.editions],
            each.inside.visits,
            each.inside.last_visit,
            each.inside.open_agreements,
        )
        for each in found.districts
        if each.inside and (each.inside.editions or each.inside.visits)
    }
    assert told == {name: ([f"{name}演示届"], 1, NOW.date(), 1) for name in seen}
    # The figures themselves are the same for everybody.
    assert row_of(found, NORTH).in_year(2026).named == 3


def test_queries_do_not_grow(inside, client, django_assert_max_num_queries):
    hat = make.hat("auditor")
    make.sign_in(client, hat)
    client.get(reverse("indicators:levels"))
    address = reverse("indicators:level_honours") + "?category=qycx"
    with django_assert_max_num_queries(40) as first:
        client.get(reverse("indicators:levels"))
        client.get(address)
    for n in range(100, 160):
        named(n, host=("崂山区", NORTH, SOUTH)[n % 3], year=2020 + n % 7)
        make.edition(host=("崂山区", NORTH, SOUTH)[n % 3])
    with django_assert_max_num_queries(len(first)):
        page = client.get(reverse("indicators:levels"))
        client.get(address)
    assert page.status_code == 200


def test_the_pages(inside, client):
    make.sign_in(client, make.hat("office"))
    page = client.get(reverse("indicators:levels"), {"year": 2026}).content.decode()
    assert "还差 8 家" in page and "还差 81 家" in page and "市北区演示届" in page
    assert "商定事项未完成 1 项" in page
    listed = client.get(
        reverse("indicators:level_honours"),
        {"category": "qycx", "year": 2026, "level": "district", "unit": make.organisation(SOUTH).pk},
    ).content.decode()
    assert "共 12 家次" in listed and "演示企业1（演示）" in listed and "最高市级，2 步" in listed
    mixed = client.get(reverse("indicators:level_honours"), {"category": "all"}).content.decode()
    assert "家次" not in mixed and "全员创新企业</td>" in mixed
    make.sign_in(client, make.hat("office", SOUTH))
    theirs = client.get(reverse("indicators:levels"), {"year": 2026}).content.decode()
    assert "市南区演示届" in theirs and "市北区演示届" not in theirs


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?year=abc&page=x", 200),
        ("?year=3000", 200),
        ("?category=all", 200),
        ("?category=nichts", 404),
        ("?level=world", 404),
        ("?unit=x", 404),
        ("?unit=999999", 404),
        ("?unit=others", 200),
    ],
)
def test_what_an_address_may_say(city, client, query, status):
    make.sign_in(client, make.hat("recommender"))
    assert client.get(reverse("indicators:level_honours") + query).status_code == status


def test_the_workbook(inside):
    def sheets(hat):
        out = io.BytesIO()
        write_levels(board(hat=hat), out, by=hat)
        book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
        return [list(sheet.values) for sheet in book]

    years, districts = sheets(make.hat("office"))
    south = next(row for row in years if row[0] == SOUTH)
    assert south[1] == "10" and south[-2:] == ("1", "12")
    assert next(row for row in years if row[0] == "各级合计")[1] == "100"
    assert any("市南区演示届：组织推荐" in row for row in districts)
    assert "本级届次" not in str(sheets(make.hat("department"))[1])


@pytest.mark.parametrize(
    ("named", "aim", "lacking"),
    [(0, F(10), 10), (9, F(10), 1), (10, F(10), 0), (12, F(10), 0), (3, None, None), (9, F(19, 2), 1)],
)
def test_lacking(named, aim, lacking):
    assert rules.lacking(named, aim) == lacking


def test_what_all_levels_come_to():
    assert rules.counts_of({"city": 10, "district": 80, "enterprise": 5, "province": 3}) == 95
    assert rules.counts_of({}) == 0

"""The board: what the portal counts by itself, years one may look at, and a constant number of queries."""

import io
from datetime import date
from fractions import Fraction as F

import openpyxl
import pytest

from indicators.models import System
from indicators.rules import Course
from indicators.services import board, counting, tables
from portal.models import Organisation
from tests import factories as make
from tests.indicators import ground
from tests.moments import NOW

pytestmark = pytest.mark.django_db


def named(n, *, year, level="city", host="city", revoked=False, namer=""):
    """The n-th made-up enterprise, named by a host."""
    place = make.organisation(host)
    return make.honour(
        make.enterprise(n),
        host=place,
        namer=namer,
        level=level,
        year=year,
        title="演示称号",
        number=f"演示{n}",
        named_on=date(year, 12, 1),
        named_by=make.hat("office", place),
        revoked_on=date(year + 1, 1, 5) if revoked else None,
        revoked_reason="演示" if revoked else "",
    )


@pytest.fixture
def honours():
    make.city()
    for n in range(1, 4):
        named(n, year=2024)
    named(4, year=2026)
    named(5, year=2026, revoked=True)
    for n in range(10, 22):
        named(n, year=2026, level="district", host="市南区")
    named(30, year=2026, level="district", host="市北区")
    named(31, year=2026, level="enterprise", host="市北区")
    named(32, year=2026, level="district", namer="崂山区总工会")


def test_the_city_counts_its_own_namings(honours):
    lines = {line.indicator.number: line for line in board.board_of(ground.system(), 2026, 2026).lines}
    # Three of 2024, none of 2025, one of 2026 that stands: the total goes on through a year without any.
    assert lines[5].years == {2024: F(3), 2025: F(3), 2026: F(4)}
    assert lines[5].standing.course is Course.REACHED


def test_the_targets_of_s1_fill_themselves(honours):
    system = System.objects.get(code="qingdao-2020")
    city, everyone, each = board.board_of(system, 2026, 2026).lines
    assert (city.standing.actual.value, city.percent, city.standing.course) == (F(1), 10, Course.BEHIND)
    assert (everyone.standing.actual.value, everyone.percent) == (F(16), 16)
    units = {line.organisation.division_name: line.standing for line in each.units}
    assert (units["市南区"].actual.value, units["市南区"].course) == (F(12), Course.REACHED)
    assert (units["市北区"].actual.value, units["市北区"].course) == (F(1), Course.BEHIND)
    # One that the city's office entered from the district's paper is the district's.
    assert units["崂山区"].actual.value == 1
    districts = Organisation.objects.filter(kind="district", parent__code="city", active=True).count()
    assert (each.standing.actual.value, each.standing.target) == (F(1), F(districts))
    assert len(each.units) == districts
    none = board.board_of(system, 2025, 2026).lines[0]
    assert (none.standing.actual.value, none.standing.course) == (F(0), Course.BEHIND)


def test_another_citys_table_is_never_filled(honours):
    system = System.objects.get(code="jinan-2022")
    assert counting.named(system) == {}
    eight = next(line for line in board.board_of(system, 2023, 2026).lines if line.indicator.number == 8)
    assert eight.standing.course is Course.SILENT and eight.standing.target == F(48)
    city = make.city()
    System.objects.filter(pk=system.pk).update(host=city)
    system.refresh_from_db()
    eight = next(line for line in board.board_of(system, 2025, 2026).lines if line.indicator.number == 8)
    # What was named here, once the table belongs to the city that names.
    assert eight.standing.actual.value == F(3)


def test_the_base_year_shows_the_base():
    system = System.objects.get(code="jinan-2022") if make.city() else None
    first = board.board_of(system, 2021, 2026).lines[0]
    assert (first.standing.actual.value, first.standing.target, first.percent) == (F(134), F(142), 0)
    assert board.years_of(system, 2026) == [2025, 2023, 2021]


def test_groups_as_printed():
    make.city()
    found = board.board_of(System.objects.get(code="jinan-2022"), 2025, 2026).groups
    assert [(name, len(lines)) for name, lines in found] == [
        ("创新环境", 8),
        ("素质提升", 6),
        ("创新创效", 6),
        ("产教融合", 2),
    ]


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    make.city()
    for code in ("jinan-2022", "qingdao-2020"):
        system = System.objects.get(code=code)
        with django_assert_max_num_queries(12):
            assert board.board_of(system, 2025, 2026).lines
        with django_assert_max_num_queries(6):
            assert board.years_of(system, 2026)


def test_the_chart_shows_figures_and_targets(honours):
    line = next(row for row in board.board_of(ground.system(), 2026, 2026).lines if row.indicator.number == 5)
    assert [(bar.year, bar.value, bar.target) for bar in line.bars] == [
        (2024, F(3), None),
        (2025, F(3), None),
        (2026, F(4), F(4)),
    ]
    assert [bar.height for bar in line.bars] == [72, 72, 96] and line.bars[2].mark == 4


def test_the_board_as_a_workbook(honours):
    out = io.BytesIO()
    tables.write_board(
        board.board_of(System.objects.get(code="qingdao-2020"), 2026, 2026), out, by=make.hat("auditor")
    )
    rows = list(openpyxl.load_workbook(io.BytesIO(out.getvalue())).active.values)
    assert any("市级全员创新企业当年命名" in row and "落后" in row and "10" in row for row in rows)
    assert NOW


def test_a_year_to_come_is_not_filled(honours):
    lines = board.board_of(ground.system(), 2027, 2026).lines
    assert next(line for line in lines if line.indicator.number == 5).standing.actual.value is None


def test_the_base_of_a_filled_one_is_what_is_printed(honours):
    jinan = System.objects.get(code="jinan-2022")
    System.objects.filter(pk=jinan.pk).update(host=make.city())
    jinan.refresh_from_db()
    eight = next(line for line in board.board_of(jinan, 2021, 2026).lines if line.indicator.number == 8)
    assert eight.standing.actual.value == F(28)


def test_what_is_asked_of_each_has_no_chart_of_the_sum(honours):
    each = board.board_of(System.objects.get(code="qingdao-2020"), 2026, 2026).lines[2]
    assert each.bars == [] and each.units

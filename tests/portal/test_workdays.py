import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from portal.workdays import Calendar, Year, YearNotPublished, read_year

FOLDER = Path(__file__).parents[2] / "fixtures/calendar"


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(read_year(json.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.json"))


def test_three_years_are_held(calendar):
    assert sorted(calendar.years) == [2024, 2025, 2026]
    assert all(year.source.startswith("国务院办公厅") for year in calendar.years.values())


@pytest.mark.parametrize(
    "day, working",
    [
        ("2026-09-20", True),  # a Sunday made up for
        ("2026-09-24", True),
        ("2026-09-25", False),  # mid-autumn
        ("2026-09-27", False),
        ("2026-09-28", True),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),  # a Saturday made up for
        ("2026-10-11", False),  # a plain Sunday
        ("2026-01-04", True),
        ("2024-02-04", True),
        ("2024-02-09", True),  # the eve was not a day off that year
        ("2025-10-08", False),
        ("2025-10-11", True),
    ],
)
def test_is_workday(calendar, day, working):
    assert calendar.is_workday(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    "start, n, end",
    [
        ("2026-09-24", 0, "2026-09-24"),
        ("2026-09-24", 1, "2026-09-28"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-24", 4, "2026-10-08"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-09-24", 6, "2026-10-10"),
        ("2026-09-24", 7, "2026-10-12"),
        ("2026-10-03", 1, "2026-10-08"),  # published on a day off
        ("2025-12-30", 3, "2026-01-05"),  # 31, then Sunday 4 made up for, then 5
        ("2025-12-30", 2, "2026-01-04"),
    ],
)
def test_add(calendar, start, n, end):
    assert calendar.add(date.fromisoformat(start), n) == date.fromisoformat(end)


def test_counting_backwards_is_no_question(calendar):
    with pytest.raises(ValueError):
        calendar.add(date(2026, 3, 2), -1)


def test_year_not_published_is_never_guessed(calendar):
    assert calendar.add(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(YearNotPublished, match="2027"):
        calendar.add(date(2026, 12, 30), 2)
    with pytest.raises(YearNotPublished, match="2023"):
        calendar.is_workday(date(2023, 12, 29))


def test_provisional_where_any_year_touched_is():
    calendar = Calendar.of([Year(2026), Year(2027, provisional=True)])
    assert not calendar.provisional(date(2026, 1, 1), date(2026, 12, 31))
    assert calendar.provisional(date(2026, 12, 31), date(2027, 1, 4))
    with pytest.raises(YearNotPublished):
        calendar.provisional(date(2027, 12, 31), date(2028, 1, 1))


@given(st.integers(0, 200), st.integers(1, 60))
def test_every_counted_day_is_a_working_day(offset, n):
    calendar = Calendar.of(
        read_year(json.loads((FOLDER / f"{y}.json").read_text("utf-8"))) for y in (2025, 2026)
    )
    start = date(2025, 6, 1) + timedelta(days=offset)
    end = calendar.add(start, n)
    between = [start + timedelta(days=d) for d in range(1, (end - start).days + 1)]
    assert calendar.is_workday(end)
    assert sum(map(calendar.is_workday, between)) == n


@pytest.mark.parametrize(
    "data, words",
    [
        (None, "缺少年份"),
        ({}, "缺少年份"),
        ({"year": True}, "缺少年份"),
        ({"year": 2026, "holidays": "2026-10-01"}, "清单"),
        ({"year": 2026, "holidays": 7}, "清单"),
        ({"year": 2026, "holidays": ["十月一日"]}, "十月一日"),
        ({"year": 2026, "holidays": [20261001]}, "20261001"),
        ({"year": 2026, "holidays": ["2027-01-01"]}, "2027-01-01"),
        ({"year": 2026, "workdays": ["2026-10-09"]}, "2026-10-09"),
        ({"year": 2026, "holidays": ["2026-10-10"], "workdays": ["2026-10-10"]}, "2026-10-10"),
    ],
)
def test_read_year_says_what_is_wrong(data, words):
    with pytest.raises(Refused) as refused:
        read_year(data)
    assert words in str(refused.value)

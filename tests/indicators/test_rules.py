"""Progress, by hand: targets that equal the base, falling ones, years nobody reported, running totals."""

from fractions import Fraction as F

import pytest

from indicators import rules
from indicators.rules import Course

JINAN_8 = {2023: F(48), 2025: F(68)}


@pytest.mark.parametrize(
    ("value", "base", "target", "expected"),
    [
        (28, 28, 48, F(0)),
        (38, 28, 48, F(1, 2)),
        (48, 28, 48, F(1)),
        (58, 28, 48, F(3, 2)),  # more than asked is said as it is
        (18, 28, 48, F(-1, 2)),  # and so is going back
        (8, 10, 4, F(1, 3)),  # falling: from ten to four, at eight
        (4, 10, 4, F(1)),
        (12, 10, 4, F(-1, 3)),
        (F(62), 60, 65, F(2, 5)),  # percent points
        (F("12.9"), F("12.7"), F("13.5"), F(1, 4)),
        (5, 7, 7, None),
        (7, 7, 7, None),
    ],
)
def test_progress(value, base, target, expected):
    assert rules.progress(F(value), F(base), F(target)) == expected


@pytest.mark.parametrize(
    ("value", "base", "target", "expected"),
    [
        (48, 28, 48, True),
        (47, 28, 48, False),
        (4, 10, 4, True),
        (5, 10, 4, False),
        (3, 10, 4, True),
        (7, 7, 7, True),  # a level that is held
        (6, 7, 7, False),
    ],
)
def test_reached(value, base, target, expected):
    assert rules.reached(F(value), F(base), F(target)) is expected


@pytest.mark.parametrize(
    ("reported", "year", "running", "value", "missing"),
    [
        ({2022: 38}, 2022, False, 38, ()),
        ({2022: 38}, 2023, False, None, ()),  # last year's figure is not this year's
        ({}, 2021, False, 28, ()),
        ({2021: 29}, 2021, False, 29, ()),  # a base that was corrected by a report
        ({2022: 5, 2023: 7}, 2023, True, 40, ()),
        ({2023: 7}, 2023, True, 35, (2022,)),
        ({2022: 5}, 2024, True, 33, (2023, 2024)),
        ({}, 2023, True, None, (2022, 2023)),
        ({}, 2021, True, 28, ()),
        ({2022: 0}, 2022, True, 28, ()),  # nothing added is a report too
    ],
)
def test_actual(reported, year, running, value, missing):
    given = {key: F(each) for key, each in reported.items()}
    found = rules.actual(given, year, base_year=2021, base=F(28), running=running)
    assert found == rules.Actual(None if value is None else F(value), missing)


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2020, 28), (2021, 28), (2022, 38), (2023, 48), (2024, 58), (2025, 68), (2030, 68)],
)
def test_the_plan_is_a_straight_line_between_its_points(year, expected):
    assert rules.planned(JINAN_8, year, base_year=2021, base=F(28)) == expected


@pytest.mark.parametrize(("year", "aim"), [(2021, 2023), (2023, 2023), (2024, 2025), (2026, 2025)])
def test_a_year_is_judged_by_the_next_target(year, aim):
    assert rules.aimed_at(JINAN_8, year) == aim


@pytest.mark.parametrize(
    ("reported", "year", "running", "course"),
    [
        ({2022: 38}, 2022, False, Course.ON),
        ({2022: 37}, 2022, False, Course.BEHIND),
        ({2022: 48}, 2022, False, Course.REACHED),
        ({2023: 47}, 2023, False, Course.BEHIND),
        ({2023: 48}, 2023, False, Course.REACHED),
        ({2022: 38}, 2023, False, Course.SILENT),
        ({2022: 10}, 2022, True, Course.ON),
        ({2022: 9}, 2022, True, Course.BEHIND),
        # 28 + 12 so far, 2023 is open: at least 40 of the 48 asked, so nothing can be said yet.
        ({2022: 12}, 2023, True, Course.PARTIAL),
        # Enough already, whatever the missing year brings.
        ({2023: 25}, 2023, True, Course.REACHED),
        ({2022: 31}, 2024, True, Course.ON),
    ],
)
def test_course(reported, year, running, course):
    given = {key: F(each) for key, each in reported.items()}
    found = rules.standing(given, JINAN_8, year, base_year=2021, base=F(28), running=running)
    assert found.course is course


@pytest.mark.parametrize("last", [-1, -9])
def test_a_falling_running_total_with_years_missing_is_not_judged(last):
    found = rules.standing({2023: F(last)}, {2023: F(4)}, 2023, base_year=2021, base=F(10), running=True)
    assert found.course is Course.PARTIAL and found.actual.missing == (2022,)


@pytest.mark.parametrize(
    ("value", "target", "course"),
    [(48, 48, Course.REACHED), (38, 48, Course.PARTIAL), (3, 4, Course.PARTIAL), (9, 4, Course.PARTIAL)],
)
def test_a_figure_that_lacks_units_is_only_judged_where_they_cannot_change_it(value, target, course):
    base = 28 if target == 48 else 10
    found = rules.standing(
        {2023: F(value)},
        {2023: F(target)},
        2023,
        base_year=2021,
        base=F(base),
        running=False,
        units_missing=True,
    )
    assert found.course is course


def test_without_a_target_nothing_is_judged():
    found = rules.standing({2022: F(3)}, {}, 2022, base_year=2021, base=F(1), running=False)
    assert (found.course, found.target, found.progress) == (Course.OPEN, None, None)


def test_a_level_to_be_held_has_no_way_but_is_held_or_not():
    held = rules.standing({2023: F(7)}, {2023: F(7)}, 2023, base_year=2021, base=F(7), running=False)
    lost = rules.standing({2023: F(6)}, {2023: F(7)}, 2023, base_year=2021, base=F(7), running=False)
    assert (held.course, held.progress) == (Course.REACHED, None)
    assert (lost.course, lost.progress) == (Course.BEHIND, None)


@pytest.mark.parametrize(
    ("reported", "course", "way"),
    [
        ({2026: 10}, Course.REACHED, F(1)),
        ({2026: 7}, Course.BEHIND, F(7, 10)),
        ({2025: 30}, Course.SILENT, None),
        ({2026: 0}, Course.BEHIND, F(0)),
    ],
)
def test_a_number_for_each_year(reported, course, way):
    found = rules.yearly_standing({key: F(each) for key, each in reported.items()}, F(10), 2026)
    assert (found.course, found.progress) == (course, way)


@pytest.mark.parametrize(
    ("values", "summed", "expected"),
    [
        ((F(1), F(2)), True, (F(3), 0)),
        ((F(1), None), True, (F(1), 1)),
        ((None, None), True, (None, 2)),
        ((), True, (None, 0)),
        ((F(60),), False, (F(60), 0)),
        ((F(60), F(70)), False, (None, 0)),  # two rates have no sum and no honest mean
        ((None,), False, (None, 1)),
    ],
)
def test_rolled_up(values, summed, expected):
    assert rules.rolled_up(values, summed=summed) == expected


def test_a_falling_one_that_is_better_than_its_base_in_the_base_year_is_on_course():
    found = rules.standing({2021: F(30)}, {2025: F(20)}, 2021, base_year=2021, base=F(32), running=False)
    assert found.course is Course.ON

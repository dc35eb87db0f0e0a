from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from review.rules import (
    DIMENSIONS,
    check_panel,
    check_sheet,
    expert_score,
    nominees,
    sheet_total,
    weights_sum_100,
)

WEIGHTS = {"mechanism": Decimal(35), "platform": Decimal(30), "effect": Decimal(35)}


def said(call, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)
    return str(refused.value)


def test_weights():
    weights_sum_100(WEIGHTS)
    weights_sum_100({"a": Decimal("33.3"), "b": Decimal("66.7")})
    assert "99" in said(weights_sum_100, WEIGHTS | {"effect": Decimal(34)})
    assert "99.9" in said(weights_sum_100, {"a": Decimal("99.9")})
    assert "全员创新效果" in said(weights_sum_100, {"effect": Decimal(-1), "platform": Decimal(101)})
    said(weights_sum_100, {})


def test_sheet_total_is_exact():
    scores = {"mechanism": Decimal("88"), "platform": Decimal("90.5"), "effect": Decimal("79")}
    assert sheet_total(scores, WEIGHTS) == Fraction(8560, 100)  # 30.80 + 27.15 + 27.65
    assert sheet_total(dict.fromkeys(scores, Decimal(100)), WEIGHTS) == 100


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"effect": None}, "全员创新效果"),
        ({"effect": Decimal("100.5")}, "100.5"),
        ({"effect": Decimal("-0.5")}, "-0.5"),
        ({"effect": Decimal("79.3")}, "0.5"),
        ({"effect": Decimal("NaN")}, "NaN"),
        ({"effect": Decimal("Infinity")}, "Infinity"),
        ({"beauty": Decimal(1)}, "beauty"),
    ],
)
def test_check_sheet(changed, words):
    scores = {"mechanism": Decimal(0), "platform": Decimal("0.5"), "effect": Decimal(100)}
    check_sheet(scores)
    assert words in said(check_sheet, scores | changed)


def test_check_sheet_wants_every_dimension():
    for code, title in DIMENSIONS.items():
        assert title in said(check_sheet, {name: Decimal(80) for name in DIMENSIONS if name != code})


@pytest.mark.parametrize(
    "totals, score, low, high",
    [
        ([90, 80, 70], 80, None, None),
        ([90, 80, 70, 61], Fraction(301, 4), None, None),
        ([90, 80, 70, 60, 50], 70, 50, 90),
        ([90, 90, 90, 50, 50], Fraction(230, 3), 50, 90),  # one of each, not all
        ([90, 85, 80, 75, 70, 65, 10], 75, 10, 90),
        ([80, 80, 80, 80, 80], 80, 80, 80),
    ],
)
def test_expert_score(totals, score, low, high):
    result = expert_score(map(Fraction, totals), min_sheets=3, trim_from=5)
    assert (result.score, result.low, result.high, result.valid) == (score, low, high, len(totals))
    assert result.reason is None


@pytest.mark.parametrize("totals", [[], [90], [90, 80]])
def test_too_few_sheets_are_no_result(totals):
    result = expert_score(map(Fraction, totals), min_sheets=3, trim_from=5)
    assert result.score is None and str(len(totals)) in str(result.reason)


def test_mean_median_and_deviation_stand_beside_the_score():
    result = expert_score(map(Fraction, [2, 4, 4, 4, 5, 5, 7, 9]), min_sheets=3, trim_from=5)
    assert (result.mean, result.median, result.variance, result.stdev) == (
        5,
        Fraction(9, 2),
        4,
        Decimal("2.00"),
    )
    assert result.score == Fraction(29, 6)
    assert expert_score([Fraction(1, 3)], min_sheets=1, trim_from=5).stdev == 0
    assert expert_score([], min_sheets=1, trim_from=5).stdev is None


def test_never_trimmed_where_the_committee_says_so():
    assert expert_score(
        map(Fraction, [0, 50, 50, 50, 100, 100]), min_sheets=3, trim_from=None
    ).score == Fraction(350, 6)


@pytest.mark.parametrize("min_sheets, trim_from", [(0, 5), (3, 2), (3, 0)])
def test_a_panel_that_could_leave_nothing_is_refused(min_sheets, trim_from):
    said(check_panel, min_sheets, trim_from)


points = st.integers(0, 200).map(lambda n: Fraction(n, 2))


@given(st.lists(points, max_size=9), st.randoms())
def test_order_of_sheets_never_changes_the_score(totals, random):
    shuffled = random.sample(totals, len(totals))
    one, other = (expert_score(each, min_sheets=3, trim_from=5) for each in (totals, shuffled))
    assert one == other
    assert (one.score is None) == (len(totals) < 3)
    if one.score is not None:
        assert min(totals) <= one.score <= max(totals)


def test_nominees_all_who_tie_at_the_cut_are_in():
    scores = {each: Fraction(score) for each, score in {"a": 90, "b": 80, "c": 80, "d": 80, "e": 70}.items()}
    two = nominees(scores, 2)
    assert (set(two.chosen), two.missed, two.cut, two.grew_by) == (set("abcd"), ("e",), 80, 2)
    assert two.warning
    four = nominees(scores, 4)
    assert (set(four.chosen), four.grew_by, four.warning) == (set("abcd"), 0, None)
    assert nominees(scores, 1).chosen == ("a",)
    assert (len(nominees(scores, 9).chosen), nominees(scores, 9).grew_by) == (5, 0)
    assert nominees(scores, 9).warning
    assert nominees({}, 3).cut is None


@given(st.dictionaries(st.integers(), points), st.integers(1, 9), st.randoms())
def test_nominees_have_their_number_or_say_why(scores, count, random):
    items = list(scores.items())
    random.shuffle(items)
    result = nominees(dict(items), count)
    assert result == nominees(scores, count)
    assert (result.warning is None) == (len(result.chosen) == count)
    assert len(result.chosen) == min(count, len(scores)) + result.grew_by
    assert all(scores[a] > scores[b] for a in result.chosen for b in result.missed)

"""Figures about the panel, by hand; and what must hold of any panel's score."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from review.rules import expert_score
from review.rules.statistics import normalised, root, root_shown, spread_of, tendencies

PANEL = {
    # E01 is 5 and 5 over the mean, E02 5 and 5 under it; E03 scored the second alone, at its mean.
    "one": {"E01": Fraction(90), "E02": Fraction(80)},
    "two": {"E01": Fraction(75), "E02": Fraction(65), "E03": Fraction(70)},
    "three": {"E01": Fraction(60)},
}
totals = st.lists(st.integers(0, 200).map(lambda half: Fraction(half, 2)), min_size=1, max_size=12)


def test_the_spread_of_some_totals():
    found = spread_of([Fraction(70), Fraction(80), Fraction(90)])
    assert (found.count, found.mean, found.variance) == (3, 80, Fraction(200, 3))
    assert (found.low, found.high) == (70, 90)
    assert spread_of([]) is None


def test_harsh_and_lenient_is_the_mean_deviation_on_the_same_nominations():
    found = tendencies(PANEL)
    assert {code: each.offset for code, each in found.items()} == {"E01": 5, "E02": -5, "E03": 0}
    assert {code: each.compared for code, each in found.items()} == {"E01": 2, "E02": 2, "E03": 1}
    assert found["E01"].given.mean == 75


def test_who_scored_alone_is_neither():
    assert tendencies({"one": {"E01": Fraction(60)}})["E01"].offset is None


def test_a_total_refitted_to_the_panel_by_hand():
    # E01 gave 60 and 80 (mean 70, variance 100), E02 70 and 90 (mean 80, variance 100); together 60 70 80 90:
    # mean 75, variance 125. The factor is the root of 1.25.
    sheets = {
        "one": {"E01": Fraction(60), "E02": Fraction(70)},
        "two": {"E01": Fraction(80), "E02": Fraction(90)},
    }
    found = normalised(sheets)
    assert found["one"]["E01"] == found["one"]["E02"] == 75 - 10 * root(Fraction(5, 4))
    assert found["two"]["E01"] == 75 + 10 * root(Fraction(5, 4))
    assert abs(root(Fraction(5, 4)) ** 2 - Fraction(5, 4)) < Fraction(1, 10**30)


def test_one_sheet_or_no_difference_is_not_refitted():
    found = normalised({**PANEL, "four": {"E03": Fraction(70)}})
    assert found["two"]["E03"] is None and found["four"]["E03"] is None
    assert normalised({"one": {"E01": Fraction(60)}}) == {"one": {"E01": None}}
    assert normalised({}) == {}


def test_a_rational_root_is_exact_and_shown_half_up():
    assert root(Fraction(9, 4)) == Fraction(3, 2)
    assert root(Fraction(0)) == 0
    assert root_shown(Fraction(2)) == Decimal("1.41")
    assert root_shown(Fraction(11, 200) ** 2) == Decimal("0.06")


@given(totals, st.randoms(use_true_random=False))
def test_the_score_does_not_depend_on_the_order(given_totals, chance):
    mixed = list(given_totals)
    chance.shuffle(mixed)
    rule = {"min_sheets": 3, "trim_from": 5}
    assert expert_score(mixed, **rule) == expert_score(given_totals, **rule)


@given(totals)
def test_trimming_drops_exactly_one_of_each(given_totals):
    found = expert_score(given_totals, min_sheets=1, trim_from=5)
    kept = sorted(given_totals)
    if len(kept) >= 5:
        assert (found.low, found.high) == (kept[0], kept[-1])
        kept = kept[1:-1]
    else:
        assert found.low is None and found.high is None
    assert found.score == sum(kept) / len(kept)


@given(totals, st.integers(1, 12))
def test_below_the_minimum_there_is_no_score(given_totals, minimum):
    found = expert_score(given_totals, min_sheets=minimum, trim_from=None)
    assert (found.score is None) == (len(given_totals) < minimum)
    assert (found.reason is None) == (found.score is not None)


@given(st.dictionaries(st.integers(0, 5), st.dictionaries(st.integers(0, 5), st.integers(0, 100))))
def test_refitting_keeps_the_panels_mean_over_those_it_can_refit(sheets):
    exact = {key: {code: Fraction(each) for code, each in mine.items()} for key, mine in sheets.items()}
    found = normalised(exact)
    assert {key: set(mine) for key, mine in found.items()} == {key: set(mine) for key, mine in exact.items()}
    every = [each for mine in exact.values() for each in mine.values()]
    fitted = [each for mine in found.values() for each in mine.values() if each is not None]
    if fitted:
        assert sum(fitted) / len(fitted) == sum(every) / len(every)

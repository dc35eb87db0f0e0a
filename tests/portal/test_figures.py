from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.figures import (
    decimal_text,
    exact_text,
    fraction_text,
    read_decimal,
    read_fraction,
    settled,
    two_places,
)


@given(st.fractions())
def test_fraction_text_comes_back(value):
    assert read_fraction(fraction_text(value)) == value


@pytest.mark.parametrize(
    "text", ["2/4", "1/1", "0/3", "01", "1.5", " 1", "1/0", "+1", "-0", "\uff11", "", None, 1, "1e3"]
)
def test_only_the_one_form_of_a_fraction_is_read(text):
    with pytest.raises(ValueError):
        read_fraction(text)


@pytest.mark.parametrize(
    "value, text",
    [
        ("88", "88"),
        ("90.5", "90.5"),
        ("90.50", "90.5"),
        ("1E+2", "100"),
        ("0.00", "0"),
        ("-0", "0"),
        ("100", "100"),
    ],
)
def test_decimal_text(value, text):
    assert decimal_text(Decimal(value)) == text
    assert read_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["-1", "1e2", "NaN", "Infinity", ".5", "5.", "05", "", None, 5, "\uff15"])
def test_only_plain_decimals_are_read(text):
    with pytest.raises(ValueError):
        read_decimal(text)


@pytest.mark.parametrize(
    "value, shown",
    [
        (Fraction(1, 200), "0.01"),  # half a hundredth goes up
        (Fraction(2, 3), "0.67"),
        (Fraction(1, 3), "0.33"),
        (Fraction(84995, 1000), "85.00"),
        (Fraction(849949999, 10**7), "84.99"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(-1, 300), "0.00"),
        (Fraction(100), "100.00"),
    ],
)
def test_two_places_half_up(value, shown):
    assert str(two_places(value)) == shown


@pytest.mark.parametrize(
    "value, text",
    [
        (Fraction(999, 10), "99.9"),
        (Fraction(1, 3), "1/3"),
        (Fraction(7, 100000), "0.00007"),
        (Fraction(100), "100"),
        (Fraction(0), "0"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 1024), "0.0009765625"),
    ],
)
def test_exact_text(value, text):
    assert exact_text(value) == text


@given(st.fractions())
def test_exact_text_never_rounds(value):
    assert Fraction(exact_text(value)) == value


def test_settled_does_not_depend_on_the_input():
    assert settled([3, 1, 2]) == settled([2, 3, 1]) == [1, 2, 3]
    assert settled(["b", 1, "a"]) == settled([1, "a", "b"])

"""An exact figure goes to the database and comes back the same."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from portal.fields import FractionField

FIELD = FractionField()
FIELD.set_attributes_from_name("composite")

TEXTS = [
    (Fraction(1855, 21), "265/3"),
    (Fraction(90), "90"),
    (Fraction(0), "0"),
    (Fraction(-1, 3), "-1/3"),
    (Fraction(10**40 + 1, 7), f"{10**40 + 1}/7"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS)
def test_a_fraction_is_kept_as_the_text_of_its_lowest_terms(value, text):
    assert FIELD.get_prep_value(value) == text
    assert FIELD.from_db_value(text, None, connection) == value
    assert type(FIELD.from_db_value(text, None, connection)) is Fraction
    assert FIELD.to_python(text) == value


def test_nothing_stays_nothing():
    assert FIELD.get_prep_value(None) is None
    assert FIELD.from_db_value(None, None, connection) is None
    assert FIELD.to_python(None) is None


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (Decimal("90.50"), "181/2"), ("3/2", "3/2")])
def test_other_exact_figures_are_taken(value, text):
    assert FIELD.get_prep_value(value) == text


@pytest.mark.parametrize(
    "value", [0.5, True, "0.5", "2/4", "1/0", " 1/2", "", "x", Decimal("NaN"), Decimal("Infinity")]
)
def test_what_is_not_exact_or_not_in_lowest_terms_is_refused(value):
    with pytest.raises(ValidationError, match="不是精确的分数"):
        FIELD.get_prep_value(value)


@pytest.mark.parametrize("lookup", ["gt", "lt", "gte", "lte", "range", "contains", "startswith"])
def test_texts_are_never_compared_as_if_they_were_figures(lookup):
    assert FIELD.get_lookup(lookup) is None


@pytest.mark.parametrize("lookup", ["exact", "in", "isnull"])
def test_equality_may_be_asked(lookup):
    assert FIELD.get_lookup(lookup) is not None


def test_the_column_is_text_and_migrations_name_the_field():
    assert FIELD.get_internal_type() == "TextField"
    assert FractionField(null=True).deconstruct()[1:] == ("portal.fields.FractionField", [], {"null": True})

"""A model field for exact figures."""

from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.figures import fraction_text, read_fraction

_MEANT_FOR_TEXT = {"exact", "in", "isnull"}


class FractionField(models.Field):
    """An exact Fraction, kept as the text of its lowest terms: "1234/15", "90".

    One value has one text, so equality and uniqueness hold in the database. Order does not: rank in Python,
    or keep the rank in a field of its own. Lookups that would compare texts like figures are refused.
    """

    description = _("精确分数")
    default_error_messages = {"invalid": _("“%(value)s”不是精确的分数，应写成 p/q 的样子。")}

    def get_internal_type(self) -> str:
        return "TextField"

    def to_python(self, value) -> Fraction | None:
        if value is None or isinstance(value, Fraction):
            return value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            try:
                return Fraction(value)
            except (ValueError, OverflowError):  # a Decimal that is no number
                raise self._invalid(value) from None
        if isinstance(value, str):
            try:
                return read_fraction(value)
            except ValueError:
                raise self._invalid(value) from None
        raise self._invalid(value)  # a float among them: it has lost the exact figure already

    def from_db_value(self, value, expression, connection) -> Fraction | None:
        return None if value is None else read_fraction(value)

    def get_prep_value(self, value) -> str | None:
        value = self.to_python(super().get_prep_value(value))
        return None if value is None else fraction_text(value)

    def value_to_string(self, obj) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else fraction_text(value)

    def get_lookup(self, lookup_name):
        return super().get_lookup(lookup_name) if lookup_name in _MEANT_FOR_TEXT else None

    def _invalid(self, value) -> ValidationError:
        return ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})

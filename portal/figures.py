"""Exact figures as text: nothing is rounded before it is shown, and nothing is ever a float."""

import re
from collections.abc import Hashable, Iterable
from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction

_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,400})(/[1-9][0-9]{0,400})?", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?", re.ASCII)


def fraction_text(value: Fraction) -> str:
    """`p/q` in lowest terms, `p` when the value is whole."""
    return str(Fraction(value))


def decimal_text(value: Decimal | int) -> str:
    """A plain decimal without exponent or idle zeros: 88, 90.5."""
    text = f"{abs(Decimal(value)) if not value else Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_fraction(text: object) -> Fraction:
    """The inverse of `fraction_text`; anything but a string in its very form raises ValueError."""
    if not isinstance(text, str) or not _FRACTION.fullmatch(text):
        raise ValueError(text)
    value = Fraction(text)
    if fraction_text(value) != text:
        raise ValueError(text)
    return value


def read_decimal(text: object) -> Decimal:
    """A plain, unsigned decimal string; anything else raises ValueError."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def two_places(value: Fraction | Decimal | int) -> Decimal:
    """委员会决定: what is shown is rounded half up to two places; what is ranked never is."""
    scaled = abs(Fraction(value)) * 100
    hundredths = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    shown = Decimal(hundredths).scaleb(-2)
    return -shown if value < 0 and hundredths else shown


def exact_text(value: Fraction | Decimal | int) -> str:
    """For a sentence: a plain decimal where the value has one, else `p/q`; never rounded."""
    value = Fraction(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return fraction_text(value)
    places = max(value.denominator.bit_length(), 1)
    digits = value.numerator * 10**places // value.denominator
    return decimal_text(Decimal(digits).scaleb(-places, Context(prec=MAX_PREC)))


def settled(ids: Iterable[Hashable]) -> list:
    """The same ids in an order that does not depend on the input: for display only, never for a decision."""
    ids = list(ids)
    try:
        return sorted(ids)
    except TypeError:
        return sorted(ids, key=lambda each: (type(each).__name__, repr(each)))

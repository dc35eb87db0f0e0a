from fractions import Fraction

from django import template

from portal.figures import decimal_text, two_places

register = template.Library()


@register.filter
def figure(value) -> str:
    """A figure for the eye: at most two places, no idle zeros; a dash for none."""
    return "—" if value is None or value == "" else decimal_text(two_places(Fraction(value)))

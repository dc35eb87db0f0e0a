"""Addresses of pages on the floors above, by name: the ground links up to them but never imports them."""

from django.urls import NoReverseMatch, reverse


def address(name: str, *args) -> str:
    """The address of a page, or nothing where the app that has it is not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""

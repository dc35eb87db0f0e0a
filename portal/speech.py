"""Saying a refusal or a rule's sentence in the reader's language."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.errors import Listing
from portal.templatetags.portal import cndate


def said(thing) -> str:
    """The translated sentence of anything that has `message` and `params` (Refused, Sentence)."""
    if not thing.message:
        return ""
    params = {key: _word(value) for key, value in thing.params.items()}
    message = _(thing.message)
    return message.format(**params) if params else message


def _word(value):
    """What fills a place: a sentence of its own, a listing of words, a word that may have a translation."""
    if hasattr(value, "message"):
        return said(value)
    if isinstance(value, Listing):
        return pgettext("between words of a list", "、").join(str(_word(each)) for each in value)
    if isinstance(value, date):
        return cndate(value)
    return _(value) if isinstance(value, str) and value else value

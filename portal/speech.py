"""Saying a refusal or a rule's sentence in the reader's language."""

from django.utils.translation import gettext as _


def said(thing) -> str:
    """The translated sentence of anything that has `message` and `params` (Refused, Sentence)."""
    params = {
        key: said(value)
        if hasattr(value, "message")
        else _(value)
        if isinstance(value, str) and value
        else value
        for key, value in thing.params.items()
    }
    message = _(thing.message)
    return message.format(**params) if params else message

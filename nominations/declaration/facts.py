"""One declaration as plain facts: key → canonical value, blanks left out; its digest; what is missing."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from nominations.declaration.cleaning import is_blank
from nominations.declaration.shape import CORE, Field, Shape
from nominations.rules import Missing
from portal.figures import decimal_text


def facts_of(name: str, declaration) -> dict:
    """What a declaration says. `declaration` is anything with its columns: the row, or an event of it."""
    found = {key: canonical(getattr(declaration, key)) for key in CORE if key != "name"}
    found |= declaration.answers or {}
    found["name"] = name
    return {key: value for key, value in found.items() if not is_blank(value)}


def canonical(value: object) -> object:
    """A column as JSON holds it: days and decimals as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return decimal_text(value)
    return value


def column(field: Field, value: object) -> object:
    """The inverse, for a core field: what its column holds."""
    if is_blank(value):
        return {"choices": []}.get(field.kind, None if field.kind in _NULLABLE else "")
    if field.kind == "date":
        return date.fromisoformat(value)
    return Decimal(value) if field.kind == "percent" else value


_NULLABLE = ("integer", "date", "boolean", "percent")


def digest_of(facts: Mapping, **more) -> str:
    """SHA-256 of the canonical JSON of what is declared."""
    text = json.dumps({**facts, **more}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def missing(shape: Shape, facts: Mapping) -> list[Missing]:
    """What stands in the way of handing in, in the order of the form."""
    return [
        Missing(each.key, each.title) for each in shape if each.need == "submit" and not filled(each, facts)
    ]


def advised_missing(shape: Shape, facts: Mapping) -> list[Missing]:
    """What would be good to have, in the order of the form."""
    return [
        Missing(each.key, each.title)
        for each in shape
        if each.need == "advised" and applies(each, facts) and not filled(each, facts)
    ]


def applies(field: Field, facts: Mapping) -> bool:
    """Details are asked only of what was chosen."""
    return field.kind != "details" or not is_blank(facts.get(field.of))


def filled(field: Field, facts: Mapping) -> bool:
    value = facts.get(field.key)
    if is_blank(value) or (isinstance(value, str) and not value.strip()):
        return False
    if field.kind != "details":
        return True
    asked = [each.key for each in field.columns if each.need != "optional"]
    return all(key in value.get(chosen, {}) for chosen in facts.get(field.of, ()) for key in asked)

"""What is declared: the form as data, the cleaning of answers, the merging of two people's. Pure."""

import json
from functools import lru_cache

from nominations.declaration.cleaning import Unfit, clean, clean_answers
from nominations.declaration.enterprise import ENTERPRISE
from nominations.declaration.shape import Field, Section, Shape, from_json, to_json

__all__ = [
    "ENTERPRISE",
    "Field",
    "Section",
    "Shape",
    "Unfit",
    "clean",
    "clean_answers",
    "from_json",
    "shape_from",
    "shape_of",
    "to_json",
]


def shape_of(edition) -> Shape:
    """The form an edition asks its declarations by; an empty one is that of the house, for enterprises."""
    return shape_from(edition.form)


def shape_from(form: dict) -> Shape:
    """The shape of a form as data, or the one of the house. A shape never changes, and is made once."""
    return _made(json.dumps(form, ensure_ascii=False, sort_keys=True)) if form else ENTERPRISE


@lru_cache(maxsize=64)
def _made(text: str) -> Shape:
    return from_json(json.loads(text))

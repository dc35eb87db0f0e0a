"""What is declared: the form as data, the cleaning of answers, the merging of two people's. Pure."""

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
    "shape_of",
    "to_json",
]


def shape_of(edition) -> Shape:
    """The form of the edition's category; an empty one means that of 全员创新企业."""
    form = edition.category.form
    return from_json(form) if form else ENTERPRISE

from nominations.models.editions import Category, Dimension, Edition, Quota, Step
from nominations.models.enterprises import Enterprise
from nominations.models.intakes import Handout, IntakeFile
from nominations.models.likeness import NotSame
from nominations.models.nominations import (
    Declaration,
    Evidence,
    Nomination,
    Recommendation,
    Return,
)

__all__ = [
    "Category",
    "Declaration",
    "Dimension",
    "Edition",
    "Enterprise",
    "Evidence",
    "Handout",
    "IntakeFile",
    "Nomination",
    "NotSame",
    "Quota",
    "Recommendation",
    "Return",
    "Step",
]

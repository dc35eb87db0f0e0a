"""Sentences a rule hands back without refusing: a reason, a warning, an explanation."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """A translatable sentence with `{name}` places, and what fills them when it is shown."""

    message: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.message.format(**self.params)


def sentence(message: str, **params) -> Sentence:
    return Sentence(message, params)

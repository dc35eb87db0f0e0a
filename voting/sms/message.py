"""What a backend is given, and how it says no."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """`id` is the message's own: sent again under it, it is the same message."""

    id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


class NotSent(Exception):
    """The message did not go out, as far as anybody knows."""

    def __init__(self, why: str, tries: int = 0):
        super().__init__(why)
        self.tries = tries


class Busy(NotSent):
    """Too many messages are on their way already; this one never left."""


class Backend(Protocol):
    def send(self, message: Message) -> int:
        """Hand a message over, in how many tries; or raise NotSent."""

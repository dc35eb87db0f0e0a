"""Short messages: a backend is a class with `send(phone, text)`, named in SMS_BACKEND."""

from typing import Protocol

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.module_loading import import_string


class NotSent(Exception):
    """The message did not go out."""


class Backend(Protocol):
    def send(self, phone: str, text: str) -> None:
        """Hand a message over, or raise NotSent."""


class ConsoleBackend:
    """Keeps the last messages for the development page `inbox`; no telephone ever rings."""

    KEY, MOST, SECONDS = "voting.inbox", 50, 3600

    def __init__(self):
        if settings.PRODUCTION:
            raise ImproperlyConfigured("ConsoleBackend shows codes on a page and has no place in production.")

    def send(self, phone: str, text: str) -> None:
        line = {"phone": phone, "text": text, "at": timezone.now()}
        cache.set(self.KEY, [line, *self.messages()][: self.MOST], self.SECONDS)

    def messages(self) -> list[dict]:
        return cache.get(self.KEY) or []


def backend() -> Backend:
    if not settings.SMS_BACKEND:
        raise NotSent("SMS_BACKEND is not set")
    return import_string(settings.SMS_BACKEND)()


def send(phone: str, text: str) -> None:
    backend().send(phone, text)


def development_inbox() -> ConsoleBackend | None:
    """The console's messages, where there is a console: never in production."""
    if settings.PRODUCTION or not settings.SMS_BACKEND:
        return None
    found = import_string(settings.SMS_BACKEND)
    return found() if isinstance(found, type) and issubclass(found, ConsoleBackend) else None

"""Short messages: a backend is a class with `send(message)`, named in SMS_BACKEND."""

from django.conf import settings
from django.utils.module_loading import import_string

from voting.sms.console import ConsoleBackend
from voting.sms.gateway import HttpGateway
from voting.sms.message import Backend, Busy, Message, NotSent

__all__ = [
    "Backend",
    "Busy",
    "ConsoleBackend",
    "HttpGateway",
    "Message",
    "NotSent",
    "development_inbox",
    "send",
]


def send(message: Message) -> int:
    """Hand a message over; in how many tries. Raises `NotSent`, or `Busy` when it never left."""
    if not settings.SMS_BACKEND:
        raise NotSent("SMS_BACKEND is not set")
    return import_string(settings.SMS_BACKEND)().send(message)


def development_inbox() -> ConsoleBackend | None:
    """The console's messages, where there is a console: never in production."""
    if settings.PRODUCTION or not settings.SMS_BACKEND:
        return None
    found = import_string(settings.SMS_BACKEND)
    return found() if isinstance(found, type) and issubclass(found, ConsoleBackend) else None

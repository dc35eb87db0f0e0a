"""A backend for development: a page stands for the telephone."""

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from voting.sms.message import Message


class ConsoleBackend:
    """Keeps the last messages for the development page `inbox`; no telephone ever rings."""

    KEY, MOST, SECONDS = "voting.inbox", 50, 3600

    def __init__(self):
        if settings.PRODUCTION:
            raise ImproperlyConfigured("ConsoleBackend shows codes on a page and has no place in production.")

    def send(self, message: Message) -> int:
        line = {"phone": message.phone, "text": message.text, "at": message.at}
        cache.set(self.KEY, [line, *self.messages()][: self.MOST], self.SECONDS)
        return 1

    def messages(self) -> list[dict]:
        return cache.get(self.KEY) or []

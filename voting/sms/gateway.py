"""A gateway that takes messages over HTTP: `deploy/README.md` describes what it is asked and answers."""

import json
import threading
import time
from datetime import UTC

import structlog
import urllib3
from django.conf import settings

from voting.sms import signing
from voting.sms.message import Busy, Message, NotSent

log = structlog.get_logger(__name__)

TIMEOUT = urllib3.Timeout(connect=1.0, read=3.0)
#: Pauses before the second and the third try; no try begins after `PATIENCE` seconds: a voter is waiting.
PAUSES, PATIENCE = (0.2, 0.6), 5.0
LONGEST = 4096  # bytes of an answer that are read
#: Worth another try under the same number of the message: it was not taken, or nobody knows.
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

_pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=TIMEOUT)
_places = threading.BoundedSemaphore(settings.SMS_IN_FLIGHT)


class _TryAgain(Exception):
    pass


class HttpGateway:
    """POST {"id", "phone", "text", "at"}, signed; good is 2xx with a JSON object that says the same "id"."""

    def send(self, message: Message) -> int:
        if not (settings.SMS_GATEWAY_URL and settings.SMS_GATEWAY_SECRET):
            raise NotSent("SMS_GATEWAY_URL and SMS_GATEWAY_SECRET are not set")
        if not _places.acquire(blocking=False):
            raise Busy("too many messages are on their way")
        try:
            return self._deliver(message)
        finally:
            _places.release()

    def _deliver(self, message):
        body = _body(message)
        began, why = time.monotonic(), ""
        for tries, pause in enumerate((0.0, *PAUSES), start=1):
            if tries > 1 and time.monotonic() - began + pause > PATIENCE:
                break
            time.sleep(pause)
            made = tries
            try:
                self._post(message, body)
            except _TryAgain as failure:
                why = str(failure)
                log.warning("sms_try_failed", message=message.id, tries=tries, why=why)
                continue
            except NotSent as failure:
                failure.tries = tries
                log.error("sms_refused", message=message.id, tries=tries, why=str(failure))
                raise
            return tries
        raise NotSent(why, made)

    def _post(self, message, body):
        # Signed with the time of the message: every try is the same to the byte.
        signed = signing.headers(settings.SMS_GATEWAY_SECRET, body, at=message.at)
        try:
            answer = _pool.request(
                "POST",
                settings.SMS_GATEWAY_URL,
                body=body,
                headers={"Content-Type": "application/json", "User-Agent": "xuanshu", **signed},
                redirect=False,
                preload_content=False,
            )
            try:
                said = answer.read(LONGEST)
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            # Without the text of the error, which names the address and may hold a secret in it.
            raise _TryAgain(type(error).__name__) from None
        if answer.status in AGAIN:
            raise _TryAgain(f"status {answer.status}")
        if not 200 <= answer.status < 300:
            raise NotSent(f"status {answer.status}")
        if not _says(said, message.id):
            raise NotSent("the answer does not name the message")


def _body(message: Message) -> bytes:
    said = {
        "id": message.id,
        "phone": message.phone,
        "text": message.text,
        "at": message.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _says(answer: bytes, message_id: str) -> bool:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("id") == message_id

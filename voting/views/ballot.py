"""The way to the ballot tier through the portal, where nginx does not lead there directly.

Where the tier has a socket the request is handed on to it; else the same code answers in this process.
"""

import socket
from http.client import HTTPConnection, HTTPException

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from portal.proxies import address_of
from voting.box import asked, door, inside, refusals
from voting.services.casting import BallotRefused

PATIENCE = 4.0  # seconds the tier may take; it promises two
#: What the tier reads of a request; the visitor's other cookies do not concern it.
HANDED_ON = ("Host", "Origin", "Sec-Fetch-Site", "Accept-Language", "Content-Type")


@login_not_required
@csrf_exempt
def cast(request, pk):
    """A ballot; `voting.box.door` says what is asked of it, and what is answered."""
    return _answered(request)


@login_not_required
@csrf_exempt
def start(request, pk):
    """The beginning of a visit."""
    return _answered(request)


def _answered(request):
    if settings.BALLOT_SOCKET:
        status, body, headers = _handed_on(request)
    else:
        status, body, headers = inside.box().answer(request.META)
    return HttpResponse(body, status=status, headers=dict(headers))


def _handed_on(request):
    environ = request.META
    try:
        body = asked.body(environ) if request.method == "POST" else None
    except BallotRefused as refusal:
        return door.refused(refusal, environ)
    headers = {name: request.headers[name] for name in HANDED_ON if name in request.headers}
    headers |= {"X-Forwarded-For": address_of(environ), "X-Forwarded-Proto": request.scheme}
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if language.isascii() and language.replace("-", "").isalnum():
        headers["Cookie"] = f"{settings.LANGUAGE_COOKIE_NAME}={language}"
    line = _Line(settings.BALLOT_SOCKET)
    try:
        line.request(request.method, request.get_full_path(), body=body, headers=headers)
        answer = line.getresponse()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() in KEPT]
        return answer.status, answer.read(), kept
    except (OSError, HTTPException):
        return door.refused(refusals.busy(), environ)
    finally:
        line.close()


#: Of the tier's answer; the rest is between two servers.
KEPT = ("content-type", "cache-control", "retry-after", "x-content-type-options", "referrer-policy")


class _Line(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

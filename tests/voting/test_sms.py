"""The gateway over HTTP, against a real server of our own on this machine."""

import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from django.test import Client

from tests.moments import NOW
from tests.voting import ground
from voting import sms
from voting.models import PhoneCode
from voting.services import codes, tokens
from voting.sms import gateway, signing

SECRET = "a secret the gateway and the portal share"
MESSAGE = sms.Message("0123456789abcdef0123456789abcdef", "19900000001", "【选树】验证码是 123456", NOW)
TAKEN = (200, lambda said: json.dumps({"id": said["id"], "more": 1}).encode())


class Gateway(ThreadingHTTPServer):
    """Answers what it was told to, in turn; the last of it for ever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests = [TAKEN], []
        self.go, self.arrived = threading.Event(), threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/messages?account=7"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.requests.append((self.path, dict(self.headers), body))
        status, answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        server.arrived.set()
        if status == "hang":
            server.go.wait(20)
            return
        if status == "cut":
            return
        said = answer(json.loads(body)) if callable(answer) else answer
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", server.url)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server(settings, monkeypatch):
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SMS_BACKEND = "voting.sms.HttpGateway"
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_SECRET = server.url, SECRET
    monkeypatch.setattr(gateway, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(
        gateway._pool,
        "connection_pool_kw",
        gateway._pool.connection_pool_kw | {"timeout": urllib3.Timeout(connect=1, read=0.3)},
    )
    gateway._pool.clear()
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def tries_of(server) -> int:
    return len(server.requests)


def test_a_message_is_signed_and_handed_over_once(server):
    assert sms.send(MESSAGE) == 1
    [(path, headers, body)] = server.requests
    assert path == "/messages?account=7" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "id": "0123456789abcdef0123456789abcdef",
        "phone": "19900000001",
        "text": "【选树】验证码是 123456",
        "at": "2026-06-01T02:00:00+00:00",
    }
    # The signature as the other side would make it, from the description alone.
    assert headers["X-Xuanshu-Timestamp"] == "1780279200"
    mac = hmac.new(SECRET.encode(), b"1780279200." + body, "sha256").hexdigest()
    assert headers["X-Xuanshu-Signature"] == mac


@pytest.mark.parametrize(
    "answers, tries",
    [
        ([(500, b""), TAKEN], 2),
        ([(503, b""), (502, b"<html>"), TAKEN], 3),
        ([(429, b""), TAKEN], 2),
        ([("cut", b""), TAKEN], 2),
        ([("hang", b""), TAKEN], 2),
        ([(201, TAKEN[1])], 1),
    ],
)
def test_a_try_that_failed_is_made_again_as_the_same_message(server, answers, tries):
    server.answers = answers
    assert sms.send(MESSAGE) == tries == tries_of(server)
    assert len({body for _path, _headers, body in server.requests}) == 1


@pytest.mark.parametrize(
    "answers, tries",
    [
        ([(400, b"{}")], 1),
        ([(401, b"")], 1),
        ([(422, b"")], 1),
        ([(302, b"")], 1),
        ([(200, b"")], 1),
        ([(200, b"<html>welcome to the hotel network</html>")], 1),
        ([(200, b"[]")], 1),
        ([(200, b'{"id": "another"}')], 1),
        ([(200, b"[" * 4000)], 1),
        ([(200, b"x" * 9000)], 1),
        ([(500, b"")], 3),
        ([("hang", b"")], 3),
        ([("cut", b"")], 3),
        ([(500, b""), (403, b"")], 2),
    ],
)
def test_what_is_no_receipt_is_not_sent(server, answers, tries):
    server.answers = answers
    with pytest.raises(sms.NotSent) as failure:
        sms.send(MESSAGE)
    assert failure.value.tries == tries == tries_of(server)
    assert "19900000001" not in str(failure.value) and "127.0.0.1" not in str(failure.value)


def test_nobody_listens(server, settings):
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9/"
    with pytest.raises(sms.NotSent):
        sms.send(MESSAGE)


@pytest.mark.parametrize("name", ["SMS_GATEWAY_URL", "SMS_GATEWAY_SECRET"])
def test_without_an_address_or_a_secret_nothing_is_sent(server, settings, name):
    setattr(settings, name, "")
    with pytest.raises(sms.NotSent):
        sms.send(MESSAGE)
    assert server.requests == []


def test_no_more_than_so_many_at_a_time(server, monkeypatch):
    monkeypatch.setattr(gateway, "_places", threading.BoundedSemaphore(1))
    server.answers = [("hang", b""), TAKEN]
    done = []
    thread = threading.Thread(target=lambda: done.append(sms.send(MESSAGE)))
    thread.start()
    assert server.arrived.wait(5)
    with pytest.raises(sms.Busy):
        sms.send(MESSAGE)
    server.go.set()
    thread.join(10)
    assert done == [2]
    assert sms.send(MESSAGE) == 1  # the place is free again


@pytest.mark.django_db
def test_a_code_goes_out_over_the_gateway_and_its_state_is_kept(server):
    poll = ground.poll()
    visit = tokens.Start(poll.pk, "a visit", 0, "")
    server.answers = [(500, b""), TAKEN]
    codes.send_code(poll, "19900000001", visit=visit, now=ground.DURING, without_proof=True)
    row = PhoneCode.objects.get()
    said = json.loads(server.requests[-1][2])
    assert (row.delivery, row.tries, row.gateway_ref) == ("sent", 2, said["id"])
    assert said["phone"] == "19900000001"
    server.answers = [(400, b"")]
    with pytest.raises(codes.CodeRefused, match="没有发出"):
        codes.send_code(poll, "19900000002", visit=visit, now=ground.DURING, without_proof=True)
    row = PhoneCode.objects.latest("pk")
    assert (row.delivery, row.tries) == ("failed", 1)


# --- reports


@pytest.fixture
def message(settings, monkeypatch):
    settings.SMS_GATEWAY_SECRET = SECRET
    monkeypatch.setattr("django.utils.timezone.now", lambda: ground.DURING)
    row = PhoneCode(poll=ground.poll(), voter="v", gateway_ref="m-1", delivery="sent")
    row.sent_at = row.expires_at = ground.DURING
    row.save()
    return row


def report(body, *, at=ground.DURING, secret=SECRET, **changed) -> int:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = signing.headers(secret, body, at=at) | changed
    answer = Client(enforce_csrf_checks=True).post(
        "/vote/sms/report/", body, content_type="application/json", headers=headers
    )
    return answer.status_code


def state(row) -> str:
    row.refresh_from_db()
    return row.delivery


@pytest.mark.django_db
def test_a_report_is_kept_and_comes_again_without_effect(message):
    delivered, failed = {"id": "m-1", "state": "delivered"}, {"id": "m-1", "state": "failed"}
    assert report(delivered) == 200 and state(message) == "delivered"
    assert report(delivered) == 200 and state(message) == "delivered"
    assert report(failed) == 200 and state(message) == "delivered"
    assert report({"id": "long ago", "state": "failed"}) == 200
    assert report({"id": "", "state": "failed"}) == 200


@pytest.mark.django_db
def test_a_report_that_is_not_signed_so_is_refused(message, settings):
    body = {"id": "m-1", "state": "failed"}
    minutes = timedelta(minutes=1)
    assert report(body, secret="another") == 403
    assert report(body, **{"X-Xuanshu-Signature": ""}) == 403
    assert report(body, **{"X-Xuanshu-Timestamp": "1780279201"}) == 403
    assert report(body, **{"X-Xuanshu-Timestamp": "soon"}) == 403
    assert report(body, **{"X-Xuanshu-Timestamp": chr(0xFF19) * 9}) == 403
    assert report(body, at=ground.DURING - 6 * minutes) == 403
    assert report(body, at=ground.DURING + 6 * minutes) == 403
    settings.SMS_GATEWAY_SECRET = ""
    assert report(body, secret="") == 403
    assert state(message) == "sent"
    settings.SMS_GATEWAY_SECRET = SECRET
    assert report(body, at=ground.DURING - 4 * minutes) == 200 and state(message) == "failed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 4000,
        {"id": "m-1"},
        {"id": 1, "state": "failed"},
        {"id": "m-1", "state": "sent"},
        {"id": "m-1", "state": []},
        b"\xff",
    ],
)
def test_a_report_nobody_can_read_is_refused(message, body):
    assert report(body) == 400
    assert state(message) == "sent"


@pytest.mark.django_db
def test_a_report_is_short(message):
    assert report(b" " * 5000) == 413

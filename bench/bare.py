"""The tier's queue and writer with nothing in front of them: what a durable insert costs by itself.

`granian --interface wsgi bench.bare:application`. Nothing is asked of the voter, nothing signed; the row has
the size of a real one.
"""

import json
import os
from datetime import UTC, datetime
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from voting.box import inside, writer  # noqa: E402

box = inside.box("bare")
box.writer.knock()


def application(environ, start_response):
    posted = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    now = datetime.now(UTC)
    number = posted["ballot"]
    item = writer.Item(
        {
            "id": number,
            "poll_id": int(environ["PATH_INFO"].strip("/").split("/")[1]),
            "voter": number.replace("-", "") * 2,
            "turn": now.date(),
            "picks": posted["picks"],
            "cast_at": now,
            "record": str(uuid4()),
            "commitment": b"\xab" * 32,
            "address": "a" * 32,
            "network": "b" * 32,
            "device": "c" * 32,
            "block": "d" * 32,
            "home": "local",
            "dwell": 60,
        }
    )
    kept = box.writer.hand_in(item) and item.wait() == writer.TAKEN
    body = b'{"code":"taken"}' if kept else b"{}"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Retry-After", "1")]
    start_response("200 OK" if kept else "503 Service Unavailable", headers)
    return [body]

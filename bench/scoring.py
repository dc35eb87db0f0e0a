"""A panel that scores at once: python bench/scoring.py [EXPERTS] [SECONDS].

Fills a scratch database of its own (test_… beside DATABASE_URL, dropped at the end), starts the web server as
`deploy/` does on a port of 127.0.0.1, and lets every expert write on its sheets as a browser does: a change
every four to twelve seconds, saved by itself with its version, tried again until it is confirmed. At the end
every confirmed save has to be in the database and in the history of the sheet. Prints times and what is lost.
"""

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("XUANSHU_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from portal.figures import decimal_text  # noqa: E402
from review import services  # noqa: E402
from review.models import Assignment, ScoreSheet  # noqa: E402
from tests import factories  # noqa: E402

EACH = 5
PAUSE = (4.0, 12.0)
WORKERS, THREADS = 4, 4


class Expert(threading.Thread):
    """One browser: what was typed is kept until the server has confirmed it."""

    def __init__(self, cookie: str, tasks: list[int], codes: list[str], port: int, until: float, seed: int):
        super().__init__(daemon=True)
        self.cookie, self.codes, self.port, self.until = cookie, codes, port, until
        self.chance = random.Random(seed)
        self.sheets = {task: {"version": 0, "values": {}} for task in tasks}
        self.confirmed: list[tuple[int, int, dict]] = []
        self.times: list[float] = []
        self.again = 0

    def run(self):
        time.sleep(self.chance.random() * PAUSE[1])
        while time.monotonic() < self.until:
            task = self.chance.choice(list(self.sheets))
            sheet = self.sheets[task]
            sheet["values"][f"points_{self.chance.choice(self.codes)}"] = str(self.chance.randint(60, 95))
            sheet["values"]["comment"] = f"演示评语 {self.chance.randint(0, 10**9)}"
            self.save(task, sheet)
            time.sleep(self.chance.uniform(*PAUSE))

    def save(self, task, sheet):
        while True:
            began = time.monotonic()
            try:
                answer = self.post(task, sheet)
            except (OSError, http.client.HTTPException):
                self.again += 1
                time.sleep(1)
                continue
            self.times.append(time.monotonic() - began)
            sheet["version"] = answer["version"]
            self.confirmed.append((task, answer["version"], dict(sheet["values"])))
            return

    def post(self, task, sheet) -> dict:
        token = "b" * 32
        body = urlencode({"csrfmiddlewaretoken": token, "version": sheet["version"], **sheet["values"]})
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(
                "POST",
                f"/review/sheet/{task}/",
                body,
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.cookie}; "
                    f"{settings.CSRF_COOKIE_NAME}={token}",
                    "X-Requested-With": "fetch",
                },
            )
            answer = line.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise http.client.HTTPException(f"{answer.status} {content[:200]!r}")
            return json.loads(content)
        finally:
            line.close()


def panel(number: int) -> tuple[dict[str, list[int]], list[str]]:
    """An edition under review by so many experts, five nominations each; cookie → tasks, and dimensions."""
    now = timezone.now()
    edition = factories.edition(seats=2, nominees=2, now=now)
    office = factories.hat("office")
    for n in range(EACH):
        factories.nomination(edition, n + 1, state="review", now=now)
    hats = [factories.hat("expert", username=f"bench{n}") for n in range(number)]
    seats = [services.Seat(f"E{n:03}", hat.user.full_name, hat.user) for n, hat in enumerate(hats)]
    services.seat_panel(edition, seats, by=office, now=now)
    services.assign_all(edition, by=office, now=now)
    Assignment.objects.update(declared_at=now, declared_signature="演示")
    cookies = {}
    for hat in hats:
        client = factories.sign_in(Client(), hat)
        mine = Assignment.objects.filter(member__user=hat.user).values_list("pk", flat=True)
        cookies[client.cookies[settings.SESSION_COOKIE_NAME].value] = list(mine)
    return cookies, [each.code for each in edition.dimensions.all()]


def serve(port: int) -> subprocess.Popen:
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi:application", "--worker-class", "gthread"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--bind", f"127.0.0.1:{port}"]
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    for _ in range(300):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def lost(experts: list[Expert]) -> int:
    """Confirmed saves that are not in the history, and sheets that do not say what was confirmed last."""
    missing = 0
    with connection.cursor() as cursor:
        cursor.execute('SELECT assignment_id, version FROM "review_scoresheetevent"')
        history = set(cursor.fetchall())
    sheets = ScoreSheet.objects.prefetch_related("scores__dimension")
    stored = {sheet.assignment_id: sheet for sheet in sheets}
    for expert in experts:
        missing += sum((task, version) not in history for task, version, _values in expert.confirmed)
        last = {task: values for task, _version, values in expert.confirmed}
        for task, values in last.items():
            sheet = stored[task]
            points = {
                f"points_{each.dimension.code}": decimal_text(each.points) for each in sheet.scores.all()
            }
            missing += {**points, "comment": sheet.comment} != values
    return missing


def main(number: int, seconds: int) -> int:
    setup_test_environment(debug=False)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        cookies, codes = panel(number)
        server = serve(port)
        try:
            until = time.monotonic() + seconds
            experts = [
                Expert(cookie, tasks, codes, port, until, seed)
                for seed, (cookie, tasks) in enumerate(cookies.items())
            ]
            for expert in experts:
                expert.start()
            for expert in experts:
                expert.join()
        finally:
            server.terminate()
            server.wait(30)
        missing = lost(experts)
    finally:
        connections.close_all()
        runner.teardown_databases(databases)
    times = sorted(each for expert in experts for each in expert.times)
    cuts = statistics.quantiles(times, n=100)
    print(  # noqa: T201
        f"{number} experts, {seconds} s: {len(times)} saves confirmed, {missing} lost, "
        f"{sum(expert.again for expert in experts)} tried again; "
        f"median {cuts[49] * 1000:.0f} ms, 95 % {cuts[94] * 1000:.0f} ms, 99 % {cuts[98] * 1000:.0f} ms"
    )
    return missing


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(bool(main(*(words + [60, 60][len(words) :]))))

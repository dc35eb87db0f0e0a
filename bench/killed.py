"""Does a list survive its worker? python bench/killed.py [KILLS] [SEED]

A Celery worker draws the list of an edition on engines of its own and is killed with SIGKILL at a moment
drawn between the order and a little after the end: now the whole worker, now only the process of its pool.
Then a worker is there again, and the sweep that runs every minute is sent once, as beat would. Each time the
list must come out the same to the bit: digest, signature, rows, states, one line on the record for each act,
one message to each person; and drawing it again must change nothing.
"""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.stand import Stand  # noqa: E402

FIELD, SEATS = 60, 30  # so many candidates, so that each part of the work takes long enough to be hit
PATIENCE = 180.0
KINDS = ("worker", "child")
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "portal", "worker", "-c", "1", "-l", "ERROR"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)
STATE = "SELECT status, done FROM awards_shortlist WHERE id = %s"


class Hall(Stand):
    """Engines of their own, a voted edition in them, a worker, and an office that asks for the list."""

    def furnish(self) -> None:
        command = [sys.executable, "-m", "bench.killed", "office"]
        with (self.folder / "office.log").open("ab") as log:
            self.office = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, text=True, bufsize=1,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.children["office"] = self.office
        self.ask("make")
        self.start("worker", WORKER)

    def ask(self, *words) -> dict:
        """What the office answers to an order."""
        self.office.stdin.write(" ".join(map(str, words)) + "\n")
        line = self.office.stdout.readline()
        if not line:
            raise SystemExit((self.folder / "office.log").read_text("utf-8")[-2000:])
        return json.loads(line)

    def drawn(self, shortlist: int) -> None:
        """Until the list is there and no message waits."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.query(STATE, shortlist)[0][0] == "done" and not any(self.messages()):
                return
            time.sleep(0.02)
        raise SystemExit(f"the list was not drawn: {self.query(STATE, shortlist)}, {self.messages()}")

    def messages(self) -> tuple[int, int]:
        """How many wait, and how many are taken and not yet acknowledged."""
        import redis

        broker = redis.from_url(self.engines["valkey"].url)
        with broker:
            return broker.llen("celery"), broker.hlen("unacked")

    def forget_taken(self) -> None:
        """What a dead worker had taken Celery hands out again after two hours; nobody waits for that here."""
        import redis

        with redis.from_url(self.engines["valkey"].url) as broker:
            broker.delete("unacked", "unacked_index")

    def pool(self) -> int:
        """The one process of the worker's pool."""
        worker = self.children["worker"].pid
        found = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
        return int(found[-1])


def undisturbed(hall: Hall, times: int = 3) -> tuple[float, dict]:
    """How long it takes from the order to the end, in seconds, and what it comes to."""
    taken, right = [], {}
    for _time in range(times):
        asked = hall.ask("fresh")
        began = time.monotonic()
        hall.ask("queue", asked["shortlist"])
        hall.drawn(asked["shortlist"])
        taken.append(time.monotonic() - began)
        found = hall.ask("look", *asked.values())
        assert right in ({}, found), (right, found)
        right = found
    return statistics.median(taken[1:] or taken), right


def hit(hall: Hall, shortlist: int) -> str:
    """Where the work stood when the worker was gone."""
    status, done = hall.query(STATE, shortlist)[0]
    waiting, taken = hall.messages()
    if status == "queued":
        return "before it began"
    if status == "running":
        return f"in part {done + 1}"
    return "after COMMIT, before the message was acknowledged" if waiting + taken else "after the end"


def run(hall: Hall, kills: int, seed: int = 6) -> tuple[Counter, list]:
    """Where the kills hit, and every outcome that was not the right one."""
    chance, hits, wrong = random.Random(seed), Counter(), []
    span, right = undisturbed(hall)
    for number in range(1, kills + 1):
        kind = KINDS[number % len(KINDS)]
        asked = hall.ask("fresh")
        shortlist = asked["shortlist"]
        hall.ask("queue", shortlist)
        time.sleep(chance.uniform(0, 1.1 * span))
        if kind == "worker":
            hall.end("worker", signal.SIGKILL)
        else:
            os.kill(hall.pool(), signal.SIGKILL)
        where = hit(hall, shortlist)
        hits[where] += 1
        if kind == "worker":
            hall.forget_taken()
            hall.start("worker", WORKER)
        hall.ask("sweep")
        hall.drawn(shortlist)
        hall.ask("queue", shortlist)  # the same message once more, as a broker may hand it out
        hall.drawn(shortlist)
        found = hall.ask("look", *asked.values())
        if found != right:
            wrong.append((number, kind, where, found))
        print(f"  {number} {kind} {where}: {'same' if found == right else found}", flush=True)  # noqa: T201
    return hits, wrong


# --- inside: the office, in a process of its own


def make() -> dict:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("ground", verbosity=0)
    from django.utils import timezone

    from tests.awards.voted import voted

    field = {str(n): (str(90 - n % 37), 1000 - 13 * n, {}) for n in range(FIELD)}
    edition, _nominations = voted(field, now=timezone.now(), seats=SEATS, nominees=FIELD)
    return {"edition": edition.pk}


def fresh() -> dict:
    """The edition as it was before any list, by one who owns the database; and a list asked for."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from awards.services.shortlisting import ask_shortlist
    from nominations.models import Edition
    from portal.models import AuditEntry, Notification
    from tests import factories

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM awards_shortlistrow; DELETE FROM awards_shortlist")
        cursor.execute("UPDATE nominations_nomination SET state = 'voting' WHERE state = 'inspection'")
        cursor.execute("SET session_replication_role = DEFAULT")
    Notification.objects.all().delete()
    edition = Edition.objects.get()
    # Asked a while ago, so that the sweep takes it up at once and not only after two minutes.
    now = timezone.now() - timedelta(minutes=10)
    shortlist = ask_shortlist(edition, by=factories.hat("office", edition.host), now=now)
    return {"shortlist": shortlist.pk, "seq": AuditEntry.objects.order_by("-pk").first().pk}


def look(shortlist: int, seq: int) -> dict:
    """All that must be the same every time."""
    from awards.models import Shortlist
    from awards.services.board import recompute
    from nominations.models import Nomination
    from portal.models import AuditEntry, Notification

    held = Shortlist.objects.get(pk=shortlist)
    columns = ("nomination", "rank", "expert_score", "vote_score", "composite", "picks", "shortlisted", "tie")
    rows = [[str(each) for each in row] for row in held.rows.order_by("nomination").values_list(*columns)]
    told = AuditEntry.objects.filter(pk__gt=seq)
    return {
        "digest": held.digest,
        "signature": held.signature,
        "rows": rows,
        "in": sorted(Nomination.objects.filter(state="inspection").values_list("pk", flat=True)),
        "drawn on the record": told.filter(act="awards.draw_shortlist").count(),
        "moved on the record": told.filter(act="nominations.shortlist").count(),
        "told": Notification.objects.filter(event="awards.shortlist_drawn").count(),
        "differences": [str(each) for each in recompute(held)],
    }


def office() -> None:
    """Answer orders, a line each, until nobody asks any more."""
    import django

    answers, sys.stdout = sys.stdout, sys.stderr  # commands talk; an answer is a line of its own
    django.setup()
    from awards import tasks

    orders = {
        "make": make,
        "fresh": fresh,
        "look": look,
        "queue": lambda pk: tasks.draw_shortlist.delay(pk) and {},
        "sweep": lambda: tasks.resume_stale_shortlists.delay() and {},
    }
    for line in sys.stdin:
        word, *figures = line.split()
        print(json.dumps(orders[word](*map(int, figures))), file=answers, flush=True)


def main(words: list[str]) -> None:
    if words[:1] == ["office"]:
        office()
        return
    kills, seed = (int(word) for word in (*words, *("100", "6")[len(words) :]))
    with Hall() as hall:
        hits, wrong = run(hall, kills, seed)
    for where, n in sorted(hits.items()):
        print(f"{n:4} {where}")  # noqa: T201
    print(f"{kills} kills, {kills - len(wrong)} times the identical list")  # noqa: T201
    if wrong:
        raise SystemExit(json.dumps(wrong[0], ensure_ascii=False)[:2000])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    main(sys.argv[1:])

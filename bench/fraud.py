"""Brush votes and honest rushes: python bench/fraud.py [HONEST] [--tick SECONDS] [--seed N].

Writes a poll of three days into a scratch database (test_… beside DATABASE_URL, dropped at the end): honest
voters with a daily rhythm, habits and workplaces, honest rushes, brush votes of many kinds. Then the clock is
moved through the poll and `voting.services.detecting.detect` is asked at every tick, as the worker would.
Prints what was flagged, of what, by scenario. Everything is drawn from one seed.
"""

import argparse
import math
import os
import random
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUR, DAY = 3600, 86400
#: Ballots of an hour of the day, in the city, as parts of the busiest.
RHYTHM = (9, 4, 2, 1, 1, 3, 12, 35, 60, 75, 80, 85, 100, 80, 65, 65, 70, 80, 85, 95, 100, 90, 60, 25)
SIZES = ((1, 25), (2, 15), (3, 20), (4, 12), (5, 28))  # how many candidates a voter picks


@dataclass
class Vote:
    scenario: str
    at: float  # seconds since the opening
    picks: tuple[int, ...]
    address: str
    network: str
    device: str
    block: str
    home: str
    dwell: int | None
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    voter: str = ""


class City:
    """Who votes, how, and from where. Opens at midnight in the city."""

    def __init__(self, honest: int, seed: int, days: int = 3, candidates: int = 40):
        self.chance = random.Random(seed)
        self.honest, self.days, self.candidates = honest, days, candidates
        self.weights = [1 / (n**0.8) for n in range(1, candidates + 1)]
        self.district = [self.chance.randrange(6) for _n in range(candidates)]
        self.lists = [self.some(self.chance.choice((3, 4, 5))) for _n in range(8)]
        self.works = [(f"w{n}", self.chance.randint(1, candidates)) for n in range(400)]
        self.votes: list[Vote] = []
        self.numbers = 0

    # --- single traits

    def some(self, size: int, first: int = 0) -> tuple[int, ...]:
        """A set of picks; whoever is chosen together is often of one district."""
        picks = {first} if first else set()
        home = self.chance.randrange(6)
        while len(picks) < size:
            weights = [
                weight * (6 if place == home else 1)
                for weight, place in zip(self.weights, self.district, strict=True)
            ]
            picks.add(self.chance.choices(range(1, self.candidates + 1), weights)[0])
        return tuple(sorted(picks))

    def size(self) -> int:
        return self.chance.choices([n for n, _w in SIZES], [w for _n, w in SIZES])[0]

    def human(self) -> int:
        """Seconds a person stays: reading, choosing, waiting for the code."""
        return max(12, round(self.chance.lognormvariate(math.log(80), 0.6)))

    def of_the_day(self) -> float:
        hour = self.chance.choices(range(24), RHYTHM)[0]
        return self.chance.randrange(self.days) * DAY + hour * HOUR + self.chance.random() * HOUR

    def number(self, home: str = "") -> tuple[str, str]:
        """(home, block of a hundred): a local number, else one of those that live here with another."""
        home = home or self.chance.choices(("local", "away", "virtual"), (88, 9, 3))[0]
        blocks = {"local": 100_000, "away": 2_000_000, "virtual": 300_000}[home]
        return home, f"{home}{self.chance.randrange(blocks)}"

    def place(self) -> tuple[str, str]:
        """(address, network): a carrier's gateway, or a line at home."""
        if self.chance.random() < 0.5:
            network = f"c{min(int(self.chance.paretovariate(0.7)), 300)}"
            return f"{network}.{self.chance.randrange(200)}", network
        network = f"h{self.chance.randrange(30_000)}"
        return f"{network}.{self.chance.randrange(250)}", network

    def proxy(self, pool: int, tag: str) -> tuple[str, str]:
        n = self.chance.randrange(pool)
        return f"p{tag}{n}", f"q{tag}{n}"

    def add(self, scenario: str, at: float, picks, *, place=None, device="", number=None, dwell=0):
        if not 0 <= at < self.days * DAY:
            return
        self.numbers += 1
        address, network = place or self.place()
        home, block = number or self.number()
        vote = Vote(
            scenario,
            at,
            tuple(sorted(picks)),
            address,
            network,
            device or f"d{self.numbers}",
            block,
            home,
            dwell or self.human(),
            uuid.UUID(int=self.chance.getrandbits(128), version=4),
        )
        vote.voter = f"v{self.numbers}"
        self.votes.append(vote)

    # --- the everyday

    def everyday(self):
        """Homes, phones, workplaces; some copy a list that goes round, some share a telephone."""
        n = 0
        while n < self.honest:
            at, place, work = self.of_the_day(), None, None
            if self.chance.random() < 0.15:
                work = self.chance.choice(self.works)
                place = (work[0], f"n{work[0]}")
            device = ""
            for _one in range(self.chance.choices((1, 2, 3), (96, 3, 1))[0]):
                roll = self.chance.random()
                if roll < 0.04:
                    picks = self.chance.choice(self.lists)
                elif work and roll < 0.4:
                    picks = self.some(self.size(), work[1])
                else:
                    picks = self.some(self.size())
                number = ("local", f"{work[0]}b{self.chance.randrange(2)}") if work and roll > 0.7 else None
                self.add("everyday", at, picks, place=place, device=device, number=number)
                device, place = f"d{self.numbers}", (self.votes[-1].address, self.votes[-1].network)
                at += 90 + self.chance.random() * 200
                n += 1

    # --- honest rushes

    def celebrity(self, n, target, begin, *, name="celebrity's post", listed=0.0, away=0.4):
        """Many places, people's dwell, fading over hours; most pick only whom they came for."""
        given = self.some(5, target)
        for _one in range(n):
            at = begin + self.chance.expovariate(1 / 4000)
            picks = (
                given
                if self.chance.random() < listed
                else self.some(self.chance.choice((1, 1, 1, 2, 4)), target)
            )
            home = self.chance.choices(("local", "away", "virtual"), (1 - away, away * 0.9, away * 0.1))[0]
            self.add(name, at, picks, number=self.number(home))

    def factory(
        self, n, target, begin, *, name="factory's shift change", listed=0.2, home="", lasts=1200, blocks=0.3
    ):
        """One address, everybody's own telephone, the own enterprise with whoever else."""
        tag, given = f"f{target}{begin}", self.some(4, target)
        for _one in range(n):
            own = self.chance.random() < 0.9
            picks = self.some(self.size(), target) if own else self.some(self.size())
            if self.chance.random() < listed:
                picks = given
            number = self.number(home)
            if self.chance.random() < blocks:
                number = (home or "local", f"{tag}b{self.chance.randrange(max(n // 60, 1))}")
            place = (f"{tag}.{self.chance.randrange(2)}", tag)
            self.add(name, begin + self.chance.random() * lasts, picks, place=place, number=number)

    def at_home(self, n, target, begin, *, listed=0.4):
        """A firm's people in the evening, each at home, with the firm's numbers and at times its list."""
        given = self.some(4, target)
        for _one in range(n):
            picks = given if self.chance.random() < listed else self.some(self.size(), target)
            number = ("local", f"s{target}b{self.chance.randrange(5)}")
            self.add("firm's people at home", begin + self.chance.random() * 5 * HOUR, picks, number=number)

    def service_point(self, n, target, begin):
        """Two tablets in a union's hall, one person after the other."""
        tag = f"k{target}"
        for one in range(n):
            picks = self.some(self.size(), target) if self.chance.random() < 0.7 else self.some(self.size())
            at, device = begin + one // 2 * 150 + self.chance.random() * 60, f"{tag}.{one % 2}"
            dwell = self.chance.randint(30, 140)
            self.add("tablets of a service point", at, picks, place=(tag, tag), device=device, dwell=dwell)

    def campus(self, n, target, begin):
        """Students behind five addresses, many numbers from elsewhere, all sorts of picks."""
        for _one in range(n):
            picks = self.some(self.size(), target) if self.chance.random() < 0.3 else self.some(self.size())
            home = self.chance.choices(("local", "away"), (55, 45))[0]
            at = begin + self.chance.random() * 14 * HOUR
            place = (f"u{target}.{self.chance.randrange(5)}", f"u{target}")
            self.add("campus", at, picks, place=place, number=self.number(home))

    # --- brush votes

    def script(self, name, n, target, begin, lasts, *, fixed, pool, devices, dwell, home=""):
        given = self.some(4, target)
        for _one in range(n):
            self.add(
                name,
                begin + self.chance.random() * lasts,
                given if fixed else self.some(self.size(), target),
                place=self.proxy(pool, f"{target}"),
                device=f"x{target}.{self.chance.randrange(devices)}" if devices else "",
                number=self.number(home),
                dwell=dwell(self.chance),
            )

    def drip(
        self,
        name,
        n,
        target,
        *,
        begin=0,
        lasts=0,
        pool=100_000,
        in_block=0,
        home="virtual",
        dwell=None,
        fixed=True,
        devices=0,
        one_network="",
        rhythm=False,
    ):
        """Spread over hours or days; numbers bought by the packet lie beside one another."""
        given, lasts = self.some(4, target), lasts or self.days * DAY
        for one in range(n):
            number = self.number(home)
            if in_block:
                number = (home, f"z{target}b{one // in_block}")
            place = self.proxy(pool, f"{target}")
            if one_network:
                place = (f"{one_network}.{self.chance.randrange(4)}", one_network)
            self.add(
                name,
                self.of_the_day() if rhythm else begin + lasts * (one + self.chance.random()) / n,
                given if fixed else self.some(self.size(), target),
                place=place,
                device=f"y{target}.{self.chance.randrange(devices)}" if devices else "",
                number=number,
                dwell=dwell(self.chance) if dwell else 0,
            )

    def bought(self, n, target):
        """People with telephones of their own who are paid: they do what an honest voter does."""
        for _one in range(n):
            self.add("paid people (cannot be told)", self.of_the_day(), self.some(self.size(), target))


def scenarios(city: City, scale: float = 1.0):
    """The whole programme; `scale` shrinks rushes and attacks together with the city."""

    def of(n, least=30):
        return max(round(n * scale), least)

    city.everyday()
    city.celebrity(of(1500), 12, DAY + 20 * HOUR)
    city.celebrity(of(1000), 25, 10 * HOUR, name="celebrity's post with a list", listed=0.3, away=0.6)
    city.factory(of(400), 18, DAY + 17 * HOUR)
    city.factory(of(150), 31, 2 * DAY + HOUR // 2, name="night shift", listed=0.1)
    city.factory(
        of(80), 22, DAY + 12 * HOUR, name="branch in another city", listed=0.1, home="away", blocks=0.0
    )
    city.at_home(of(300), 27, 19 * HOUR)
    city.service_point(of(60), 35, DAY + 9 * HOUR)
    city.campus(of(600), 9, 8 * HOUR)

    short = lambda chance: chance.randint(2, 6)  # noqa: E731
    even = lambda chance: chance.randint(30, 31)  # noqa: E731
    slow = lambda chance: chance.randint(25, 90)  # noqa: E731
    name = "script, one set, few addresses"
    city.script(name, of(400), 14, DAY + 15 * HOUR, 300, fixed=True, pool=3, devices=5, dwell=short)
    name = "script, 60 ballots"
    city.script(name, 60, 33, 2 * DAY + 11 * HOUR, 600, fixed=True, pool=1, devices=0, dwell=short)
    name = "script, others at random, 200 proxies"
    city.script(name, of(300), 20, DAY + 21 * HOUR, 1200, fixed=False, pool=200, devices=0, dwell=short)
    name = "script that waits 30 s, 100 proxies"
    city.script(name, of(300), 29, 2 * DAY + 14 * HOUR, 2 * HOUR, fixed=True, pool=100, devices=0, dwell=even)
    name = "script drip, others at random, 3 days"
    city.drip(name, of(200), 37, fixed=False, home="local", dwell=short)
    name = "address pool by night, numbers by the packet"
    city.drip(name, of(500), 16, begin=DAY + HOUR, lasts=6 * HOUR, pool=150, in_block=5, dwell=slow)
    name = "pool drip, virtual numbers, 3 days"
    city.drip(name, of(360), 24, dwell=slow)
    name = "slow pool drip, packets of 3, 3 days"
    city.drip(name, of(144), 39, in_block=3, dwell=slow)
    name = "phone farm, 20 devices, one network"
    city.drip(
        name,
        of(300),
        11,
        begin=DAY + 9 * HOUR,
        lasts=5 * HOUR,
        in_block=10,
        home="away",
        dwell=slow,
        devices=20,
        one_network="farm1",
    )
    name = "phone farm, own devices, others at random"
    city.drip(name, of(300), 28, begin=2 * DAY + 8 * HOUR, lasts=8 * HOUR, in_block=20, fixed=False)
    name = "phone farm, own devices, one network, one set"
    city.drip(name, of(200), 36, begin=2 * DAY + 13 * HOUR, lasts=3 * HOUR, home="away", one_network="farm2")
    name = "one telephone, 40 local numbers"
    city.drip(
        name,
        40,
        32,
        begin=DAY + 10 * HOUR,
        lasts=3 * HOUR,
        home="local",
        devices=1,
        one_network="one",
        dwell=slow,
    )
    city.bought(of(200), 30)
    city.votes.sort(key=lambda each: each.at)
    return city


BRUSHED = ("script", "address pool", "pool drip", "slow pool", "phone farm", "one telephone")
BOUGHT = "paid people"


# --- through the real service


def fill(poll, city: City) -> None:
    from datetime import timedelta

    from django.db import connection
    from psycopg2.extras import execute_values

    rows = [
        (
            str(vote.id),
            poll.pk,
            vote.voter,
            poll.opens.date(),
            list(vote.picks),
            poll.opens + timedelta(seconds=vote.at),
            str(vote.id),
            vote.id.bytes * 2,
            vote.address,
            vote.network,
            vote.device,
            vote.block,
            vote.home,
            vote.dwell,
        )
        for vote in city.votes
    ]
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "INSERT INTO voting_ballot (id, poll_id, voter, turn, picks, cast_at, record, commitment,"
            " address, network, device, block, home, dwell) VALUES %s",
            rows,
            page_size=2000,
        )
        cursor.execute("ANALYZE voting_ballot")


def run(poll, city: City, tick: int, told=lambda done: None) -> dict[str, list[float]]:
    """Move the clock through the poll; seconds of each look."""
    from datetime import timedelta

    from voting.services.detecting import detect

    times = []
    for at in range(tick, city.days * DAY + tick, tick):
        began = time.perf_counter()
        detect(poll, now=poll.opens + timedelta(seconds=at))
        times.append(time.perf_counter() - began)
        told(at / (city.days * DAY))
    return times


def flagged_of(poll) -> set[uuid.UUID]:
    from voting.models import Alarm

    links = Alarm.ballots.through.objects.filter(alarm__poll=poll)
    return set(links.values_list("ballot_id", flat=True))


@dataclass
class Figures:
    """By scenario: ballots, and how many of them were flagged."""

    of: Counter
    flagged: Counter

    @classmethod
    def count(cls, city: City, flagged) -> "Figures":
        every = Counter(vote.scenario for vote in city.votes)
        return cls(every, Counter(vote.scenario for vote in city.votes if vote.id in flagged))

    def share(self, names) -> float:
        of = sum(self.of[name] for name in names)
        return sum(self.flagged[name] for name in names) / of if of else 0.0

    @property
    def brushed(self):
        return [name for name in self.of if name.startswith(BRUSHED)]

    @property
    def honest(self):
        return [name for name in self.of if not name.startswith((*BRUSHED, BOUGHT))]

    @property
    def recall(self) -> float:
        return self.share(self.brushed)

    @property
    def false(self) -> float:
        return self.share(self.honest)

    @property
    def precision(self) -> float:
        hit = sum(self.flagged[name] for name in self.of if name not in self.honest)
        return hit / max(self.flagged.total(), 1)

    def table(self) -> str:
        lines = ["| Scenario | Ballots | Flagged | Share |", "|---|---|---|---|"]
        paid = [name for name in self.of if name.startswith(BOUGHT)]
        for title, names in (("brush votes", self.brushed), ("honest", self.honest), ("", paid)):
            for name in names:
                lines.append(
                    f"| {name} | {self.of[name]} | {self.flagged[name]} | {self.share([name]):.2%} |"
                )
            if title:
                of, hit = (sum(each[name] for name in names) for each in (self.of, self.flagged))
                lines.append(f"| **all {title}** | {of} | {hit} | **{self.share(names):.2%}** |")
        return "\n".join(lines)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("honest", nargs="?", type=int, default=60_000)
    asked.add_argument("--tick", type=int, default=60)
    asked.add_argument("--seed", type=int, default=5)
    asked.add_argument("--scale", type=float, default=1.0)
    given = asked.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("XUANSHU_ENV", "development")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment

    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        city = scenarios(City(given.honest, given.seed), given.scale)
        report(city, given.tick)
    finally:
        runner.teardown_databases(databases)


def a_poll():
    """A poll of forty candidates over three days, from midnight to midnight in the city."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from tests.voting import ground
    from voting.models import Poll

    poll = ground.poll(40, max_picks=5)
    opens = poll.opens.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0, second=0)
    Poll.objects.filter(pk=poll.pk).update(opens=opens, closes=opens + timedelta(days=3))
    return Poll.objects.select_related("edition__host").get(pk=poll.pk)


def report(city: City, tick: int):
    from voting.models import Alarm

    poll = a_poll()
    fill(poll, city)
    times = sorted(run(poll, city, tick))
    figures = Figures.count(city, flagged_of(poll))
    print(figures.table())  # noqa: T201
    print(  # noqa: T201
        f"\nrecall {figures.recall:.2%}, precision {figures.precision:.2%}, "
        f"honest flagged {figures.false:.2%}; "
        f"{len(times)} looks every {tick} s: median {times[len(times) // 2] * 1000:.0f} ms, "
        f"most {times[-1] * 1000:.0f} ms\n"
    )
    truth = {vote.id: vote.scenario for vote in city.votes}
    print("| Alarm | Candidate | Flagged | Mostly of |\n|---|---|---|---|")  # noqa: T201
    for alarm in Alarm.objects.filter(poll=poll).select_related("candidate").order_by("raised_at"):
        ids = alarm.ballots.values_list("pk", flat=True)
        mostly = Counter(truth[each] for each in ids).most_common(1)
        about = alarm.candidate.number if alarm.candidate else alarm.key
        print(f"| {alarm.rule} | {about} | {len(ids)} | {mostly[0][0] if mostly else '—'} |")  # noqa: T201


if __name__ == "__main__":
    main()

"""How long a search of the 名录 takes: python bench/registry.py [HONOURS] [ROUNDS].

Fills a scratch database of its own (test_… beside DATABASE_URL, dropped at the end) with so many namings,
20 000 unless told, an eighth of them of editions that were never published, and asks for its pages through
the whole of Django, without a web server. Prints for each kind of search the milliseconds and the questions
to the database when nothing is kept, and again when it is.
"""

import os
import random
import statistics
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("XUANSHU_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from awards.models import Honour  # noqa: E402
from awards.views import registry as pages  # noqa: E402
from nominations.models import Category, Enterprise, Nomination  # noqa: E402
from portal.models import Organisation  # noqa: E402
from portal.shelf import Shelf  # noqa: E402
from tests import factories  # noqa: E402

SEED = 7
#: What is asked for, from the commonest to the dearest.
SEARCHES = {
    "everything": "",
    "the last page": "page=2000",
    "a year and a district": "year=2021&district=市南区",
    "an industry, without the revoked": "industry=演示行业7&standing=1",
    "words in the name, few found": "q=海风+1234",
    "words in the name, many found": "q=机械",
    "words nobody has": "q=没有这样的名称",
    "words, level and category": "q=海风&level=district&category=qycx",
}
NAMES = ("海风", "山泉", "松林", "金石", "长河", "晨光", "北岭", "南湾")
TRADES = ("机械", "软件", "食品", "纺织", "化工", "物流")


def fill(number: int) -> None:
    chance, now = random.Random(SEED), timezone.now()
    city, office = factories.city(), factories.hat("office")
    districts = list(Organisation.objects.filter(kind="district"))
    categories = list(Category.objects.all())
    enterprises = Enterprise.objects.bulk_create(
        [
            Enterprise(
                credit_code=factories.credit_code(n),
                name=f"演示{chance.choice(NAMES)}{n}{chance.choice(TRADES)}有限公司（演示）",
                division_name=chance.choice(districts).division_name,
            )
            for n in range(number // 2)
        ]
    )
    rehearsed = [factories.edition(published=False, year=2000 + n) for n in range(8)]
    nominations = Nomination.objects.bulk_create(
        [
            Nomination(
                edition=rehearsed[n % 8],
                enterprise=enterprises[n],
                recommender=districts[0],
                subject_key=enterprises[n].credit_code,
                subject_name=enterprises[n].name,
                state="named",
                created_at=now,
                created_by=office,
            )
            for n in range(number // 8)
        ]
    )
    namings = []
    for n in range(number + len(nominations)):
        one, year = enterprises[n % len(enterprises)], 2005 + n % 22
        revoked = n % 97 == 0
        namings.append(
            Honour(
                enterprise=one,
                nomination=nominations[n - number] if n >= number else None,
                category=categories[n % len(categories)],
                subject_key=one.credit_code,
                subject_name=one.name,
                division_name=one.division_name,
                industry=f"演示行业{n % 30}",
                host=city,
                level=("city", "district", "district", "enterprise")[n % 4],
                year=year,
                title="演示年度称号",
                number=f"演示{year}-{n:06}",
                token=f"{n:032x}",
                named_on=date(year, 12, 1),
                named_by=office,
                revoked_on=date(2026, 1, 1) if revoked else None,
                revoked_reason="演示" if revoked else "",
            )
        )
    Honour.objects.bulk_create(namings, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(asked: str, rounds: int, *, kept: bool, facets: bool = True) -> tuple[list[float], int]:
    """Milliseconds of each round, and the questions of the last. `facets`: whether those are kept."""
    client, times = Client(raise_request_exception=True), []
    for _round in range(rounds):
        for shelf in Shelf.every:
            if not kept and not (facets and shelf is pages.FACETS):
                shelf.clear()
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            answer = client.get(f"/awards/registry/?{asked}")
            times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{asked}: {answer.status_code}")
    return times, len(queries)


def line(times, questions) -> str:
    worst = statistics.quantiles(times, n=100)[98]
    return f"{min(times):.0f} | {statistics.median(times):.0f} | {worst:.0f} | {questions}"


def main(number: int, rounds: int) -> int:
    setup_test_environment(debug=False)
    pages.PAGES_A_MINUTE = 10**9
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    slow = 0
    try:
        fill(number)
        print(f"{Honour.objects.public().count()} namings, load {os.getloadavg()[0]:.1f}")  # noqa: T201
        heads = ("Search", *("Best", "Median", "99 %", "Questions") * 2)
        print(f"| {' | '.join(heads)} |")  # noqa: T201
        print("|---|---|---|---|---|---|---|---|---|")  # noqa: T201
        measured("", 3, kept=False)
        for name, asked in SEARCHES.items():
            cold, kept = measured(asked, rounds, kept=False), measured(asked, rounds, kept=True)
            slow += statistics.median(cold[0]) >= 100
            print(f"| {name} | {line(*cold)} | {line(*kept)} |", flush=True)  # noqa: T201
        first = measured("", rounds, kept=False, facets=False)
        print(f"| the first after a change, with the choices | {line(*first)} | | | | |")  # noqa: T201
    finally:
        runner.teardown_databases(databases)
    return slow


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(bool(main(*(words + [20_000, 50][len(words) :]))))

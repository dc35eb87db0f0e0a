"""How quick the pages of steps 1 and 2 are on a big intake: python bench/intake.py [NOMINATIONS].

Fills a scratch database of its own (test_… beside DATABASE_URL, dropped at the end) with as many nominations,
each with ten answers of departments, and asks for every list as the role that reads it. Prints the queries
and the server's time of each page: the median of seven, at a tenth of the size and at the whole.
"""

import os
import statistics
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("XUANSHU_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.timezone import localdate  # noqa: E402

from nominations.models import Declaration, Enterprise, Nomination, Recommendation  # noqa: E402
from nominations.services.windows import recommenders  # noqa: E402
from portal.models import Role  # noqa: E402
from review.models import Batch, Consultation, Opinion  # noqa: E402
from review.services.consultations import default_questions  # noqa: E402
from tests import factories  # noqa: E402
from tests.moments import NOW  # noqa: E402

TODAY = localdate()

LIMIT = 0.200  # seconds
TIMES = 7
PAGES = (
    ("首页", "recommender", "portal:home", False),
    ("首页", "office", "portal:home", False),
    ("首页", "department", "portal:home", False),
    ("推荐名单", "recommender", "nominations:desk", True),
    ("推荐名单", "office", "nominations:desk", True),
    ("推荐进度", "office", "nominations:board", True),
    ("疑似重复", "office", "nominations:duplicates", True),
    ("推荐名额", "office", "nominations:quotas", True),
    ("资格审查", "office", "review:screening", True),
    ("资格审查", "auditor", "review:screening", True),
    ("部门答复", "department", "review:screening", True),
)


def fill(edition, start: int, stop: int) -> None:
    """Nominations number `start` to `stop`, spread over the unions, all at screening and answered."""
    unions = list(recommenders(edition))
    office = factories.hat("office")
    enterprises = Enterprise.objects.bulk_create(
        Enterprise(
            credit_code=factories.credit_code(100_000 + n),
            name=f"演示{_words(n)}有限公司（演示）",
            division_name="市南区",
        )
        for n in range(start, stop)
    )
    nominations = Nomination.objects.bulk_create(
        Nomination(
            edition=edition,
            enterprise=each,
            subject_key=each.credit_code,
            subject_name=each.name,
            recommender=unions[n % len(unions)],
            rank=n // len(unions) + 1,
            created_at=NOW,
            created_by=office,
            state="screening",
        )
        for n, each in enumerate(enterprises, start=start)
    )
    Declaration.objects.bulk_create(
        Declaration(
            nomination=each,
            nature="民营",
            industry="制造业",
            division_name="市南区",
            independent=True,
            employees=300,
            union_members=280,
            union_founded_on=TODAY.replace(year=2010),
            contact_name="演示联系人",
            contact_phone="19900000000",
            deeds="演示事迹。" * 200,
        )
        for each in nominations
    )
    Recommendation.objects.bulk_create(
        Recommendation(nomination=each, opinion="同意推荐。", recommended_at=NOW, recommended_by=office)
        for each in nominations
    )
    batch, _made = Batch.objects.get_or_create(
        edition=edition, number=1, defaults={"sent_at": NOW, "sent_by": office}
    )
    batch.nominations.add(*nominations)
    questions = list(edition.consultations.all())
    Opinion.objects.bulk_create(
        Opinion(
            nomination=each,
            consultation=question,
            answer="clear",
            looked_up_on=TODAY,
            answered_at=NOW,
            answered_by=office,
        )
        for n, each in enumerate(nominations)
        for question in questions
        if n % 10  # the tenth part is still to be answered
    )


def _words(n: int) -> str:
    """A name unlike its neighbours'."""
    syllables = "金海岳林川石星云江原湖峰泽桥港城光华瑞"
    digits = []
    while n or len(digits) < 4:
        n, digit = divmod(n, len(syllables))
        digits.append(syllables[digit])
    return "".join(digits)


@contextmanager
def scratch_database():
    setup_test_environment(debug=False)
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


def measure(client: Client, address: str) -> tuple[int, float, int]:
    """Queries, median seconds, and the size of the page in bytes."""
    queries = []

    def count(execute, *words):
        queries.append(words[0])
        return execute(*words)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(address)
        taken.append(time.perf_counter() - began)
    return len(queries), statistics.median(taken), len(answer.content)


def ask(edition) -> dict:
    found = {}
    for title, role, name, of_edition in PAGES:
        client = factories.sign_in(Client(), factories.hat(role))
        address = reverse(name, args=[edition.pk] if of_edition else [])
        found[title, role] = measure(client, address)
    return found


def main(number: int) -> int:
    with scratch_database():
        edition = factories.edition()
        Consultation.objects.bulk_create(
            Consultation(edition=edition, department=department, item=item)
            for department, item in default_questions()
        )
        fill(edition, 0, number // 10)
        small = ask(edition)
        fill(edition, number // 10, number)
        great = ask(edition)
        answers = Opinion.objects.count()
    lines = [
        f"{number} nominations, {answers} answers",
        "| page | role | queries | ms at a tenth | ms | kB |",
        "|---|---|---|---|---|---|",
    ]
    bad = 0
    for (title, role), (queries, seconds, size) in great.items():
        before = small[title, role]
        late = seconds > LIMIT or queries > before[0]
        bad += late
        lines.append(
            f"| {title} | {Role(role).value} | {before[0]} → {queries} | {before[1] * 1000:.0f} | "
            f"{seconds * 1000:.0f} | {size / 1000:.0f} |{' **over**' if late else ''}"
        )
    print("\n".join(lines))  # noqa: T201
    return bad


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)))

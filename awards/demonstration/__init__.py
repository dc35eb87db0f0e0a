"""The demonstration: fictional editions made by the services of real work, each act at its own date.

One fixed seed makes the same enterprises, scores and ballots; all dates hang on the `now` it is made at.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from awards.demonstration import city, districts, former
from awards.demonstration.accounts import PASSWORD, SHOWN, make_accounts, read_old_messages
from awards.demonstration.course import Stage
from awards.demonstration.dates import Days, cover
from awards.demonstration.enterprises import Registry
from nominations.models import Edition
from portal.errors import N_, Refused
from portal.ground import lay
from portal.models import Membership, Role, User
from portal.todo import todos

SEED = "青岛全员创新企业演示"
LOCK = 20_200_416


@dataclass(frozen=True)
class Part:
    """What was made, and the seconds it took."""

    title: str
    seconds: float


@transaction.atomic
def make(now: datetime, *, tell: Callable[[Part], None] = lambda part: None) -> None:
    """Make the whole demonstration or nothing of it. Refused in production and beside real editions."""
    refuse_in_production()
    with connection.cursor() as cursor:
        # Two makers wait for one another; the second finds the editions of the first.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Edition.objects.exists():
        raise Refused(N_("数据库中已有届次，没有建立演示数据。"))
    random = Random(SEED)
    registry, clock = Registry(random), _Clock(tell)
    lay(now)
    people = make_accounts(_founding(now))
    cover(now, by=people.hat(Role.OFFICE, "city"))
    stage = Stage(people, Days(now), random)
    clock.done(N_("单位、人员和工作日历"))
    again = city.last_year(stage, registry)
    clock.done(N_("上一年度市级届次：已办结"))
    city.this_year(stage, registry, again)
    clock.done(N_("本年度市级届次：公众投票中"))
    for title, part in (
        (N_("市南区届次：组织推荐"), districts.recommending),
        (N_("市北区届次：资格审查"), districts.screening),
        (N_("崂山区届次：专家评审"), districts.reviewing),
        (N_("城阳区届次：差额考察"), districts.inspecting),
        (N_("李沧区届次：公示"), districts.publicity),
        (N_("即墨区届次：已办结"), districts.naming),
    ):
        part(stage, registry)
        clock.done(title)
    districts.before(stage)
    former.lists(stage, registry)
    clock.done(N_("历年命名：市级和两个区的名单"))
    for source in settings.DEMONSTRATIONS:
        import_string(source)(now=now)
    clock.done(N_("指标"))
    read_old_messages(now)


def _founding(now: datetime) -> datetime:
    """When the people were entered: before the first act of last year's edition."""
    return now.replace(year=now.year - 1, month=3, day=1)


class _Clock:
    def __init__(self, tell):
        self.tell, self.last = tell, time.perf_counter()

    def done(self, title: str) -> None:
        now = time.perf_counter()
        self.tell(Part(title, now - self.last))
        self.last = now


def refuse_in_production() -> None:
    if settings.PRODUCTION:
        raise Refused(N_("正式环境不建立演示数据，也没有演示账号。"))


@dataclass(frozen=True)
class Line:
    """One account of the table: who it is, how to sign in, what waits there."""

    role: str
    username: str
    waiting: list[str]


def account_lines(*, now: datetime) -> Iterator[Line]:
    """The accounts to try, in the order of the procedure; nothing where there is no demonstration."""
    titles = {account.username: account.title for account in SHOWN}
    users = {user.username: user for user in User.objects.filter(is_demo=True, username__in=titles)}
    for username, title in titles.items():
        if username in users:
            hats = Membership.objects.active().filter(user=users[username])
            waiting = [
                f"{line.verb} {line.object}"
                for hat in hats.select_related("user", "organisation")
                for line in todos(hat, now=now)
            ]
            yield Line(title, username, waiting)


__all__ = ["PASSWORD", "Line", "Part", "account_lines", "make", "refuse_in_production"]

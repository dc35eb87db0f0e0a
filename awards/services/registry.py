"""The public 名录: what is found in it, and the sign that what it says has changed.

Everything is read through `Honour.objects.public()`, from what stands at the naming itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import uuid4

import structlog
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.http import urlencode
from redis.exceptions import RedisError

from awards.models import Honour
from nominations.models import Category
from portal.models import Organisation

log = structlog.get_logger(__name__)

PER_PAGE = 50
#: Most that are put on one list to print, and into one workbook.
MOST_PRINTED, MOST_EXPORTED = 2000, 5000

_MARK = "awards.registry.mark"
#: What the public may know of a naming; nothing else is ever fetched for its pages and files.
_PUBLIC = (
    *("subject_key", "subject_name", "division_name", "industry", "level", "year", "title", "number"),
    *("decision", "token", "named_on", "namer", "revoked_on", "revoked_reason"),
    *("enterprise__name", "category__code", "category__name", "category__subject", "host__name"),
)


def changed() -> None:
    """What the public reads of namings and releases is another once this transaction is committed.

    Called inside it by every service that writes an `Honour` or decides or withdraws a `Release`.
    """
    transaction.on_commit(_turn)


def mark() -> str:
    """What kept answers are held against: another after every change, none while the cache is away.

    A change said to a cache that is away is lost; what it held for is made anew when its time is over.
    """
    try:
        return cache.get(_MARK) or ""
    except (RedisError, OSError):
        return ""


def _turn() -> None:
    try:
        # Not a count: a cache that forgot would begin again at numbers that were used before.
        cache.set(_MARK, uuid4().hex, None)
    except (RedisError, OSError):
        log.warning("registry_mark_lost")


@dataclass(frozen=True)
class Search:
    """What is looked for; what is empty holds nothing back.

    `words`     each has to be in the name of the subject or of the enterprise, or in the number
    `category`  the code of one
    `standing`  without those revoked
    """

    words: tuple[str, ...] = ()
    year: int | None = None
    level: str = ""
    district: str = ""
    industry: str = ""
    category: str = ""
    standing: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def empty(self) -> bool:
        return self == Search()

    def query(self, **more) -> str:
        """The search as an address says it, always in the same order; "" for everything."""
        said = {
            "q": self.text,
            "category": self.category,
            "year": self.year,
            "level": self.level,
            "district": self.district,
            "industry": self.industry,
            "standing": "1" if self.standing else "",
            **more,
        }
        found = urlencode({key: value for key, value in said.items() if value})
        return f"?{found}" if found else ""


@dataclass(frozen=True)
class Figures:
    """How many were found, at which level, and how many of them are revoked."""

    levels: tuple[tuple[str, int], ...]
    revoked: int

    @property
    def total(self) -> int:
        return sum(count for _level, count in self.levels)


@dataclass(frozen=True)
class Facets:
    """What there is to choose from, in the order it is offered; and how much there is altogether."""

    years: tuple[int, ...]
    levels: tuple[str, ...]
    districts: tuple[str, ...]
    industries: tuple[str, ...]
    categories: tuple[Category, ...]
    figures: Figures


def found(search: Search) -> QuerySet[Honour]:
    """Those it finds, the newest year first, with what the public may know of them."""
    return _told(_matching(search))


def some(search: Search, span: slice) -> list[Honour]:
    """A page of them: first which they are, so that a late page does not fetch all before it."""
    keys = _matching(search).order_by("-year", "number").values_list("pk", flat=True)[span]
    return list(_told(Honour.objects.public().filter(pk__in=list(keys))))


def figures(search: Search) -> Figures:
    revoked = Count("pk", filter=Q(revoked_on__isnull=False))
    rows = _matching(search).order_by().values("level").annotate(named=Count("pk"), revoked=revoked)
    return _figures({row["level"]: (row["named"], row["revoked"]) for row in rows})


def facets() -> Facets:
    """Three queries, however much there is; the same for every search."""
    there = _there()
    known = Organisation.objects.exclude(division_name="").order_by("division_code", "position")
    placed = dict.fromkeys(known.values_list("division_name", flat=True))
    districts = there["division_name"]
    return Facets(
        years=tuple(sorted(there["year"], reverse=True)),
        levels=tuple(level for level in Honour.Level.values if level in there["level"]),
        districts=(
            *(each for each in placed if each in districts),
            *sorted(each for each in districts if each and each not in placed),
        ),
        industries=tuple(sorted(each for each in there["industry"] if each)),
        categories=tuple(Category.objects.filter(pk__in=list(there["category_id"]))),
        figures=_figures(there["level"]),
    )


def _figures(counts: Mapping[str, tuple[int, int]]) -> Figures:
    """From how many there are of each level, and how many of these are revoked."""
    levels = tuple((level, counts[level][0]) for level in Honour.Level.values if level in counts)
    return Figures(levels, sum(revoked for _named, revoked in counts.values()))


def _there() -> dict[str, dict]:
    """By column, then by value: how many namings, and how many of these are revoked.

    In one pass of the public namings, which the query set of Django has no words for.
    """
    columns = ("year", "level", "division_name", "industry", "category_id")
    public = Honour.objects.public().order_by().values(*columns, "revoked_on")
    inner, params = public.query.sql_with_params()
    which = ", ".join(f"GROUPING({column})" for column in columns)
    sets = ", ".join(f"({column})" for column in columns)
    sql = (
        f"SELECT {', '.join(columns)}, {which}, COUNT(*), COUNT(revoked_on)"
        f" FROM ({inner}) AS honours GROUP BY GROUPING SETS ({sets})"
    )
    there = {column: {} for column in columns}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for row in cursor:
            # The one column a line is of is the one that is not 1.
            at = row[len(columns) : -2].index(0)
            there[columns[at]][row[at]] = row[-2:]
    return there


def _told(rows: QuerySet[Honour]) -> QuerySet[Honour]:
    told = rows.select_related("enterprise", "category", "host").only(*_PUBLIC)
    return told.order_by("-year", "number")


def _matching(search: Search) -> QuerySet[Honour]:
    rows = Honour.objects.public()
    for word in search.words:
        # Most words have no case, and not asking for it makes the search several times as quick.
        has = "contains" if word.upper() == word.lower() else "icontains"
        fields = ("subject_name", "enterprise__name", "number")
        rows = rows.filter(reduce(or_, (Q(**{f"{field}__{has}": word}) for field in fields)))
    exact = {
        "year": search.year,
        "level": search.level,
        "division_name": search.district,
        "industry": search.industry,
        "category__code": search.category,
    }
    rows = rows.filter(**{key: value for key, value in exact.items() if value})
    return rows.filter(revoked_on__isnull=True) if search.standing else rows

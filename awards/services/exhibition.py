"""The public 展馆: who is named, and what of itself each released and an office let through.

Everything is read through `Honour.objects.public()` and `Release.objects.public()`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from awards.models import Honour, Release
from awards.services.registry import Search
from nominations.models import Enterprise

PER_PAGE = 24
ALL = Search()
Kind = Release.Kind
#: In the order of the page; the introduction and the pictures stand apart.
ROOMS = (Kind.STUDIO, Kind.TEAM, Kind.RESULT)
_LEVELS = {level: number for number, level in enumerate(Honour.Level.values)}


@dataclass(frozen=True)
class Card:
    """One enterprise of the list. `picture` is the key of a release."""

    enterprise: Enterprise
    place: str
    industry: str
    words: str
    years: tuple[int, ...]
    picture: int | None = None
    alt: str = ""
    said: str = ""


@dataclass(frozen=True)
class Exhibit:
    """The page of one enterprise; without a standing naming nothing is shown but what it was named."""

    enterprise: Enterprise
    honours: list[Honour]
    standing: list[Honour]
    place: str
    industry: str
    introduction: Release | None
    rooms: list[tuple[str, list[Release]]]
    figures: list[tuple[str, str, str]]
    pictures: list[Release]
    offices: list[str]

    @property
    def empty(self) -> bool:
        return not (self.introduction or self.rooms or self.figures or self.pictures)


def named(search: Search = ALL) -> QuerySet[Enterprise]:
    """Those whose naming stands: first who shows a picture, then who shows anything, the newest first."""
    shown = Release.objects.public().filter(enterprise=OuterRef("pk"))
    latest = _standing(search).filter(enterprise=OuterRef("pk")).order_by("-year").values("year")[:1]
    rows = Enterprise.objects.filter(Exists(_standing(search).filter(enterprise=OuterRef("pk"))))
    for word in search.words:
        rows = rows.filter(
            Q(name__icontains=word)
            | Exists(_standing().filter(_said(word), enterprise=OuterRef("pk")))
            | Exists(shown.filter(Q(title__icontains=word) | Q(text__icontains=word)))
        )
    return rows.annotate(
        pictured=Exists(shown.filter(kind=Kind.PICTURE)), telling=Exists(shown), latest=Subquery(latest)
    ).order_by("-pictured", "-telling", "-latest", "name", "pk")


def cards(enterprises: Iterable[Enterprise]) -> list[Card]:
    """Two queries, however many there are."""
    there = list(enterprises)
    namings, shown = defaultdict(list), defaultdict(list)
    rows = _standing().filter(enterprise__in=there).select_related("category")
    for honour in rows.order_by("-year", "pk"):
        namings[honour.enterprise_id].append(honour)
    kinds = (Kind.PICTURE, Kind.INTRODUCTION)
    for each in Release.objects.public().filter(enterprise__in=there, kind__in=kinds):
        shown[each.enterprise_id, each.kind].append(each)
    return [_card(each, namings[each.pk], shown) for each in there]


def halls() -> list[tuple[str, str, list[tuple[str, str, int]]]]:
    """(name of the parameter, title, [(value, word, how many enterprises)]) of all whose naming stands."""
    count = Count("enterprise", distinct=True)
    words = {"level": dict(Honour.Level.choices)}
    found = []
    for name, column, title in (
        ("district", "division_name", _("按区市")),
        ("level", "level", _("按级别")),
        ("year", "year", _("按年度")),
        ("industry", "industry", _("按行业")),
    ):
        rows = _standing().order_by().values_list(column).annotate(n=count).values_list(column, "n")
        lines = [(str(value), str(words.get(name, {}).get(value, value)), n) for value, n in rows if value]
        found.append((name, title, sorted(lines, key=_order(name))))
    return found


def _order(name):
    """Years from the newest, levels from the highest, else where most are."""
    match name:
        case "year":
            return lambda line: -int(line[0])
        case "level":
            return lambda line: _LEVELS[line[0]]
    return lambda line: (-line[2], line[1])


def totals() -> dict[str, int]:
    """How many are named, and how much is shown."""
    return {
        "enterprises": _standing().aggregate(n=Count("enterprise", distinct=True))["n"],
        "releases": Release.objects.public().count(),
    }


def exhibit(pk: int) -> Exhibit | None:
    """None for one that was never publicly named."""
    enterprise = Enterprise.objects.filter(pk=pk).first()
    rows = Honour.objects.public().filter(enterprise=enterprise).select_related("category", "host")
    honours = list(rows.order_by("-year", "-named_on", "number")) if enterprise else []
    if not honours:
        return None
    kinds = defaultdict(list)
    shown = Release.objects.public().filter(enterprise=enterprise).select_related("decided_by__organisation")
    for each in shown.order_by("position", "pk"):
        kinds[each.kind].append(each)
    place, industry = _where(enterprise, honours)
    standing = [each for each in honours if not each.revoked_on]
    return Exhibit(
        enterprise=enterprise,
        honours=honours,
        standing=standing,
        place=place,
        industry=industry,
        introduction=next(iter(kinds[Kind.INTRODUCTION]), None),
        rooms=[(str(Kind(kind).label), kinds[kind]) for kind in ROOMS if kinds[kind]],
        figures=[(each.title, *each.text.partition("\n")[::2]) for each in kinds[Kind.FIGURE]],
        pictures=kinds[Kind.PICTURE],
        offices=sorted({each.decided_by.organisation.name for rows in kinds.values() for each in rows}),
    )


def public_picture(pk: int) -> Release | None:
    """Asked anew for every picture that is fetched."""
    return Release.objects.public().filter(pk=pk, kind=Kind.PICTURE).first()


def _standing(search: Search = ALL):
    exact = {
        "year": search.year,
        "level": search.level,
        "division_name": search.district,
        "industry": search.industry,
        "category__code": search.category,
    }
    rows = Honour.objects.public().filter(revoked_on__isnull=True)
    return rows.filter(**{key: value for key, value in exact.items() if value})


def _said(word: str) -> Q:
    return Q(subject_name__icontains=word) | Q(number__iexact=word)


def _card(enterprise, namings: list[Honour], shown) -> Card:
    place, industry = _where(enterprise, namings)
    highest = min(namings, key=lambda each: _LEVELS[each.level])
    picture = next(iter(shown[enterprise.pk, Kind.PICTURE]), None)
    told = next(iter(shown[enterprise.pk, Kind.INTRODUCTION]), None)
    return Card(
        enterprise=enterprise,
        place=place,
        industry=industry,
        words=f"{highest.get_level_display()} · {highest.title}",
        years=tuple(dict.fromkeys(each.year for each in namings)),
        picture=picture and picture.pk,
        alt=picture.alt if picture else "",
        said=told.text[:80] if told else "",
    )


def _where(enterprise, honours: list[Honour]) -> tuple[str, str]:
    """District and industry as they stood at the last naming that says them."""
    place = next((each.division_name for each in honours if each.division_name), enterprise.division_name)
    return place, next((each.industry for each in honours if each.industry), "")

"""The public 名录: found, printed, taken along; the same for everybody, and off a shelf."""

import io
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.feeds import HonourFeed
from awards.forms.registry import read_search
from awards.models import Honour
from awards.services import registry as registry_
from awards.services.registry import MOST_EXPORTED, MOST_PRINTED, PER_PAGE, Search
from awards.services.registry_tables import write_found
from awards.structured import data_block, item_list
from nominations.subjects import MEASURES, TITLES, Subject, beside
from portal import gate
from portal.errors import Refused
from portal.files import MIME
from portal.proxies import client_address
from portal.shelf import Shelf, is_large, shelved
from portal.workbook.writing import disposition

# What a change lost on its way to the cache may stay unseen for, and what stands in for a database away.
TIMES = {"fresh": timedelta(minutes=1), "stale": timedelta(minutes=10)}
LISTS = Shelf(**TIMES, most=150)
# Apart, so that words made up by the thousand push out each other only.
SEARCHES = Shelf(**TIMES, most=150)
# A list to print may weigh a megabyte.
PRINTED = Shelf(**TIMES, most=10)
FILES = Shelf(**TIMES, most=10)
FACETS = Shelf(**TIMES, most=1)
# How many a search finds, for all its pages.
FIGURES = Shelf(**TIMES, most=300)
_FEED = HonourFeed()
#: Of answers not kept yet, for one address: pages a minute, and files an hour.
PAGES_A_MINUTE, FILES_AN_HOUR = 120, 20


@login_not_required
@require_safe
def registry(request):
    """Everybody who was ever named, searchable; one revoked is shown as such."""
    search, number = read_search(request.GET)
    shelf, measure = SEARCHES if search.words else LISTS, ("page", PAGES_A_MINUTE, 60)
    return to_the_end(
        number, lambda n: _page(request, shelf, (search, n), lambda place: _list(place, search, n), measure)
    )


@login_not_required
@require_safe
def registry_print(request):
    """All that was found on one page, to print."""
    search, _number = read_search(request.GET)
    measure = "file", FILES_AN_HOUR, gate.HOUR
    return _page(request, PRINTED, search, lambda place: _print(place, search), measure)


@login_not_required
@require_safe
def registry_export(request):
    search, _number = read_search(request.GET)

    def make():
        out = io.BytesIO()
        write_found(search, out)
        return out.getvalue(), MIME["xlsx"]

    headers = {"Content-Disposition": disposition(_("名录") + ".xlsx")}
    return _kept(request, FILES, search, make, ("file", FILES_AN_HOUR, gate.HOUR), headers=headers)


@login_not_required
@require_safe
def honour_feed(request):
    """Those named of late, of a district or a level or of all."""
    asked, _number = read_search(request.GET)
    search = Search(level=asked.level, district=asked.district)

    def make():
        answer = _FEED(request)
        return answer.content, answer.headers["Content-Type"]

    return _kept(request, FILES, ("feed", search, origin_of(request)), make, ("page", PAGES_A_MINUTE, 60))


class Place:
    """Where a page stands: what differs from one answer kept to another beside the search."""

    def __init__(self, request):
        self.origin, self.large = origin_of(request), is_large(request)

    def frame(self, search: Search, name: str, **more) -> dict:
        """What every page of the 名录 has around it."""
        here = reverse(name) + search.query(**more)
        return {"here": here, "large": self.large, "canonical": self.origin + here, "search": search}


def origin_of(request) -> str:
    return f"{request.scheme}://{request.get_host()}"


class Entry:
    """A naming as a line shows it."""

    def __init__(self, honour: Honour):
        self.honour = honour

    @cached_property
    def whose(self) -> str:
        """The enterprise, where what was named is not the enterprise."""
        return beside(self.honour)

    @cached_property
    def level(self) -> str:
        return str(Honour.Level(self.honour.level).label)

    @cached_property
    def now_called(self) -> str:
        """The enterprise's name now, where it is another than at the naming."""
        name = self.honour.enterprise.name
        return name if not self.whose and name != self.honour.subject_name else ""

    @cached_property
    def page(self) -> str:
        """The enterprise's page in the exhibition."""
        return reverse("awards:exhibit", args=[self.honour.enterprise_id])


class PastEnd(Exception):
    """There are not so many pages, so that there is none to keep; `last` is the number of the last."""

    def __init__(self, last: int):
        super().__init__(last)
        self.last = last

    @classmethod
    def refuse(cls, number: int, pages: Paginator) -> None:
        if number > pages.num_pages:
            raise cls(pages.num_pages)


def to_the_end(number: int, answer: Callable[[int], HttpResponse]) -> HttpResponse:
    """The page of this number; the last one, and under its own number, where there are fewer."""
    while True:
        try:
            return answer(number)
        except PastEnd as end:
            number = end.last


def _page(request, shelf, key, draw, measure):
    place = Place(request)

    def make():
        return draw(place).encode(), "text/html; charset=utf-8"

    return _kept(request, shelf, (key, place.origin), make, measure)


def _kept(request, shelf, key, make, measure, *, headers=None):
    """Off the shelf; one who asks for more new answers than a person would has to wait."""
    what, most, seconds = measure

    def admitted():
        gate.admit(f"registry-{what}", client_address(request) or "-", most=most, seconds=seconds)
        return make()

    try:
        return shelved(
            request, shelf, key, admitted, now=timezone.now(), mark=registry_.mark(), headers=headers
        )
    except Refused:
        answer = render(request, "awards/registry_busy.html", status=429)
        answer.headers["Retry-After"] = str(seconds)
        return answer


def _list(place, search, number) -> str:
    facets, figures = facets_now(), _figures_now(search)
    pages = Paginator(_Counted(search, figures.total), PER_PAGE)
    PastEnd.refuse(number, pages)
    page = pages.page(number)
    entries = [Entry(honour) for honour in page]
    frame = place.frame(search, "awards:registry", page=page.number if page.number > 1 else "")
    title = _title(search, facets)
    pages_of = [(each.honour, each.page and place.origin + each.page) for each in entries]
    context = {
        **frame,
        "page": page,
        "asked": QueryDict(search.query().removeprefix("?")),
        "entries": entries,
        "facets": facets,
        "levels": _levels(facets.levels),
        "title": title,
        "name_title": _name_title(search, facets),
        "figures": figures,
        "total": _total(search, facets, figures),
        "feed": Search(level=search.level, district=search.district).query(),
        "most_printed": MOST_PRINTED,
        "most_exported": MOST_EXPORTED,
        "structured": data_block(item_list(title, frame["canonical"], pages_of, total=figures.total)),
    }
    return render_to_string("awards/registry.html", context)


def _print(place, search) -> str:
    facets, figures = facets_now(), _figures_now(search)
    context = {
        **place.frame(search, "awards:registry_print"),
        "entries": [Entry(honour) for honour in registry_.found(search)[:MOST_PRINTED]],
        "facets": facets,
        "title": _title(search, facets),
        "name_title": _name_title(search, facets),
        "chosen": _chosen(search),
        "total": _total(search, facets, figures),
        "cut": figures.total > MOST_PRINTED,
        "most_printed": MOST_PRINTED,
    }
    return render_to_string("awards/registry_print.html", context)


def facets_now() -> registry_.Facets:
    """Which years, levels, districts … there are, kept like the pages."""
    return FACETS.get("", registry_.facets, now=timezone.now(), mark=registry_.mark())


def _figures_now(search) -> registry_.Figures:
    if search.empty:
        return facets_now().figures
    now, mark = timezone.now(), registry_.mark()
    return FIGURES.get(search, lambda: registry_.figures(search), now=now, mark=mark)


class _Counted:
    """What a search finds, its number known already."""

    def __init__(self, search, number):
        self.search, self.number = search, number

    def __getitem__(self, span):
        return registry_.some(self.search, span)

    def count(self):
        return self.number


def _subject(search, facets) -> str:
    """The kind of what is listed, where it is one kind; else nothing."""
    kinds = {each.subject for each in facets.categories if search.category in ("", each.code)}
    return kinds.pop() if len(kinds) == 1 else ""


def _title(search, facets) -> str:
    names = [each.name for each in facets.categories if each.code == search.category]
    return _("{category}名录").format(category=names[0]) if names else _("名录")


def _name_title(search, facets) -> str:
    subject = _subject(search, facets)
    return _(TITLES[Subject(subject)]) if subject else _("名称")


def _total(search, facets, figures) -> str:
    """共 128 家次：市级 20，区市级 108；其中已撤销 1."""
    subject = _subject(search, facets)
    number = _(MEASURES[Subject(subject)]) if subject else _("{n} 项命名")
    if subject in (Subject.ENTERPRISE, Subject.PERSON):
        number = {Subject.ENTERPRISE: _("{n} 家次"), Subject.PERSON: _("{n} 人次")}[Subject(subject)]
    words = _("共 {count}").format(count=number.format(n=figures.total))
    if len(figures.levels) > 1:
        parts = [f"{word} {count}" for (_level, word), (_same, count) in _paired(figures.levels)]
        words = _("{total}：{parts}").format(total=words, parts=_("，").join(parts))
    if figures.revoked:
        words = _("{total}；其中已撤销 {n}").format(total=words, n=figures.revoked)
    return words


def _paired(levels):
    return zip(_levels(level for level, _count in levels), levels, strict=True)


def _levels(levels) -> list[tuple[str, str]]:
    return [(level, str(Honour.Level(level).label)) for level in levels]


def _chosen(search) -> str:
    """What a printed list was searched by."""
    parts = [
        search.text and f"“{search.text}”",
        search.year and str(search.year),
        search.level and str(Honour.Level(search.level).label),
        search.district,
        search.industry,
        _("不含已撤销") if search.standing else "",
    ]
    return " · ".join(part for part in parts if part)

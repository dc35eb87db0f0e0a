"""The public 展馆: the halls, the page of an enterprise, its pictures; off a shelf, one for everybody."""

from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards import structured
from awards.forms.registry import read_search
from awards.models import Honour
from awards.services import exhibition as services
from awards.services import registry
from awards.services.path import path_of
from awards.services.release_pictures import picture_bytes
from awards.views.registry import PastEnd, facets_now, origin_of, to_the_end
from portal import gate
from portal.errors import Refused
from portal.files import show
from portal.proxies import client_address
from portal.shelf import Shelf, is_large, shelved

# What a withdrawal lost on its way to the cache may stay unseen for, and what stands in for a database away.
TIMES = {"fresh": timedelta(minutes=1), "stale": timedelta(minutes=5)}
HALLS = Shelf(**TIMES, most=100)
# Apart, so that words made up by the thousand push out each other only.
SEARCHES = Shelf(**TIMES, most=50)
EXHIBITS = Shelf(**TIMES, most=300)
# What stands around every list: the halls with their numbers.
AROUND = Shelf(**TIMES, most=4)
#: What may be chosen beside words, in the order it is said.
ASKED = ("category", "district", "level", "year", "industry")
#: Of answers not kept yet, for one address.
PAGES_A_MINUTE = 120
#: How long a browser or a cache between may show a picture without asking again, in seconds.
PICTURE_SECONDS = 60


@login_not_required
@require_safe
def exhibition(request):
    """Who is named, those who show pictures first; by district, level, year and industry."""
    asked, number = read_search(request.GET)
    # Nobody stands here without a naming that stands.
    search = replace(asked, standing=False)
    shelf = SEARCHES if search.words else HALLS
    return to_the_end(
        number, lambda n: _kept(request, shelf, (search, n), lambda origin: _hall(origin, search, n))
    )


@login_not_required
@require_safe
def exhibit(request, pk):
    """One enterprise: what it was named, and what it released."""
    return _kept(request, EXHIBITS, pk, lambda origin: _exhibit(origin, pk))


@login_not_required
@require_safe
def picture(request, pk, size):
    """Whether it may still be seen is asked each time; a copy is good for a minute."""
    found = services.public_picture(pk)
    if found is None:
        raise Http404
    etag = f'"{PurePosixPath(found.picture.name).stem}-{size}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        data = picture_bytes(found.picture, small=size == "small")
        if data is None:
            raise Http404
        answer = show(data, "image/webp")
        answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = f"public, max-age={PICTURE_SECONDS}, must-revalidate"
    return answer


def _kept(request, shelf, key, draw):
    """The page off the shelf; `draw` gives template and context, or nothing where there is no such page.

    One who asks for more new pages than a person would has to wait.
    """
    origin, large = origin_of(request), is_large(request)

    def make():
        gate.admit("exhibition", client_address(request) or "-", most=PAGES_A_MINUTE, seconds=60)
        drawn = draw(origin)
        if drawn is None:
            return None
        template, context = drawn
        return render_to_string(template, {**context, "large": large}).encode(), "text/html; charset=utf-8"

    try:
        return shelved(request, shelf, (key, origin), make, now=timezone.now(), mark=registry.mark())
    except Refused:
        answer = render(request, "awards/registry_busy.html", status=429)
        answer.headers["Retry-After"] = "60"
        return answer


def _hall(origin, search, number):
    pages = Paginator(services.named(search), services.PER_PAGE)
    PastEnd.refuse(number, pages)
    page = pages.page(number)
    page.object_list = list(page.object_list)
    cards = services.cards(page.object_list)
    rooms, totals = AROUND.get(get_language(), _around, now=timezone.now(), mark=registry.mark())
    halls = [(title, [_chip(search, name, *line) for line in lines]) for name, title, lines in rooms if lines]
    here = _address(search, page=page.number if page.number > 1 else "")
    things = [
        structured.enterprise(
            each.enterprise.name, (), origin + _exhibit_address(each.enterprise.pk), place=each.place
        )
        for each in cards
    ]
    context = {
        "here": here,
        "asked": QueryDict(here.partition("?")[2]),
        "canonical": origin + here,
        "page": page,
        "cards": cards,
        "halls": halls,
        "search": search,
        "keep": [(name, value) for name in ASKED if (value := getattr(search, name))],
        "chosen": _chosen(search),
        "totals": totals,
        "structured": structured.data_block(
            structured.listed(_("网上展馆"), origin + here, things, total=pages.count)
        ),
    }
    return "awards/exhibition.html", context


def _around():
    return services.halls(), services.totals()


def _chosen(search) -> list[str]:
    """What was asked beside the words, whether there is any such or not."""
    names = {each.code: each.name for each in facets_now().categories} if search.category else {}
    words = {
        "category": names.get(search.category),
        "level": search.level and str(Honour.Level(search.level).label),
    }
    return [str(words.get(name) or value) for name in ASKED if (value := getattr(search, name))]


def _chip(search, name, value, word, count) -> dict:
    on = str(getattr(search, name) or "") == value
    return {
        "label": word,
        "count": count,
        "on": on,
        "url": _address(search, **{name: "" if on else value}),
    }


def _address(search, **more) -> str:
    return reverse("awards:exhibition") + search.query(**more)


def _exhibit(origin, pk):
    found = services.exhibit(pk)
    if found is None:
        return None
    here = _exhibit_address(pk)
    pictures = [
        origin + reverse("awards:exhibit_picture", args=[each.pk, "large"]) for each in found.pictures
    ]
    about = " ".join(found.introduction.text.split()) if found.introduction else ""
    said = structured.enterprise(
        found.enterprise.name,
        found.standing,
        origin + here,
        place=found.place,
        description=about,
        images=pictures,
    )
    context = {
        "here": here,
        "canonical": origin + here,
        "exhibit": found,
        "path": path_of(found.enterprise),
        "pictured": pictures[0] if pictures else "",
        "about": about[:120],
        "structured": structured.data_block(said),
    }
    return "awards/exhibit.html", context


def _exhibit_address(pk) -> str:
    return reverse("awards:exhibit", args=[pk])

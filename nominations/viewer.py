"""Looking through documents: which is shown, which page of it, how large, and where one can go from there."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from nominations.folder import Paper
from nominations.models import Evidence
from portal import pictures
from portal.files import IMAGES, MIME

ZOOMS = (100, 150, 200, 300)
_IMAGES = {MIME[each] for each in IMAGES}


@dataclass(frozen=True)
class Way:
    """A link of the viewer: another document, another page, another size."""

    url: str
    title: str
    current: bool = False


@dataclass(frozen=True)
class Viewer:
    """What `nominations/evidence_viewer.html` shows; `picture` is empty for what is only to be downloaded."""

    document: Evidence
    about: str
    picture: str
    page: int
    pages: int
    zoom: int
    place: int
    documents: list[Way]
    earlier: Way | None
    later: Way | None
    zooms: list[Way]


def viewer_of(papers: list[Paper], asked, base: str) -> Viewer | None:
    """The viewer over these papers of a folder, which the reader may see; None where there is nothing.

    `asked` are the query's `doc`, `page` and `zoom`, whatever they hold; `base` is the address of the page
    that shows the viewer, to which its links add their own query.
    """
    if not papers:
        return None
    documents = [paper.evidence for paper in papers]
    wanted = _number(asked.get("doc"), 0)
    place = next((n for n, each in enumerate(documents) if each.pk == wanted), 0)
    document, zoom = documents[place], _number(asked.get("zoom"), 100)
    zoom = zoom if zoom in ZOOMS else 100
    pages = pages_of(document)
    page = max(1, min(_number(asked.get("page"), 1), pages or 1))

    def way(each, number=1, size=zoom, title=""):
        query = {"doc": each.pk, "page": number, "zoom": size}
        return Way(f"{base}?{urlencode(query)}#viewer", title or each.title, each.pk == document.pk)

    steps = [way(document, number) for number in (page - 1, page + 1)]
    before = documents[place - 1] if place else None
    after = documents[place + 1] if place + 1 < len(documents) else None
    return Viewer(
        document=document,
        about=papers[place].about,
        picture=_picture(document, page, zoom) if pages else "",
        page=page,
        pages=pages,
        zoom=zoom,
        place=place + 1,
        documents=[way(each) for each in documents],
        earlier=steps[0] if page > 1 else way(before) if before else None,
        later=steps[1] if page < pages else way(after) if after else None,
        zooms=[Way(way(document, page, size).url, f"{size}%", size == zoom) for size in ZOOMS],
    )


def pages_of(document: Evidence) -> int:
    """How many pictures there are of a document: its pages, one for a picture, none for anything else."""
    if document.mime in _IMAGES:
        return 1
    return pictures.pages_of(document.file) if document.mime == MIME["pdf"] else 0


def is_picture(document: Evidence) -> bool:
    return document.mime in _IMAGES


def has_thumbnail(document: Evidence) -> bool:
    """Whether a small picture may be asked for; of a PDF nobody knows before it is drawn."""
    return bool(document.thumbnail) or document.mime == MIME["pdf"]


def _picture(document, page: int, zoom: int) -> str:
    address = reverse("nominations:evidence_page", args=[document.pk, page])
    return f"{address}?large=1" if zoom > 100 else address


def _number(text, default: int) -> int:
    return (
        int(text)
        if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10
        else default
    )

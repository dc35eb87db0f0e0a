"""A paper as PDF: a print template and its style sheet, set by WeasyPrint where the machine can.

    from portal.documents import pdf
    if pdf.available():
        data = pdf.render("nominations/form_print.html", context)

WeasyPrint needs Pango and a Chinese font from the system (deploy/README.md); it is imported when a paper is
set, not before. The template extends `print/paper.html`; whatever it links to comes from our own static files
or from a data: address, and nothing is fetched from anywhere else.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation
from django.template.loader import render_to_string
from django.utils.translation import override

from portal import typesetting
from portal.documents import writable
from portal.errors import N_, Refused

#: Where relative addresses of a print template point; no such host exists.
BASE = "https://paper.invalid/"


def render(template: str, context: dict) -> bytes:
    """The PDF (PDF/UA-1, tagged, fonts embedded); the same context gives the same bytes.

    `Refused` where the machine cannot: ask `available` first and offer something else.
    """
    if not available():
        raise Refused(N_("本机缺少生成 PDF 所需的组件。请下载 Word 文件，或者用浏览器打印。"))
    page = html(template, context)
    return _setter()(string=page, base_url=BASE, url_fetcher=_fetcher()).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(page.encode()).digest()[:16]
    )


def html(template: str, context: dict) -> str:
    """The page that is set, as text. The official form is Chinese whoever prints it."""
    with override("zh-hans"):
        return writable(render_to_string(template, context))


@cache
def available() -> bool:
    """Whether this machine can; looked up once in the life of a process."""
    return typesetting.can_set()


def static_file(url: str) -> Path:
    """The file of ours behind an address of a print template; any other address is a ValueError."""
    prefix = settings.STATIC_URL if settings.STATIC_URL.startswith("/") else f"/{settings.STATIC_URL}"
    if not url.startswith(BASE[:-1] + prefix):
        raise ValueError(f"A paper takes nothing from {url[:80]}")
    name = unquote(urlsplit(url).path).removeprefix(prefix)
    try:
        found = finders.find(name) or staticfiles_storage.path(name)
    except SuspiciousFileOperation:
        found = None
    if not found or not Path(found).is_file():
        raise ValueError(f"No static file {name}")
    return Path(found)


def _setter():
    """WeasyPrint, whose import makes Pillow take broken pictures for whole ones in all of the process."""
    from PIL import ImageFile
    from weasyprint import HTML

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return HTML


def _fetcher():
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        def fetch(self, url, headers=None):
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = static_file(url)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFiles(allowed_protocols=("data",))

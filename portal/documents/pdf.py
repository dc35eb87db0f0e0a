"""A paper as PDF: a print template and its style sheet, set by WeasyPrint where the machine can.

    from portal.documents import pdf
    if pdf.available():
        data = pdf.render("nominations/form_print.html", context)

WeasyPrint needs Pango and a Chinese font from the system (deploy/README.md); it is imported when a paper is
set, not before. The template extends `print/paper.html`; whatever it links to comes from our own static files
or from a data: address, and nothing is fetched from anywhere else.
"""

import ctypes
import ctypes.util
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

from portal.documents import writable
from portal.errors import N_, Refused

LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0")
#: Where relative addresses of a print template point; no such host exists.
BASE = "https://paper.invalid/"


def render(template: str, context: dict) -> bytes:
    """The PDF (PDF/UA-1, tagged, fonts embedded); the same context gives the same bytes.

    `Refused` where the machine cannot: ask `available` first and offer something else.
    """
    if not available():
        raise Refused(N_("本机缺少生成 PDF 所需的组件。请下载 Word 文件，或者用浏览器打印。"))
    from weasyprint import HTML

    page = html(template, context)
    return HTML(string=page, base_url=BASE, url_fetcher=_fetcher()).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(page.encode()).digest()[:16]
    )


def html(template: str, context: dict) -> str:
    """The page that is set, as text. The official form is Chinese whoever prints it."""
    with override("zh-hans"):
        return writable(render_to_string(template, context))


@cache
def available() -> bool:
    """Whether Pango and a font for Chinese are there; looked up once in the life of a process."""
    return all(map(_loads, LIBRARIES)) and _has_chinese_font()


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        # Where libraries carry other names (macOS), by what stands between “lib” and the version.
        return bool(ctypes.util.find_library(library.removeprefix("lib").partition(".so")[0]))
    return True


class _FontSet(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int)]


def _has_chinese_font() -> bool:
    """Asked of fontconfig, as Pango will."""
    try:
        fontconfig = ctypes.CDLL(ctypes.util.find_library("fontconfig") or "libfontconfig.so.1")
    except OSError:
        return False
    fontconfig.FcNameParse.restype = fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcNameParse.argtypes = [ctypes.c_char_p]
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p] * 3
    fontconfig.FcFontSetDestroy.argtypes = [ctypes.POINTER(_FontSet)]
    fontconfig.FcPatternDestroy.argtypes = fontconfig.FcObjectSetDestroy.argtypes = [ctypes.c_void_p]
    pattern, objects = fontconfig.FcNameParse(b":lang=zh-cn"), fontconfig.FcObjectSetCreate()
    found = fontconfig.FcFontList(None, pattern, objects)
    try:
        return bool(found) and found.contents.count > 0
    finally:
        if found:
            fontconfig.FcFontSetDestroy(found)
        fontconfig.FcObjectSetDestroy(objects)
        fontconfig.FcPatternDestroy(pattern)


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

"""Official papers: a template the office may edit, filled from rows.

An app keeps its templates in `<app>/documents/*.docx`, real Word files with Jinja places in them; one of the
same name under PRIVATE_ROOT/documents goes before. A paper in three lines:

    from portal import documents
    data = documents.render("awards", "notice.docx", {"title": notice.title, "rows": rows})
    return documents.download("公示公告.docx", data)
"""

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePath
from zipfile import BadZipFile

from django.apps import apps
from django.conf import settings
from django.http import HttpResponse
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError

from portal.errors import N_, Refused
from portal.files import MIME
from portal.workbook.writing import disposition

# What an edited template may do wrong: its Jinja, its package, its XML, a sum that cannot be done.
BROKEN = (
    TemplateError,
    PackageNotFoundError,
    BadZipFile,
    XMLSyntaxError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def render(app: str, name: str, context: dict) -> bytes:
    """Fill the app's template. Raises as `fill`."""
    return fill(template_path(app, name).read_bytes(), context, name=name)


def fill(template: bytes, context: dict, *, name: str, strict: bool = False) -> bytes:
    """A docx with its places filled; what people wrote stays text, and it reaches nothing but its context.

    A value that is None is left empty; a line break in a text is one in the paper. A template that cannot be
    filled is `Refused` by its name, with what is wrong in it; `strict`: also one that asks for a place there
    is not.
    """
    out = io.BytesIO()
    places = {"undefined": StrictUndefined} if strict else {}
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(context, Sandbox(autoescape=True, finalize=writable, **places), autoescape=True)
        document.save(out)
    except BROKEN as problem:
        raise Refused(
            N_("文书模板 {name} 不能用：{problem}。请改正模板，或删去它以使用原来的模板。"),
            name=name,
            problem=str(problem),
        ) from problem
    return out.getvalue()


# What makes a text or a list as long as a number in the template says.
_FILLING_FILTERS = ("batch", "center", "format", "indent", "slice", "tojson", "wordwrap")
_FILLING_METHODS = frozenset(
    ["center", "expandtabs", "format", "format_map", "ljust", "rjust", "to_bytes", "zfill"]
)


class Sandbox(SandboxedEnvironment):
    """Jinja for a template somebody uploads: nothing of Python's own, no text as long as a number says."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in _FILLING_FILTERS:
            self.filters.pop(name)
        self.globals.pop("lipsum")

    def call_binop(self, context, operator, left, right):
        if operator == "**" or not all(isinstance(each, (int, Decimal)) for each in (left, right)):
            raise SecurityError(f"{left!r:.20} {operator} {right!r:.20}")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj, attr, value):
        if isinstance(obj, (str, bytes, int)) and attr in _FILLING_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value):
        """`format` of a text is no way in either: left to `is_safe_attribute`."""
        return


def template_path(app: str, name: str) -> Path:
    edited = Path(settings.PRIVATE_ROOT) / "documents" / name
    return edited if edited.exists() else Path(apps.get_app_config(app).path) / "documents" / name


def writable(value):
    """A value as a paper can carry it: without control characters, line breaks as one character."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return type(value)(_UNWRITABLE.sub("", text))


def download(filename: str, data: bytes) -> HttpResponse:
    """A paper as a download. Who may have it was asked before."""
    answer = HttpResponse(data, content_type=MIME[PurePath(filename).suffix.lstrip(".")])
    answer.headers["Content-Disposition"] = disposition(filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def plain_day(day: date | None) -> str:
    """2026年6月1日, as papers write it; nothing for nothing."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def paragraphs(text: str) -> list[str]:
    """The paragraphs a person wrote, without empty ones and without spaces typed as an indent."""
    return [line for each in str(writable(text)).split("\n") if (line := each.strip())]

"""A notice as PDF, as it was published: set once, then kept at hand."""

import hashlib

from django.core.cache import cache
from django.utils import timezone

from awards import documents
from awards.models import Notice
from awards.services.notice_papers import rows_of
from nominations import subjects
from portal.documents import pdf, plain_day

TEMPLATE = "print/notice.html"
A_WEEK = 7 * 24 * 3600


def notice_pdf(notice: Notice) -> bytes:
    """Anybody may ask for it, so it is not set anew for each. Raises `Refused` as `pdf.render`."""
    key = f"notice-pdf:{hashlib.sha256(notice_page(notice).encode()).hexdigest()}"
    data = cache.get(key)
    if data is None:
        data = pdf.render(TEMPLATE, _context(notice))
        cache.set(key, data, A_WEEK)
    return data


def notice_page(notice: Notice) -> str:
    """The same for the browser to print, where this machine sets no PDF."""
    return pdf.html(TEMPLATE, _context(notice))


def _context(notice: Notice) -> dict:
    before, after = documents.around_list(notice.text)
    host, edition = notice.edition.host.name, notice.edition.title
    signed = {host, plain_day(timezone.localdate(notice.published_at))}
    return {
        "title": notice.title,
        "heading": [line for line in (edition, notice.title.removeprefix(edition)) if line],
        "host": host,
        "before": before,
        "rows": [row | {"name": documents.listed(row)} for row in rows_of(notice)],
        "named": subjects.title_of(notice.edition),
        "after": [{"text": line, "signed": line in signed} for line in after],
        "mark": "",
        "footer": notice.title,
        "written": notice.published_at,
    }

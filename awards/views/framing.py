"""What the pages after the inspection share: the edition one may read, its frame, files to hand out."""

import io

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from nominations.models import Edition
from nominations.stepper import stepper
from portal.files import MIME
from portal.permissions import require
from portal.workbook.writing import attachment, disposition


def edition_of(request, pk, act: str = "awards.export") -> Edition:
    """An edition of this hat's own, for an act; what it cannot see at all is not found."""
    editions = Edition.objects.visible_to(request.hat).select_related("host", "category")
    edition = get_object_or_404(editions, pk=pk)
    require(request.hat, act, edition)
    return edition


def framed(request, edition, **context) -> dict:
    hat = request.hat if request.user.is_authenticated else None
    return {"edition": edition, "steps": stepper(edition, hat, now=timezone.now()), **context}


def workbook(filename: str, fill) -> HttpResponse:
    """A workbook as a download; `fill` writes it into a binary file."""
    out = io.BytesIO()
    fill(out)
    return attachment(filename, out.getvalue())


def public_file(filename: str, content: bytes) -> HttpResponse:
    """A published paper as a download; anybody may keep it."""
    answer = HttpResponse(content, content_type=MIME[filename.rsplit(".", 1)[-1]])
    answer.headers["Content-Disposition"] = disposition(filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

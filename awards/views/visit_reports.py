"""The report of a visit, to download or print, for whoever may see the visit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from awards.models import Inspection
from awards.services import reporting
from portal.documents import download, pdf
from portal.errors import Refused
from portal.speech import said


def _visit(request, pk):
    found = Inspection.objects.visible_to(request.hat).select_related("nomination__edition__host")
    return get_object_or_404(found, pk=pk)


@require_GET
def report_docx(request, pk):
    return _paper(request, _visit(request, pk), "docx", reporting.report_docx)


@require_GET
def report_pdf(request, pk):
    """As PDF; where this machine sets none, as a page for the browser to print."""
    visit = _visit(request, pk)
    if not pdf.available():
        return HttpResponse(reporting.report_page(visit, now=timezone.now()))
    return _paper(request, visit, "pdf", reporting.report_pdf)


def _paper(request, visit, extension, compose):
    """The paper, or the page it was asked from with the sentence why not."""
    try:
        return download(reporting.report_name(visit, extension), compose(visit, now=timezone.now()))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:inspection", visit.pk)

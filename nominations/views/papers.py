"""推荐审批表 and 推荐报告, to download or print."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from nominations.models import Nomination
from nominations.papers import form, report
from nominations.services.windows import recommenders
from nominations.views.editions import found
from nominations.views.records import nomination_of
from portal.documents import download, pdf
from portal.errors import Refused
from portal.models import Organisation, Role
from portal.permissions import require
from portal.speech import said


def form_docx(request, pk):
    nomination = _printable(request, pk)
    return _paper(request, nomination, form.form_name(nomination, "docx"), form.form_docx, nomination)


def form_pdf(request, pk):
    if not pdf.available():
        return form_print(request, pk)
    nomination = _printable(request, pk)
    return _paper(request, nomination, form.form_name(nomination, "pdf"), form.form_pdf, nomination)


def form_print(request, pk):
    """The same form as a page for the browser to print, where this machine sets no PDF."""
    return HttpResponse(form.form_page(_printable(request, pk)))


def report_docx(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.print_report", edition)
    unit = _unit(request, edition)
    return _paper(request, edition, report.report_name(edition, unit), report.report_docx, edition, unit)


def _printable(request, pk) -> Nomination:
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.print_form", nomination)
    return nomination


def _unit(request, edition) -> Organisation:
    """The recommender's own organisation; for the office the one it names."""
    if request.hat.role == Role.RECOMMENDER:
        return request.hat.organisation
    unit = request.GET.get("unit", "")
    return get_object_or_404(recommenders(edition), pk=int(unit) if unit.isdecimal() else 0)


def _paper(request, back, name: str, compose, *about) -> HttpResponse:
    """The paper, or the page it was asked from with the sentence why not."""
    try:
        return download(name, compose(*about))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(back)

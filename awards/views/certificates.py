"""Certificates for the office, and the page by which anybody verifies one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.services import certificates
from awards.views.framing import edition_of
from awards.views.honours import found_honour
from portal.documents import download
from portal.errors import Refused
from portal.speech import said


def certificate(request, pk, kind):
    found = found_honour(request, pk, "awards.issue_paper")
    compose = certificates.certificate_pdf if kind == "pdf" else certificates.certificate_docx
    try:
        data = compose(found, address=address_of(request, found), by=request.hat)
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:honour", found.pk)
    return download(f"{found.subject_name}证书.{kind}", data)


def certificates_of(request, pk):
    """All of an edition in one PDF, a page each."""
    edition = edition_of(request, pk, "awards.issue_paper")
    try:
        data = certificates.certificates_of(
            edition, address=lambda honour: address_of(request, honour), by=request.hat
        )
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:honours", edition.pk)
    return download("证书.pdf", data)


def address_of(request, honour) -> str:
    return request.build_absolute_uri(reverse("awards:verify", args=[honour.token]))


@login_not_required
@require_safe
def verify(request, token):
    found = certificates.verify(token)
    return render(request, "awards/verify.html", {"found": found}, status=200 if found else 404)

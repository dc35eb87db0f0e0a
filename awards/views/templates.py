"""文件模板: what the office's documents are made from, kept by each organisation for itself."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awards.documents.kinds import KINDS
from awards.documents.templates import built_in
from awards.forms.publishing import TemplateForm
from awards.models import PaperTemplate
from awards.services import templates
from portal.documents import download
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said

#: In an address, the template that is shipped.
OURS = 0


@require_safe
def template_list(request):
    require(request.hat, "awards.manage_templates")
    shelves = templates.shelves(request.hat.organisation)
    return render(request, "awards/templates.html", {"shelves": shelves})


def template_kind(request, kind):
    """One kind of document: its places, what is in use, and the form that brings another template."""
    shelf = _shelf(request, kind)
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(
        templates.upload_template, kind=kind, by=request.hat, now=timezone.now()
    ):
        messages.success(
            request,
            _("模板第 {n} 版通过试用，已保存。请下载试用效果核对，确认后启用。").format(
                n=form.result.version
            ),
        )
        return redirect("awards:template_kind", kind)
    return render(request, "awards/template.html", {"shelf": shelf, "form": form, "ours": OURS})


@require_safe
def template_source(request, kind, version):
    """A template to edit."""
    shelf = _shelf(request, kind)
    return download(f"{shelf.kind.name}{_('模板')}.docx", _bytes(request, kind, version))


@require_safe
def template_example(request, kind, version):
    """The document a template makes of made-up data."""
    shelf = _shelf(request, kind)
    try:
        data = templates.example_of(kind, _bytes(request, kind, version))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:template_kind", kind)
    return download(f"{shelf.kind.name}{_('试用')}.docx", data)


@require_POST
def template_use(request, kind, version):
    """Put a version in use; version 0 is ours again."""
    _shelf(request, kind)
    now = timezone.now()
    try:
        if version == OURS:
            templates.use_built_in(kind=kind, by=request.hat, now=now)
            messages.success(request, _("已改回原来的模板。"))
        else:
            templates.activate_template(_own(request, kind, version), by=request.hat, now=now)
            messages.success(request, _("模板第 {n} 版已启用，以后的文件按它生成。").format(n=version))
    except Refused as refusal:
        messages.error(request, said(refusal))
    return redirect("awards:template_kind", kind)


def _shelf(request, kind):
    require(request.hat, "awards.manage_templates")
    if kind not in KINDS:
        raise Http404
    return next(each for each in templates.shelves(request.hat.organisation) if each.kind.code == kind)


def _own(request, kind, version) -> PaperTemplate:
    own = PaperTemplate.objects.filter(host=request.hat.organisation)
    return get_object_or_404(own, kind=kind, version=version)


def _bytes(request, kind, version) -> bytes:
    if version == OURS:
        return built_in(kind)
    with _own(request, kind, version).file.open("rb") as stored:
        return stored.read()

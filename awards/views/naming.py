"""Naming: the decision about those whose period is over, its paper, and the end of the publicity."""

import io

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.naming import ChooseForm, ClosePublicityForm, NameForm
from awards.models import Decision
from awards.services import deciding, ending_publicity, naming
from awards.views.framing import edition_of, framed
from nominations import subjects
from nominations.models import Edition
from portal import documents
from portal.errors import Refused
from portal.models import Organisation
from portal.permissions import require
from portal.speech import said


def name(request, pk):
    """The page that says what will happen; `?chosen=` where not all of them are to be named."""
    edition = edition_of(request, pk, "awards.name")
    now = timezone.now()
    today = timezone.localdate(now)
    whole = naming.preview_naming(edition, today)
    able = [each for each in whole.candidates if not each.reasons]
    chosen = ChooseForm(request.POST if request.method == "POST" else request.GET, candidates=able).picked()
    preview = naming.preview_naming(edition, today, chosen=chosen) if able else whole
    of_city = edition.host.kind == Organisation.Kind.CITY
    form = NameForm(
        request.POST or None,
        candidates=preview.named,
        medals=of_city and edition.category.medal,
        leaves=bool(preview.left_out),
        initial={"chosen": chosen},
    )
    if request.method == "POST" and form.perform(naming.name_winners, edition, by=request.hat, now=now):
        messages.success(request, _("已命名 {n}。").format(n=subjects.measured(edition, len(form.result))))
        return redirect("awards:honours", edition.pk)
    context = {
        "form": form,
        "preview": preview,
        "able": able,
        "reasons": [said(reason) for reason in preview.reasons],
        "warnings": [said(warning) for warning in preview.warnings],
        "left": [(each, [said(reason) for reason in each.reasons]) for each in preview.left],
        "certificate": of_city and edition.category.certificate,
        "medal": of_city and edition.category.medal,
        "grant": of_city and edition.grant_amount > 0,
    }
    return render(request, "awards/name.html", framed(request, edition, **context))


def close_publicity(request, pk):
    edition = edition_of(request, pk, "awards.name")
    back = reverse("awards:publicity", args=[edition.pk])
    form = ClosePublicityForm(request.POST or None)
    if request.method == "POST" and form.perform(
        ending_publicity.close_publicity, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已关闭“提名公示”环节。"))
        return redirect("awards:honours", edition.pk)
    context = {
        "form": form,
        "title": _("关闭“提名公示”环节"),
        "sentences": [_("空出的名额不再递补。"), _("之后可以办结本届。")],
        "undo_note": _("关闭后不能重新打开。"),
        "verb": _("关闭“提名公示”环节"),
        "cancel_url": back,
    }
    return render(request, "awards/confirm.html", framed(request, edition, **context))


def decision(request, pk):
    """命名决定.docx as it was issued."""
    found = _decision(request, pk)
    out = io.BytesIO()
    with found.document.open("rb") as stored:
        out.write(stored.read())
    return documents.download("命名决定.docx", out.getvalue())


def decision_pdf(request, pk):
    found = _decision(request, pk)
    try:
        return documents.download("命名决定.pdf", deciding.decision_pdf(found))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:honours", found.edition_id)


def _decision(request, pk) -> Decision:
    editions = Edition.objects.visible_to(request.hat)
    rows = Decision.objects.filter(edition__in=editions).select_related("edition__host")
    found = get_object_or_404(rows, pk=pk)
    require(request.hat, "awards.export", found.edition)
    return found

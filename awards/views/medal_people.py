"""The particulars of the person for the medal: entered, read and handed on, each time on the record."""

import io

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awards.forms.honours import PersonForm, ReasonForm
from awards.services import medal_people
from awards.views.framing import edition_of, framed
from awards.views.honours import edited, found_honour
from portal.errors import Refused
from portal.speech import said
from portal.workbook.writing import attachment


@never_cache
def person(request, pk):
    """Entered anew each time: what is kept is shown only to whoever asks for it by name."""
    found = found_honour(request, pk, "awards.set_medal_person")
    title = _("奖章人选信息：{name}").format(name=found.medal_name or found.subject_name)
    note = _("加密保存，只用于填报上级工会的表格，不在任何公开页面出现。每次查看都有记录。")
    form = PersonForm(request.POST or None)
    return edited(request, found, form, medal_people.set_medal_person, title, note=note)


@require_POST
@never_cache
def read(request, pk):
    found = found_honour(request, pk, "awards.read_medal_person")
    try:
        particulars = medal_people.read_medal_person(found, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:honour", found.pk)
    context = {"honour": found, "particulars": particulars, "person": found.person}
    if found.nomination is not None:
        context = framed(request, found.nomination.edition, **context)
    return render(request, "awards/medal_person.html", context)


def remove(request, pk):
    found = found_honour(request, pk, "awards.set_medal_person")
    title = _("删除奖章人选信息：{name}").format(name=found.medal_name)
    note = _("本人撤回同意，或者更换人选时删除。删除后不能恢复。")
    form = ReasonForm(request.POST or None)
    return edited(request, found, form, medal_people.remove_medal_person, title, note=note)


@require_POST
def export(request, pk):
    edition = edition_of(request, pk, "awards.name")
    out = io.BytesIO()
    try:
        medal_people.write_medal_people(edition, out, by=request.hat, now=timezone.now())
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:honours", edition.pk)
    return attachment("奖章人选登记表.xlsx", out.getvalue())

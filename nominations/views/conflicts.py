"""Two people, or two windows, saved the same declaration: what differs, side by side, and one choice each."""

import json

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.declaration import clean_answers, shape_of
from nominations.declaration.facts import facts_of
from nominations.declaration.merging import BOTH, MINE
from nominations.declared import value_words
from nominations.forms.declaring import ConflictForm
from nominations.models import Nomination
from nominations.services import declaring
from nominations.services.conflicts import differences_of, settle
from nominations.views.declaration_page import form_of, show_form
from nominations.views.editions import framed
from nominations.views.records import nomination_of
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said


def conflict(request, pk):
    """Shown to what a page sends that may not save; answered by one choice for each field that differs."""
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.edit", nomination)
    if request.method != "POST":
        return redirect("nominations:nomination_edit", pk)
    if "mine" not in request.POST:
        return _arrive(request, nomination)
    mine = _read(nomination, request.POST["mine"])
    form = ConflictForm(request.POST, keys=list(mine), version=nomination.declaration.version)
    if not mine or not form.is_valid():
        return redirect("nominations:nomination_edit", pk)
    chosen, version = form.cleaned_data["chosen"], form.cleaned_data["version"]
    try:
        kept = settle(
            nomination, by=request.hat, now=timezone.now(), version=version, mine=mine, chosen=chosen
        )
    except declaring.Moved as moved:
        again = {key: value for key, value in mine.items() if chosen[key] == MINE}
        return show_conflict(request, nomination_of(request, pk), again, version, moved)
    except Refused as refusal:
        # The same page: what stands there has not moved, only the answer was not whole.
        return _show(request, nomination, mine, version, said(refusal), chosen)
    messages.success(request, _("两份已合并保存（第 {n} 版）。").format(n=kept.version))
    return redirect("nominations:nomination_edit", pk)


def show_conflict(request, nomination: Nomination, mine: dict, version: int, moved: Refused):
    """`mine` is what was typed from `version` on, by key and canonical."""
    found = differences_of(nomination, version=version, mine=mine)
    if not found:
        messages.success(request, _("填写的内容与已保存的一致，不需要再保存。"))
        return redirect(nomination)
    chosen = {each.key: each.default for each in found}
    differing = {each.key: each.mine for each in found}
    who = {each.key: each.who for each in found}
    return _show(request, nomination, differing, nomination.declaration.version, said(moved), chosen, who)


def _arrive(request, nomination):
    form = form_of(nomination, request.POST)
    if not form.is_valid():
        return show_form(request, nomination, form)
    saved = nomination.declaration.version
    moved = Refused(
        "这份申报表刚刚在别处保存过（第 {saved} 版，本页是第 {shown} 版），请逐项核对。",
        saved=saved,
        shown=form.version,
    )
    return show_conflict(request, nomination, form.given, form.version, moved)


def _show(request, nomination, mine, version, sentence, chosen, who=None):
    shape = shape_of(nomination.edition)
    saved = facts_of(nomination.subject_name, nomination.declaration)
    rows = [
        {
            "key": key,
            "title": _(shape.by_key[key].title),
            "mine": value_words(shape.by_key[key], mine[key]),
            "theirs": value_words(shape.by_key[key], saved.get(key)),
            "chosen": chosen.get(key, ""),
            "who": (who or {}).get(key, ""),
            "is_open": not chosen.get(key),
        }
        for key in mine
    ]
    rows.sort(key=lambda row: row["who"] != BOTH)
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        sentence=sentence,
        rows=rows,
        open_rows=sum(1 for row in rows if row["is_open"]),
        mine=json.dumps(mine, ensure_ascii=False),
        version=version,
        declaration=nomination.declaration,
    )
    return render(request, "nominations/conflict.html", context)


def _read(nomination, text: str) -> dict:
    """What the page carried along; nothing where it is not what a page of ours would carry."""
    try:
        found = json.loads(text)
        return clean_answers(shape_of(nomination.edition), found) if isinstance(found, dict) else {}
    except (ValueError, Refused):
        return {}

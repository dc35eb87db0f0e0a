"""Two windows wrote on one sheet: both versions side by side, and one choice each."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from review import services
from review.forms.sheets import SheetForm, values_of
from review.services.sheet_history import version_of
from review.views.finding import find_assignment, framed

MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True)
class Difference:
    """One field: what this window has, what is stored, who changed it since, and what is chosen."""

    name: str
    title: str
    mine: str
    theirs: str
    who: str
    chosen: str


def show_both(request, assignment, dimensions, typed, *, chosen=None, words=""):
    """The page of both versions. `typed` are the fields this window sent, over the version it names."""
    sheet = assignment.sheet
    stored = values_of(sheet, dimensions)
    mine = {name: typed.get(name, stored[name]).replace("\r\n", "\n").strip() for name in stored}
    base = _base(sheet, typed.get("base") or typed.get("version"), dimensions)
    rows = [
        _difference(name, title, mine[name], stored[name], base.get(name), (chosen or {}).get(name))
        for name, title in _titles(dimensions)
        if mine[name] != stored[name]
    ]
    if not rows:
        messages.info(request, _("两份内容相同，没有需要核对的。"))
        return redirect(_settled(assignment))
    context = framed(
        request,
        assignment.nomination.edition,
        assignment=assignment,
        nomination=assignment.nomination,
        sheet=sheet,
        rows=rows,
        words=words,
        base=typed.get("base") or typed.get("version"),
        settled=_settled(assignment),
    )
    return render(request, "review/settle.html", context)


def settle(request, assignment, dimensions):
    """Save what was chosen; where nothing was, the page asks again. Should a third have come, so too."""
    names = [name for name, _title in _titles(dimensions)]
    if not hasattr(assignment, "sheet"):
        return redirect("review:sheet", assignment.pk)
    typed = QueryDict(mutable=True)
    chosen = {}
    for name in names:
        if f"mine-{name}" not in request.POST:
            continue
        typed[name] = request.POST[f"mine-{name}"]
        choice = request.POST.get(f"choose-{name}")
        chosen[name] = choice if choice in (MINE, THEIRS) else ""
    typed["base"] = request.POST.get("base", "")
    if not all(chosen.values()):
        words = _("还有没有选定的，请逐项选定后再保存。")
        return show_both(request, assignment, dimensions, typed, chosen=chosen, words=words)
    kept = QueryDict(mutable=True)
    kept.update({name: typed[name] for name in names if chosen.get(name) == MINE})
    kept["version"] = request.POST.get("version", "")
    form = SheetForm(kept, dimensions=dimensions, sheet=assignment.sheet)
    if form.perform(services.save_sheet, assignment, by=request.hat, now=timezone.now()):
        messages.success(request, _("已按选定的保存，还没有提交。"))
        return redirect(_settled(assignment))
    words = " ".join(error for errors in form.errors.values() for error in errors)
    moved = isinstance(form.refusal, services.Moved)
    found = find_assignment(request, assignment.pk)
    return show_both(request, found, dimensions, typed, chosen=None if moved else chosen, words=words)


def _settled(assignment) -> str:
    return reverse("review:sheet", args=[assignment.pk]) + "?settled=1"


def _titles(dimensions):
    for each in dimensions:
        yield f"points_{each.code}", each.name
        yield f"remark_{each.code}", _("{title}的评语").format(title=each.name)
    yield "comment", _("总评语")


def _base(sheet, number, dimensions) -> dict[str, str]:
    """What stood at the version both began from; empty where it was not kept."""
    if not (number or "").isdigit():
        return {}
    if number == "0":
        return dict.fromkeys((name for name, _title in _titles(dimensions)), "")
    version = version_of(sheet, int(number))
    if version is None:
        return {}
    values = {"comment": version.comment}
    for each in dimensions:
        values[f"points_{each.code}"] = version.scores.get(each.code, "")
        values[f"remark_{each.code}"] = version.remarks.get(each.code, "")
    return values


def _difference(name, title, mine, theirs, base, chosen) -> Difference:
    if base is None:
        who = ""
    elif mine == base:
        who = THEIRS
    else:
        who = MINE if theirs == base else BOTH
    if chosen is None:
        chosen = who if who in (MINE, THEIRS) else ""
    return Difference(name, title, mine, theirs, who, chosen)

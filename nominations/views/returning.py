from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations import rules
from nominations.changes import mendings
from nominations.declared import EVIDENCE, declared_sections, evidence_shelves
from nominations.forms.recommending import SendBackForm
from nominations.services import returning
from nominations.services.declaring import open_return
from nominations.services.windows import is_window_open
from nominations.states import State
from nominations.views.editions import framed
from nominations.views.records import nomination_of
from portal.calendar import published
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from portal.templatetags.portal import cndate


def send_back(request, pk):
    """审核: the declaration section by section with a place for a note at each field, and the way back."""
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.send_back", nomination)
    now = timezone.now()
    form = SendBackForm(
        request.POST or None, nomination=nomination, now=now, calendar=published(), asked=request.GET
    )
    if request.method == "POST" and form.perform(returning.send_back, nomination, by=request.hat, now=now):
        messages.success(
            request,
            _("“{name}”已退回，请对方在 {day} 前补正。").format(
                name=nomination.subject_name, day=cndate(form.result.deadline)
            ),
        )
        return redirect(nomination)
    blocks = _blocks(nomination, request.hat)
    every = [(shelf, form.note(f"{EVIDENCE}{shelf.kind}")) for shelf in evidence_shelves(nomination)]
    shelves = [(shelf, field) for shelf, field in every if shelf.papers or shelf.required or field.value()]
    context = framed(
        request,
        nomination.edition,
        nomination=nomination,
        form=form,
        blocks=blocks,
        can_note=not blocks,
        sections=[
            _parted(section, [(line, form.note(line.key)) for line in section.lines])
            for section in declared_sections(nomination)
        ],
        shelves=shelves,
        bare=[each for each in every if each not in shelves],
        reasons=[(option, rules.RETURN_CLAUSES.get(option.data["value"])) for option in form["codes"]],
        mendings=mendings(nomination),
        back=open_return(nomination),
        recommending=nomination.state == State.RECOMMENDATION
        and is_window_open(nomination.edition)
        and can(request.hat, "nominations.recommend", nomination),
    )
    return render(request, "nominations/examine.html", context)


def _parted(section, lines) -> tuple:
    """What was filled in, and apart from it what was not; a note keeps an empty field in sight."""
    shown = [(line, field) for line, field in lines if line.words or field.value()]
    return section, shown, [each for each in lines if each not in shown]


def _blocks(nomination, hat) -> list[str]:
    """Why there is nothing to send back; the page then only shows what was declared."""
    if nomination.state not in (State.RECOMMENDATION, State.SCREENING):
        return [
            _("“{name}”现处于“{state}”环节，不能退回。").format(
                name=nomination.subject_name, state=nomination.state_label
            )
        ]
    try:
        returning.require_returnable(nomination, hat)
    except Refused as refusal:
        return [said(refusal)]
    return []

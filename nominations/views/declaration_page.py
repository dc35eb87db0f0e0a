"""The page of a declaration: its form, the meter beside it, and what it was sent back for."""

from django.shortcuts import render

from nominations.declaration import shape_of
from nominations.forms.declaring import DeclarationForm
from nominations.reading import gaps_of, saved_words
from nominations.services import declaring, looking_up
from nominations.services.completeness import completeness_of
from nominations.states import State
from nominations.views.editions import framed


def form_of(nomination, data=None) -> DeclarationForm:
    back = declaring.open_return(nomination)
    return DeclarationForm(
        data,
        nomination=nomination,
        shape=shape_of(nomination.edition),
        notes=back.notes if back else {},
        documents=list(nomination.evidence.all()),
    )


def show_form(request, nomination, form):
    whole = completeness_of(nomination)
    context = framed(
        request,
        nomination.edition,
        form=form,
        nomination=nomination,
        whole=whole,
        gaps=gaps_of(nomination, whole.missing, here=True),
        advised=gaps_of(nomination, whole.advised, here=True),
        parts={part.key: part for part in whole.parts},
        saved=saved_words(nomination.declaration),
        back=declaring.open_return(nomination),
        editable=declaring.may_edit(nomination, request.hat),
        last=looking_up.last_declared(nomination, request.hat) if nomination.state == State.DRAFT else None,
    )
    return render(request, "nominations/declaration.html", context)

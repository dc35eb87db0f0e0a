"""What a return changed: the declaration as it went back beside the declaration as it came again."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from nominations.declaration import Shape, shape_of
from nominations.declaration.facts import facts_of
from nominations.declared import EVIDENCE, note_titles, value_words
from nominations.models import Declaration, Evidence, Nomination, Return

DeclarationEvent = Declaration.pgh_event_model
NominationEvent = Nomination.pgh_event_model


@dataclass(frozen=True)
class Change:
    """One field: before and after in words ("" for nothing), and the note that asked for it."""

    key: str
    title: str
    before: str
    after: str
    note: str = ""

    @property
    def is_long(self) -> bool:
        return max(len(self.before), len(self.after)) > 60


@dataclass(frozen=True)
class Noted:
    """A note of a return, under the title of its field."""

    key: str
    title: str
    note: str


@dataclass(frozen=True)
class Mending:
    """One return, what was noted, and what has changed since, up to the next return or to now."""

    back: Return
    notes: list[Noted]
    changes: list[Change]
    papers: list[Evidence]
    #: Noted and left as it was.
    untouched: list[Noted]
    #: False for a return of before versions were kept with it: what changed cannot be said.
    is_known: bool


def mendings(nomination: Nomination) -> list[Mending]:
    """Every return of a nomination, latest first. No return, no further queries."""
    backs = list(nomination.returns.select_related("returned_by__user", "returned_by__organisation"))
    if not backs:
        return []
    stands, titles, shape = _stands(nomination, backs), note_titles(nomination), shape_of(nomination.edition)
    papers, order = list(nomination.evidence.current()), {key: place for place, key in enumerate(titles)}
    found = []
    for place, back in enumerate(backs):
        later = backs[place - 1] if place else None
        before, after = stands[back.pk], stands[later.pk] if later else stands[None]
        changes = _changes(before, after, shape, back.notes) if before is not None else []
        new = [each for each in papers if _between(each, back, later)]
        # The database keeps the notes in an order of its own.
        keys = sorted(back.notes, key=lambda key: order.get(key, len(order)))
        notes = [Noted(key, titles.get(key, key), back.notes[key]) for key in keys]
        touched = {each.key for each in changes} | {f"{EVIDENCE}{each.kind}" for each in new}
        left = [each for each in notes if before is not None and each.key not in touched]
        found.append(Mending(back, notes, changes, new, left, before is not None))
    return found


def _stands(nomination, backs: Sequence[Return]) -> dict:
    """What was declared at each return (None where its history is not there), and under None what is now."""
    versions = {back.version for back in backs}
    events = DeclarationEvent.objects.filter(pgh_obj=nomination.declaration.pk, version__in=versions)
    by_version = {event.version: event for event in events.order_by("pgh_id")}
    names = _names_at_returns(nomination)
    stands: dict = {None: facts_of(nomination.subject_name, nomination.declaration)}
    for place, back in enumerate(backs):
        event = by_version.get(back.version)
        name = names[place] if place < len(names) else nomination.subject_name
        stands[back.pk] = None if event is None else facts_of(name, event)
    return stands


def _names_at_returns(nomination) -> list[str]:
    """The name it went back under each time, latest first: each return is a move into the draft."""
    events = NominationEvent.objects.filter(pgh_obj=nomination.pk).order_by("pgh_id")
    names, before = [], "draft"
    for state, name in events.values_list("state", "subject_name"):
        if state == "draft" != before:
            names.append(name)
        before = state
    return names[::-1]


def _changes(before: dict, after: dict, shape: Shape, notes: dict[str, str]) -> list[Change]:
    fields = shape.by_key
    gone = [key for key in {**before, **after} if key not in fields]
    found = []
    for key in [*fields, *gone]:
        field = fields.get(key)
        old, new = value_words(field, before.get(key)), value_words(field, after.get(key))
        if before.get(key) != after.get(key) and old != new:
            found.append(Change(key, _(field.title) if field else key, old, new, notes.get(key, "")))
    return found


def _between(paper: Evidence, back: Return, later: Return | None) -> bool:
    return back.returned_at <= paper.uploaded_at and (later is None or paper.uploaded_at < later.returned_at)

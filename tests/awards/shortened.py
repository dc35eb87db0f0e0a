"""An edition that leaves steps out, scored by hand to the end of its last step that scores."""

from datetime import date

from django.db import transaction

from awards.models import Inspection
from awards.services import closing_inspection, shortlisting
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.editions import freeze_rules
from nominations.services.steps import close_step
from nominations.states import StepKind
from tests import factories as make
from tests.awards import voted
from tests.awards.stage import PUBLISHING

#: What an edition may leave out, one row a combination.
COMBINATIONS = (
    ("voting",),
    ("review",),
    ("inspection",),
    ("voting", "inspection"),
    ("review", "inspection"),
)


def weights(off) -> dict[str, int]:
    if "voting" in off:
        return {"expert_weight": 100, "vote_weight": 0}
    return {"expert_weight": 0, "vote_weight": 100} if "review" in off else {}


@transaction.atomic
def scored(off, field=voted.FIELD, *, host="city", now=PUBLISHING, **fields):
    """The edition (2 seats) and its nominations by name; everything up to the last score is closed."""
    fields.setdefault("nominees", len(field))
    edition = make.edition(host=host, off=off, **weights(off), **fields)
    office = make.hat("office", host)
    nominations = {
        name: make.nomination(
            edition, make.enterprise(name=f"演示{name}企业（演示）"), state="screening", now=now, **declared
        )
        for name, (_score, _picks, declared) in field.items()
    }
    moves = ["qualify"] if {"voting", "review"} & set(off) else ["qualify", "put_to_vote"]
    for move in moves:
        nominations = {name: advance(each, move, by=office, now=now) for name, each in nominations.items()}
    freeze_rules(edition, by=office, now=now)
    if "review" not in off:
        scores = {nominations[name]: score for name, (score, _picks, _declared) in field.items()}
        voted.freeze_review(edition, scores, office, now, nominee="voting" not in off)
    if "voting" not in off:
        picks = {nominations[name]: picks for name, (_score, picks, _declared) in field.items()}
        voted.freeze_vote(edition, picks, office, now)
    for kind in edition.enabled:
        if kind not in (StepKind.INSPECTION, StepKind.PUBLICITY):
            close_step(edition, kind, by=office, now=now)
    return Edition.objects.get(pk=edition.pk), nominations


def ranked(off, field=voted.FIELD, *, now=PUBLISHING, **fields):
    """The same, its order drawn."""
    edition, nominations = scored(off, field, now=now, **fields)
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office", edition.host), now=now)
    drawn = shortlisting.draw_shortlist(asked.pk, now=now)
    assert drawn.status == drawn.Status.DONE, drawn.message
    return Edition.objects.get(pk=edition.pk), nominations


def listable(off, field=voted.FIELD, *, now=PUBLISHING, **fields):
    """At the door of the publicity: drawn, and visited where there are visits."""
    edition, nominations = ranked(off, field, now=now, **fields)
    if edition.has(StepKind.INSPECTION):
        visit(edition, now)
    return Edition.objects.get(pk=edition.pk), nominations


def visit(edition, now=PUBLISHING) -> None:
    """Everybody on the list passed; the visits are closed."""
    office = make.hat("office", edition.host)
    for number, nomination in enumerate(Nomination.objects.filter(edition=edition, state="inspection")):
        Inspection.objects.create(
            nomination=nomination,
            visited_on=date(2026, 9, 10),
            verdict="passed",
            leader_signature="演示组长",
            member_signature=f"演示组员{number}",
            recorded_at=now,
            recorded_by=office,
        )
    closing_inspection.close_inspection(edition, by=office, now=now)


def order(edition, nominations) -> str:
    """The names in the order of the drawn list; equals in brackets, by name."""
    names = {each.pk: name for name, each in nominations.items()}
    places: dict[int, list[str]] = {}
    for row in edition.shortlist.rows.all():
        places.setdefault(row.rank, []).append(names[row.nomination_id])
    groups = ["".join(sorted(found)) for _rank, found in sorted(places.items())]
    return "".join(group if len(group) == 1 else f"({group})" for group in groups)


def states(nominations) -> dict[str, str]:
    """Name → the state it is in now."""
    found = Nomination.objects.in_bulk([each.pk for each in nominations.values()])
    return {name: found[each.pk].state for name, each in nominations.items()}

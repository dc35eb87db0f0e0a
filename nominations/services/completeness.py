"""What a declaration still lacks: fields, evidence the edition asks for, and what would be good to have."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects

from nominations.declaration import facts as stated
from nominations.declaration import shape_of
from nominations.folder import RECOMMENDERS_OWN
from nominations.models import Evidence, Nomination
from nominations.rules import Missing
from nominations.states import State

EVIDENCE = "evidence:"


@dataclass(frozen=True)
class Part:
    """One section of the form: how many of its questions that count are answered."""

    key: str
    title: str
    filled: int
    of: int


@dataclass(frozen=True)
class Completeness:
    """`filled` of `of` must be there before it is handed in; `missing` and `advised` say what is not."""

    filled: int
    of: int
    missing: list[Missing] = field(default_factory=list)
    advised: list[Missing] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def facts_of(nomination: Nomination) -> dict:
    """What is declared, by key, blanks left out."""
    return stated.facts_of(nomination.subject_name, nomination.declaration)


def missing_fields_of(nomination: Nomination) -> list[Missing]:
    """What the declaration still lacks, in the order of the form."""
    return stated.missing(shape_of(nomination.edition), facts_of(nomination))


def missing_evidence_of(nomination: Nomination) -> list[Missing]:
    """The kinds of evidence the edition asks for of which there is none that counts."""
    required = required_of(nomination)
    if not required:
        return []
    words = dict(Evidence.Kind.choices)
    # `.all()` is what a prefetch has at hand; a filter would ask again for every row of a list.
    there = {each.kind for each in nomination.evidence.all() if _counts(each)}
    return [Missing(f"{EVIDENCE}{kind}", str(words[kind])) for kind in required if kind not in there]


def required_of(nomination: Nomination) -> list[str]:
    """The kinds asked for now: what only the recommender has, it adds when it recommends."""
    later = RECOMMENDERS_OWN if nomination.state == State.DRAFT else ()
    return [
        kind for kind in nomination.edition.evidence_required if kind in Evidence.Kind and kind not in later
    ]


def missing_of(nomination: Nomination) -> list[Missing]:
    """All that stands in the way of handing in: fields first, then evidence."""
    return [*missing_fields_of(nomination), *missing_evidence_of(nomination)]


def missing_of_all(nominations: Iterable[Nomination]) -> dict[int, list[Missing]]:
    """The same for a list, by primary key, with a constant number of queries."""
    rows = list(nominations)
    prefetch_related_objects(rows, "edition__category", "declaration", "evidence")
    return {each.pk: missing_of(each) for each in rows}


def advised_of(nomination: Nomination) -> list[Missing]:
    return stated.advised_missing(shape_of(nomination.edition), facts_of(nomination))


def completeness_of(nomination: Nomination) -> Completeness:
    shape, facts = shape_of(nomination.edition), facts_of(nomination)
    missing = missing_of(nomination)
    parts = []
    for section in shape.sections:
        counted = [each for each in section.fields if each.need != "optional" and stated.applies(each, facts)]
        parts.append(
            Part(
                section.key, section.title, sum(stated.filled(each, facts) for each in counted), len(counted)
            )
        )
    of = len(shape.needed()) + len(required_of(nomination))
    return Completeness(of - len(missing), of, missing, stated.advised_missing(shape, facts), parts)


def _counts(evidence: Evidence) -> bool:
    """As `EvidenceQuerySet.current`, of a row that is at hand."""
    return evidence.replaced_by_id is None and evidence.voided_at is None

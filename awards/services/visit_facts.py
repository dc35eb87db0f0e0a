"""One visit as plain facts: what the report prints, what is signed, what the exports count."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models.fields.files import FieldFile

from awards.models import CheckLine, Inspection
from awards.services.team_places import names_of
from nominations import subjects


@dataclass(frozen=True)
class LineFact:
    """A claim, what was found, whether it agrees (None: not looked at), the difference and its weight."""

    key: str
    source: str
    dimension: str
    item: str
    claimed: str
    unit: str
    evidence: str
    found: str
    agrees: bool | None
    difference: str
    weight: str
    weight_words: str
    checked_at: datetime | None
    checked_by: str

    @property
    def is_material(self) -> bool:
        return self.weight == CheckLine.Weight.MATERIAL


@dataclass(frozen=True)
class DocumentFact:
    """A document that was shown; `line` is what it was about."""

    pk: int
    title: str
    number: str
    issuer: str
    original: bool
    note: str
    seen_at: datetime
    line: str
    noted_by: str


@dataclass(frozen=True)
class InterviewFact:
    pk: int
    name: str
    post: str
    kind: str
    words: str
    held_at: datetime
    noted_by: str


@dataclass(frozen=True)
class PhotoFact:
    """`taken_at` is None where nobody knows; `time_words` says whose clock it was."""

    pk: int
    file: FieldFile
    caption: str
    line: str
    taken_at: datetime | None
    time_from: str
    time_words: str
    sha256: str


@dataclass(frozen=True)
class SignatureFact:
    part: str
    part_words: str
    name: str
    way: str
    way_words: str
    signed_at: datetime
    digest: str


@dataclass(frozen=True)
class VisitFacts:
    """What stands: nothing that was voided is among the documents, interviews, photographs, signatures.

    `digest` is the SHA-256 of what is signed; a signature with another digest stands under something else.
    """

    pk: int
    edition: str
    host: str
    # What the name is called, the name with whose it is, and where the team went.
    named: str
    name: str
    enterprise: str
    code: str
    recommender: str
    rank: int | None
    planned_on: date | None
    visited_on: date | None
    address: str
    team: str
    leader: str
    members: tuple[str, ...]
    lines: tuple[LineFact, ...]
    documents: tuple[DocumentFact, ...]
    interviews: tuple[InterviewFact, ...]
    photos: tuple[PhotoFact, ...]
    signatures: tuple[SignatureFact, ...]
    proposed: str
    proposed_words: str
    verdict: str
    verdict_words: str
    problem: str
    recorded_at: datetime | None
    recorded_by: str
    digest: str

    @property
    def agreeing(self) -> list[LineFact]:
        return [line for line in self.lines if line.agrees is True]

    @property
    def differing(self) -> list[LineFact]:
        return [line for line in self.lines if line.agrees is False]

    @property
    def unanswered(self) -> list[LineFact]:
        return [line for line in self.lines if line.agrees is None]

    @property
    def by_dimension(self) -> list[tuple[str, list[LineFact]]]:
        """The lines under their headings, in the order of the list; the office's own under ""."""
        groups: dict[str, list[LineFact]] = {}
        for line in self.lines:
            groups.setdefault(line.dimension, []).append(line)
        return list(groups.items())


def facts(visit: Inspection) -> VisitFacts:
    """Everything of one visit, read afresh."""
    visit = Inspection.objects.select_related(
        "nomination__edition__host", "nomination__recommender", "nomination__shortlist_row", "team",
        "recorded_by__user", "nomination__enterprise", "nomination__edition__category",
    ).get(pk=visit.pk)  # fmt: skip
    nomination = visit.nomination
    row = getattr(nomination, "shortlist_row", None)
    return VisitFacts(
        pk=visit.pk,
        edition=nomination.edition.title,
        host=nomination.edition.host.name,
        named=subjects.title_of(nomination.edition),
        name=subjects.full_name(nomination),
        enterprise=subjects.beside(nomination) or nomination.subject_name,
        code=nomination.enterprise.credit_code,
        recommender=nomination.recommender.name,
        rank=row.rank if row else None,
        planned_on=visit.planned_on,
        visited_on=visit.visited_on,
        address=visit.address,
        team=str(visit.team or ""),
        leader=visit.leader_name,
        members=tuple(names_of(visit.member_names)),
        lines=tuple(_line(each) for each in visit.lines.select_related("evidence", "checked_by__user")),
        documents=tuple(_document(each) for each in _standing(visit.documents, "line", "noted_by__user")),
        interviews=tuple(_interview(each) for each in _standing(visit.interviews, "noted_by__user")),
        photos=tuple(_photo(each) for each in _standing(visit.photos, "line").order_by("pk")),
        signatures=tuple(
            _signature(each) for each in visit.signatures.filter(void_at__isnull=True).order_by("part")
        ),
        proposed=visit.proposed,
        proposed_words=str(visit.get_proposed_display()) if visit.proposed else "",
        verdict=visit.verdict,
        verdict_words=str(visit.get_verdict_display()) if visit.verdict else "",
        problem=visit.problem,
        recorded_at=visit.recorded_at,
        recorded_by=str(visit.recorded_by.user) if visit.recorded_by else "",
        digest=digest_of(visit),
    )


def digest_of(visit: Inspection) -> str:
    """SHA-256 of the canonical JSON of what two people sign: all of it, and nothing that may change later.

    Who noted what, and when it reached the portal, is on the record; it is not what is signed.
    """
    signed = {
        "visit": visit.pk,
        "subject": visit.nomination.subject_key,
        "leader": visit.leader_name,
        "members": names_of(visit.member_names),
        "visited_on": visit.visited_on,
        "verdict": visit.verdict or visit.proposed,
        "problem": visit.problem,
        "lines": list(
            visit.lines.order_by("position", "pk").values_list(
                "key", "item", "claimed", "unit", "found", "agrees", "difference", "weight"
            )
        ),
        "documents": list(
            _standing(visit.documents)
            .order_by("client_id")
            .values_list("title", "number", "issuer", "original", "note", "seen_at", "line__key")
        ),
        "interviews": list(
            _standing(visit.interviews)
            .order_by("client_id")
            .values_list("name", "post", "kind", "words", "held_at")
        ),
        "photos": list(
            _standing(visit.photos)
            .order_by("pk")
            .values_list("pk", "sha256", "caption", "taken_at", "time_from", "line__key")
        ),
    }
    text = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat()


def _standing(things, *related):
    found = things.filter(voided_at__isnull=True)
    return found.select_related(*related) if related else found


def _line(line) -> LineFact:
    return LineFact(
        **{name: getattr(line, name) for name in _LINE},
        evidence=str(line.evidence or ""),
        weight_words=str(line.get_weight_display()) if line.weight else "",
        checked_by=str(line.checked_by.user) if line.checked_by else "",
    )


_LINE = (
    *("key", "source", "dimension", "item", "claimed", "unit"),
    *("found", "agrees", "difference", "weight", "checked_at"),
)


def _document(seen) -> DocumentFact:
    return DocumentFact(
        **{name: getattr(seen, name) for name in ("pk", "title", "number", "issuer", "original", "note")},
        seen_at=seen.seen_at,
        line=str(seen.line or ""),
        noted_by=str(seen.noted_by.user),
    )


def _interview(talk) -> InterviewFact:
    return InterviewFact(
        **{name: getattr(talk, name) for name in ("pk", "name", "post", "words", "held_at")},
        kind=str(talk.get_kind_display()),
        noted_by=str(talk.noted_by.user),
    )


def _photo(photo) -> PhotoFact:
    return PhotoFact(
        **{name: getattr(photo, name) for name in ("pk", "file", "caption", "taken_at", "time_from")},
        line=str(photo.line or ""),
        time_words=str(photo.get_time_from_display()),
        sha256=photo.sha256,
    )


def _signature(signed) -> SignatureFact:
    return SignatureFact(
        **{name: getattr(signed, name) for name in ("part", "name", "way", "signed_at", "digest")},
        part_words=str(signed.get_part_display()),
        way_words=str(signed.get_way_display()),
    )

"""The folder of a nomination: its evidence by kind, what the edition requires, what is still missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from nominations.declaration import shape_of
from nominations.models import Edition, Evidence, Nomination

Kind = Evidence.Kind
#: What an edition may require; the last comes from those who recommend, when they do.
REQUIRABLE = (
    Kind.LICENCE,
    Kind.UNION,
    Kind.CONGRESS,
    Kind.PUBLICITY,
    Kind.CREDIT,
    Kind.RECOGNITION,
    Kind.PHOTO,
    Kind.NOTICE,
)
RECOMMENDERS_OWN = (Kind.FORM, Kind.NOTICE)
#: 委员会决定: what a new edition proposes.
PROPOSED = (Kind.LICENCE, Kind.UNION, Kind.CONGRESS, Kind.PUBLICITY)
#: What a file is likely to be, by a word in its name; only ever a proposal.
HINTS = {
    Kind.LICENCE: ("营业执照", "执照"),
    Kind.UNION: ("工会法人", "法人资格"),
    Kind.CONGRESS: ("职代会", "职工代表大会"),
    Kind.NOTICE: ("推荐单位公示",),
    Kind.PUBLICITY: ("公示",),
    Kind.CREDIT: ("信用报告", "信用"),
    Kind.FORM: ("审批表",),
    Kind.RECOGNITION: ("认定", "证书", "批复"),
    Kind.PHOTO: ("照片", "现场"),
}
# These two are said of a document by its kind, and by the recognition it proves.
_SAID_OTHERWISE = ("details", "evidence")


@dataclass
class Paper:
    """One document that counts, the versions it replaced (latest first), and what it supports, in words."""

    evidence: Evidence
    older: list[Evidence]
    about: str = ""


@dataclass
class Shelf:
    """One kind of evidence: what there is of it."""

    kind: str
    title: str
    required: bool
    papers: list[Paper] = field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        return self.required and not self.papers

    @property
    def comes_later(self) -> bool:
        return self.is_missing and self.kind in RECOMMENDERS_OWN


@dataclass(frozen=True)
class Folder:
    shelves: list[Shelf]
    voided: list[Evidence]

    @property
    def papers(self) -> list[Paper]:
        return [paper for shelf in self.shelves for paper in shelf.papers]

    @property
    def missing(self) -> list[Shelf]:
        return [shelf for shelf in self.shelves if shelf.is_missing]

    @property
    def size(self) -> int:
        return sum(paper.evidence.size for paper in self.papers)


def folder_of(nomination: Nomination, rows: list[Evidence] | None = None) -> Folder:
    """The kinds required first, then those there is something of, each in the fixed order of kinds.

    `rows` are the documents the reader may see; without them, all.
    """
    if rows is None:
        rows = list(nomination.evidence.select_related("uploaded_by__user", "voided_by__user"))
    rows = sorted(rows, key=lambda each: each.pk)
    before = {each.replaced_by_id: each for each in rows if each.replaced_by_id}
    words = {key: title for _group, lines in supports(nomination) for key, title in lines}
    needed = nomination.edition.evidence_required
    shelves = {kind: Shelf(kind, str(kind.label), kind in needed) for kind in Kind}
    for each in rows:
        if not each.replaced_by_id and not each.voided_at:
            about = words.get(each.about, each.about)
            shelves[Kind(each.kind)].papers.append(Paper(each, _before(each, before), about))
    shown = [shelf for shelf in shelves.values() if shelf.required or shelf.papers]
    return Folder(
        sorted(shown, key=lambda shelf: not shelf.required), [each for each in rows if each.voided_at]
    )


def standing_for(rows: Iterable[Evidence]) -> dict[int, Evidence]:
    """By the number an answer names: the document, or the one that has taken its place since.

    The last may be set aside; it then says so by its `voided_at`.
    """
    known, found = {each.pk: each for each in rows}, {}
    for pk, each in known.items():
        while each.replaced_by_id in known:
            each = known[each.replaced_by_id]
        found[pk] = each
    return found


def _before(evidence, before) -> list[Evidence]:
    older = []
    while (evidence := before.get(evidence.pk)) is not None:
        older.append(evidence)
    return older


def supports(nomination: Nomination) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a document may support, in groups: a recognition by its name, or a field of the declaration."""
    facts = nomination.declaration
    groups = []
    for section in shape_of(nomination.edition).sections:
        lines = []
        for each in section.fields:
            if each.key == "recognitions":
                lines += [(name, _(name)) for name in facts.recognitions]
            elif not each.private and each.kind not in _SAID_OTHERWISE and each.key not in ("name", "note"):
                lines.append((each.key, _(each.title)))
        if lines:
            groups.append((_(section.title), lines))
    return groups


def kinds_in_words(edition: Edition) -> str:
    """The kinds an edition requires, as a list in one line."""
    return "、".join(str(kind.label) for kind in Kind if kind in edition.evidence_required)

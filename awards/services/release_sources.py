"""What an enterprise could show of itself: from the declarations by which it was named, and nowhere else.

Which fields, and as what, the form of the category says (`Field.exhibit`). What the form keeps private, a
field or a column, is never offered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import override

from awards.models import Honour, Release
from nominations.declaration import Field, shape_of
from nominations.declaration.facts import facts_of
from nominations.declared import value_words
from nominations.models import Category, Enterprise, Evidence, Nomination
from portal.models import Membership, Role
from voting.services.polls import without_contacts

Subject = Category.Subject

#: 委员会决定: an introduction offered is at most so many characters, cut where a sentence ends.
MOST_INTRODUCTION = 500
MOST_TITLE, MOST_TEXT = 120, 1000
#: What an introduction is of, by the kind of what was named; of a person alone nothing is told.
_ABOUT = {
    Subject.ENTERPRISE: Release.Kind.INTRODUCTION,
    Subject.STUDIO: Release.Kind.STUDIO,
    Subject.TEAM: Release.Kind.TEAM,
    Subject.RESULT: Release.Kind.RESULT,
}
_ORDER = {kind: number for number, kind in enumerate(Release.Kind.values)}
_ENDS = "。；！？\n"


@dataclass(frozen=True)
class Offer:
    """One thing that could be shown. `key` names it in a form; `origin` says where it comes from."""

    key: str
    kind: str
    title: str
    text: str
    source: dict
    origin: str
    nomination_id: int
    edition_id: int
    evidence: Evidence | None = None

    @property
    def word(self) -> str:
        return Release.Kind(self.kind).label

    @property
    def is_picture(self) -> bool:
        return self.kind == Release.Kind.PICTURE

    @property
    def is_figure(self) -> bool:
        """A figure is shown as it was declared: its words may be changed, not the number."""
        return self.kind == Release.Kind.FIGURE


def offers_of(enterprise: Enterprise, *, by: Membership | None = None) -> list[Offer]:
    """In the order of the exhibition, what was declared last first; to a union what it recommended."""
    rows = _named().filter(enterprise=enterprise)
    if by is not None and by.role == Role.RECOMMENDER:
        rows = rows.filter(recommender=by.organisation)
    return sorted(_offered(rows), key=lambda offer: _ORDER[offer.kind])


def offer_of(release: Release) -> Offer | None:
    return declared_of([release]).get(release.pk)


def declared_of(releases: Iterable[Release]) -> dict[int, Offer]:
    """What the declarations say today of the same things, by the key of the release, where they still say it.

    Two queries, however many there are.
    """
    there = list(releases)
    offers = {
        frozen(offer.source): offer
        for offer in _offered(_named().filter(pk__in={each.nomination_id for each in there}))
    }
    return {each.pk: offers[frozen(each.source)] for each in there if frozen(each.source) in offers}


def frozen(source: Mapping) -> tuple:
    """A source as a key."""
    return tuple(sorted(source.items()))


def _named():
    standing = Honour.objects.public().filter(revoked_on__isnull=True)
    rows = Nomination.objects.filter(honoured__in=standing).select_related("edition__category", "declaration")
    photographs = Evidence.objects.current().filter(kind=Evidence.Kind.PHOTO)
    return rows.prefetch_related(Prefetch("evidence", photographs, to_attr="photographs")).order_by(
        "-edition__year", "-pk"
    )


def _offered(nominations: Iterable[Nomination]) -> list[Offer]:
    # Kept in Chinese, in whatever language the page is read.
    with override("zh-hans"):
        return [offer for nomination in nominations for offer in _offers(nomination)]


def _offers(nomination: Nomination) -> Iterator[Offer]:
    facts = facts_of(nomination.subject_name, nomination.declaration)
    for field in shape_of(nomination.edition):
        value = facts.get(field.key)
        if not field.exhibit or field.private or value in (None, "", [], {}):
            continue
        if field.kind == "rows":
            yield from _rows(nomination, field, value)
        elif nomination.edition.category.subject in _ABOUT:
            yield _single(nomination, field, value, facts)
    for document in nomination.photographs:
        yield Offer(
            key=f"evidence.{document.pk}",
            kind=Release.Kind.PICTURE,
            # The name of a file is nobody's caption: what stands under it is written anew.
            title="",
            text="",
            source={"evidence": document.pk},
            origin=f"{nomination.edition.title}：{document.title}",
            nomination_id=nomination.pk,
            edition_id=nomination.edition_id,
            evidence=document,
        )


def _single(nomination, field: Field, value, facts) -> Offer:
    about, kind, title = _ABOUT[nomination.edition.category.subject], field.exhibit, _(field.title)
    of_enterprise = about == Release.Kind.INTRODUCTION
    if kind == Release.Kind.FIGURE:
        title = title.removeprefix("其中")
        title = title if of_enterprise else f"{nomination.subject_name}：{title}"
        text = "\n".join(filter(None, (value_words(field, value), facts.get("period", ""))))
    else:
        kind = about if kind == Release.Kind.INTRODUCTION else kind
        title = title if kind == Release.Kind.INTRODUCTION else nomination.subject_name
        text = shortened(value)
    return Offer(
        key=f"{nomination.pk}.{field.key}",
        kind=kind,
        title=without_contacts(title)[:MOST_TITLE],
        text=without_contacts(text),
        source={"nomination": nomination.pk, "field": field.key},
        origin=f"{nomination.edition.title}：{_(field.title)}",
        nomination_id=nomination.pk,
        edition_id=nomination.edition_id,
    )


def _rows(nomination, field: Field, rows) -> Iterator[Offer]:
    for number, row in enumerate(rows, start=1):
        title, text = _row_words(field, row)
        if title:
            yield Offer(
                key=f"{nomination.pk}.{field.key}.{number}",
                kind=field.exhibit,
                title=without_contacts(title)[:MOST_TITLE],
                text=without_contacts(text)[:MOST_TEXT],
                source={"nomination": nomination.pk, "field": field.key, "row": number},
                origin=_("{edition}：{field}，第 {row} 行").format(
                    edition=nomination.edition.title, field=_(field.title), row=number
                ),
                nomination_id=nomination.pk,
                edition_id=nomination.edition_id,
            )


def _row_words(field: Field, row: Mapping) -> tuple[str, str]:
    """The first column that may be read is the title, the others stand behind their names."""
    cells = [
        (_(column.title), words)
        for column in field.columns
        if not column.private
        and column.kind != "evidence"
        and (words := value_words(column, row.get(column.key)))
    ]
    if not cells:
        return "", ""
    (_name, title), *rest = cells
    return title, "；".join(f"{name}：{words}" for name, words in rest)


def shortened(text: str) -> str:
    """At most MOST_INTRODUCTION characters, up to the end of a sentence where there is one to cut at."""
    text = text.strip()
    if len(text) <= MOST_INTRODUCTION:
        return text
    cut = text[:MOST_INTRODUCTION]
    end = max(cut.rfind(sign) for sign in _ENDS)
    return cut[: end + 1].rstrip() if end > MOST_INTRODUCTION // 2 else f"{cut[:-1]}…"

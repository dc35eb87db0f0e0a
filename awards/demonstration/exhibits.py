"""What last year's winners show in the exhibition: the first lets much be seen, one waits for the office."""

from datetime import datetime
from random import Random

from awards.demonstration import scenes
from awards.demonstration.course import Course
from awards.models import Honour, Release
from awards.services.deciding_releases import decide_releases
from awards.services.release_sources import Offer, offers_of
from awards.services.releasing import Item, release
from nominations.models import Evidence, Nomination
from nominations.services.evidence import attach_evidence
from portal.models import Membership

#: How much of each kind is shown.
MUCH = {"introduction": 1, "studio": 3, "result": 1, "figure": 6, "picture": 3}
LITTLE = {"introduction": 1, "studio": 1, "figure": 3, "picture": 1}
CONSENT = "企业同意公开函（演示）"


def photograph(nominations: list[Nomination], course: Course, now: datetime) -> None:
    """Three drawn pictures each, while the folder is open; with chance of their own, so all else stays."""
    for nomination in nominations:
        by = course.hat("recommender", nomination.recommender.code)
        random = Random(f"展馆{nomination.subject_key}")
        for number, (title, _caption, _words) in enumerate(scenes.SHOWN):
            attach_evidence(
                nomination,
                kind=Evidence.Kind.PHOTO,
                title=title,
                file=scenes.scene(number, random),
                by=by,
                now=now,
            )


def show(course: Course, honours: list[Honour], winner: Membership, released: datetime, decided: datetime):
    """The one with an account for itself, others through the union that recommended them."""
    pictured = [each for each in honours if len(_offers(each, Release.Kind.PICTURE)) >= len(scenes.SHOWN)]
    others = [each for each in pictured if each.enterprise.organisation_id is None]
    mine = next(each for each in honours if each.enterprise.organisation_id == winner.organisation_id)
    rows = _release(mine, MUCH, winner, "", released)
    for number, honour in enumerate(others[:2], start=1):
        by = course.hat("recommender", honour.nomination.recommender.code)
        rows += _release(honour, LITTLE, by, CONSENT, released, picture=number)
    decide_releases(rows, approve=True, by=course.office, now=decided)


def wait(course: Course, honours: list[Honour], now: datetime) -> None:
    """One more, released yesterday: the office has not looked at it."""
    honour = next(
        each
        for each in honours
        if not each.enterprise.releases.exists() and not each.enterprise.organisation_id
    )
    by = course.hat("recommender", honour.nomination.recommender.code)
    _release(honour, {"introduction": 1, "studio": 1, "result": 1}, by, CONSENT, now)


def _release(
    honour: Honour, much: dict[str, int], by: Membership, consent: str, now: datetime, *, picture: int = 0
) -> list[Release]:
    """So many of each kind, of the pictures from the `picture`-th on."""
    items = []
    for kind, number in much.items():
        first = picture if kind == Release.Kind.PICTURE else 0
        items += [_item(each) for each in _offers(honour, kind)[first : first + number]]
    return release(honour.enterprise, items=items, consent=consent, by=by, now=now)


def _offers(honour: Honour, kind: str) -> list[Offer]:
    found = [
        each
        for each in offers_of(honour.enterprise)
        if each.kind == kind and each.nomination_id == honour.nomination_id
    ]
    if kind == Release.Kind.PICTURE:
        drawn = {title for title, _caption, _words in scenes.SHOWN}
        found = [each for each in found if each.evidence.title in drawn]
    return found


def _item(offer: Offer) -> Item:
    if not offer.is_picture:
        return Item(offer.key, offer.title, offer.text)
    said = {title: (caption, words) for title, caption, words in scenes.SHOWN}
    caption, words = said[offer.evidence.title]
    return Item(offer.key, caption, alt=words)

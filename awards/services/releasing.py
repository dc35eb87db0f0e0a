"""Releasing and withdrawing: what the public may see of an enterprise is the enterprise's own to say.

委员会决定: what it releases is seen after the office that named it by that declaration has let it through, as
long as that naming stands; either of them takes it back at once, with a reason. What is to say something else
is released anew, and takes the place of the old one when it is let through
(`awards.services.deciding_releases`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from awards.models import Honour, Release
from awards.services import registry
from awards.services.release_pictures import MOST_PICTURES, Pictures
from awards.services.release_sources import MOST_TEXT, MOST_TITLE, Offer, offers_of
from nominations.models import Enterprise
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from voting.services.polls import without_contacts

#: What stands or waits of one enterprise at most.
MOST = 60


@dataclass(frozen=True)
class Item:
    """What is released: which offer, by its key, and in which words."""

    key: str
    title: str = ""
    text: str = ""
    alt: str = ""


def release(
    enterprise: Enterprise, *, items: Iterable[Item], consent: str = "", by: Membership, now: datetime
) -> list[Release]:
    """Release some of what could be shown, all or nothing; each waits for the office."""
    require(by, "awards.release", enterprise)
    items = list(items)
    keys = {item.key for item in items}
    picked = [offer for offer in offers_of(enterprise, by=by) if offer.is_picture and offer.key in keys]
    if len(picked) > MOST_PICTURES:
        raise Refused(
            "一次最多提交 {most} 张图片，所选的有 {n} 张。请分几次提交。", most=MOST_PICTURES, n=len(picked)
        )
    with Pictures(offer.evidence for offer in picked) as pictures:
        return _release(enterprise, items, consent.strip(), pictures, by, now)


@transaction.atomic
def _release(enterprise, items: list[Item], consent, pictures: Pictures, by, now) -> list[Release]:
    enterprise = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    require(by, "awards.release", enterprise)
    if not items:
        raise Refused("请至少选择一项公开的内容。")
    if by.role == Role.RECOMMENDER and not consent:
        raise Refused("该企业没有账户，由本单位代办：请填写企业同意公开的函件名称和日期。")
    if not standing(enterprise).exists():
        raise Refused("“{name}”没有有效的公开命名，展馆不展示。", name=enterprise.name)
    _refuse_too_many(enterprise, len(items))
    offers = {offer.key: offer for offer in offers_of(enterprise, by=by)}
    made = [_released(enterprise, item, offers.get(item.key), consent, pictures, by, now) for item in items]
    notify(
        "awards.release",
        offices_of(made),
        subject=f"{enterprise.name} 授权公开 {len(made)} 项展示内容，请审核",
        body="\n".join(f"{each.get_kind_display()}：{each.title}" for each in made),
        url=reverse("awards:releases_waiting"),
        now=now,
    )
    return made


def _released(enterprise, item: Item, offer: Offer | None, consent, pictures, by, now) -> Release:
    if offer is None:
        raise Refused("所选的内容有的已不在可公开的范围内，请刷新页面后重新选择。")
    waiting = enterprise.releases.waiting().filter(source=offer.source)
    if waiting.exists():
        raise Refused(
            "“{title}”已经提交，正等待办公室审核；要改内容请先撤回。", title=item.title or offer.title
        )
    title, text, alt = (without_contacts(each.strip()) for each in (item.title, item.text, item.alt))
    if offer.is_picture:
        if not alt:
            raise Refused("图片“{title}”没有填写说明。请用一句话写明图中是什么。", title=offer.origin)
        title, text = title or alt[:MOST_TITLE], ""
    elif offer.is_figure:
        text, alt = offer.text, ""
    else:
        alt = ""
    made = Release(
        enterprise=enterprise,
        nomination_id=offer.nomination_id,
        kind=offer.kind,
        title=title or offer.title,
        text=text,
        alt=alt,
        source=offer.source,
        consent=consent if by.role == Role.RECOMMENDER else "",
        position=_next_position(enterprise, offer.kind),
        released_at=now,
        released_by=by,
    )
    refuse_unnamed(made)
    if offer.kind == Release.Kind.INTRODUCTION and not made.text:
        raise Refused("“{title}”没有内容，请填写后再提交。", title=made.title)
    if len(made.text) > MOST_TEXT:
        raise Refused(
            "“{title}”有 {length} 个字，请压缩到 {most} 个字以内。",
            title=made.title,
            length=len(made.text),
            most=MOST_TEXT,
        )
    if offer.is_picture:
        pictures.keep(made, offer.evidence)
    _save(made)
    audit.record(
        "awards.release",
        made,
        by=by,
        now=now,
        edition=offer.edition_id,
        enterprise=enterprise.credit_code,
        kind=made.kind,
        source=made.source,
        digest=digest_of(made),
        consent=made.consent,
    )
    return made


@transaction.atomic
def withdraw(released: Release, *, reason: str, by: Membership, now: datetime) -> Release:
    """Take it back: from this moment nobody but those at work finds it."""
    released = locked([released])[0]
    require(by, "awards.withdraw_release", released)
    refuse_gone(released)
    if not reason.strip():
        raise Refused("撤回须写明理由。")
    take_back(released, reason=reason.strip(), by=by, now=now)
    audit.record(
        "awards.withdraw_release",
        released,
        by=by,
        now=now,
        enterprise=released.enterprise.credit_code,
        kind=released.kind,
        reason=released.withdrawn_reason,
    )
    registry.changed()
    hats = hats_of(released) if by.role == Role.OFFICE else offices_of([released])
    notify(
        "awards.withdraw_release",
        hats,
        subject=f"{released.enterprise.name} 的展示内容“{released.title}”已撤回",
        body=f"理由：{released.withdrawn_reason}",
        url=reverse("awards:releases", args=[released.enterprise_id]),
        now=now,
    )
    return released


def take_back(released: Release, *, reason: str, by: Membership, now: datetime) -> None:
    """A part of withdrawing and of letting something through in its place; the caller records it."""
    released.withdrawn_at, released.withdrawn_by, released.withdrawn_reason = now, by, reason[:300]
    released.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def locked(releases: Iterable[Release]) -> list[Release]:
    """The rows, locked, in the order of their keys; the enterprises first, as everybody here does."""
    pks = [each.pk for each in releases]
    enterprises = Release.objects.filter(pk__in=pks).values("enterprise")
    list(Enterprise.objects.select_for_update().filter(pk__in=enterprises).order_by("pk"))
    rows = Release.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return list(rows.select_related("enterprise", "released_by", "nomination__edition"))


def standing(enterprise: Enterprise):
    """What it was publicly named, and still is."""
    return Honour.objects.public().filter(enterprise=enterprise, revoked_on__isnull=True)


def refuse_unnamed(released: Release) -> None:
    """Another naming of the same enterprise does not speak for what comes from this one."""
    if not standing(released.enterprise).filter(nomination=released.nomination_id).exists():
        raise Refused(
            "“{title}”来自{edition}的申报，那次没有有效的公开命名，展馆不展示。",
            title=released.title,
            edition=released.nomination.edition.title,
        )


def refuse_gone(released: Release) -> None:
    if released.withdrawn_at:
        raise Refused("“{title}”已经撤回，请刷新页面。", title=released.title)
    if released.approved is False:
        raise Refused("“{title}”没有通过审核，从未公开，不需要撤回。", title=released.title)


def hats_of(released: Release):
    """Those who speak for the enterprise: itself, or the union that released in its name."""
    organisation = released.enterprise.organisation or released.released_by.organisation
    return Membership.objects.at(organisation, Role.APPLICANT, Role.RECOMMENDER).select_related("user")


def offices_of(releases: Iterable[Release]):
    """The offices that decide about them."""
    hosts = {each.nomination.edition.host_id for each in releases}
    return Membership.objects.active().filter(role=Role.OFFICE, organisation__in=hosts).select_related("user")


def digest_of(released: Release) -> str:
    """SHA-256 of the words and of the picture as they are kept: what the record says was released."""
    sha = hashlib.sha256("\n".join((released.title, released.text, released.alt)).encode())
    if released.picture:
        with released.picture.storage.open(released.picture.name) as file:
            sha.update(file.read())
    return sha.hexdigest()


def _refuse_too_many(enterprise, more: int) -> None:
    there = enterprise.releases.filter(withdrawn_at__isnull=True).exclude(approved=False).count()
    if there + more > MOST:
        raise Refused(
            "每家最多公开 {most} 项，已有 {there} 项。请先撤回一些，或者少选几项。", most=MOST, there=there
        )


def _next_position(enterprise, kind) -> int:
    last = enterprise.releases.filter(kind=kind).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _save(row: Release) -> None:
    try:
        row.full_clean()
    except ValidationError as invalid:
        words = "；".join(word for words in invalid.message_dict.values() for word in words)
        raise Refused("“{title}”填写的内容不正确：{words}", title=row.title, words=words) from None
    row.save()

"""Answering without an account: a link for one named person, once, for a time, until it is revoked.

The link is a key of 32 random bytes; only its SHA-256 is kept, so that what is in the database opens nothing.
Everything done by it is done under the hat of the named person, who cannot sign in.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from nominations.models import Edition
from portal import audit
from portal.appointing import stand_in
from portal.errors import N_, Refused
from portal.models import Membership, Organisation, Role
from portal.permissions import require
from review.models import AnswerLink, Opinion
from review.services import opinions, standing
from review.services.opinion_sheets import apply_answers
from review.services.opinions import Reply

#: 委员会决定: days a link outlives the due date, and the most it may live.
DAYS_AFTER_DUE, MOST_DAYS = 3, 30
CLOSED = N_("这个链接不能用了：可能已经提交、到期或被撤销，也可能没有复制完整。请联系给您链接的办公室。")


class LinkClosed(Exception):
    """Unknown, expired, revoked and used read the same, so that nobody learns which it was.

    Not a `Refused`: no form shows it beside what it was showing; the page is gone.
    """

    message, params = CLOSED, {}

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Issued:
    """A link with its key, which is shown this once."""

    link: AnswerLink
    token: str


def default_expiry(edition: Edition, *, today: date) -> date:
    """The last day of a link: three days after the latest due date, within the most a link may live."""
    due = max((each.due_on for each in edition.batches.all() if each.due_on), default=today)
    return min(max(due, today) + timedelta(days=DAYS_AFTER_DUE), today + timedelta(days=MOST_DAYS))


@transaction.atomic
def issue_link(
    edition: Edition,
    organisation: Organisation,
    *,
    name: str,
    valid_until: date,
    position: str = "",
    contact: str = "",
    note: str = "",
    by: Membership,
    now: datetime,
) -> Issued:
    """Let a named person at a consulted organisation answer by a link, until the end of a day."""
    require(by, "review.issue_link", edition)
    today = timezone.localdate(now)
    if not name.strip():
        raise Refused("请写明答复人姓名，记录中要写明是谁答复的。")
    if not edition.consultations.filter(department=organisation).exists():
        raise Refused("本届没有向{name}征求意见，不能签发链接。", name=organisation.short_name)
    if not today <= valid_until <= today + timedelta(days=MOST_DAYS):
        raise Refused("有效期应当从今天起，最长 {days} 天，请修改。", days=MOST_DAYS)
    token = secrets.token_urlsafe(32)
    link = AnswerLink.objects.create(
        edition=edition,
        hat=stand_in(name.strip()[:60], Role.DEPARTMENT, organisation),
        position=position.strip()[:60],
        contact=contact.strip()[:80],
        note=note.strip()[:300],
        token_sha256=digest_of(token),
        issued_at=now,
        issued_by=by,
        expires_at=timezone.make_aware(datetime.combine(valid_until + timedelta(days=1), time.min)),
    )
    audit.record(
        "review.issue_link",
        link,
        by=by,
        now=now,
        edition=edition,
        name=name.strip(),
        position=link.position,
        department=organisation.name,
        expires_at=link.expires_at,
        note=link.note,
    )
    return Issued(link, token)


@transaction.atomic
def revoke_link(link: AnswerLink, *, reason: str, by: Membership, now: datetime) -> AnswerLink:
    """Cut it at once. What was answered by it stays, under the name of who answered."""
    link = AnswerLink.objects.select_for_update(of=("self",)).select_related("edition").get(pk=link.pk)
    require(by, "review.revoke_link", link)
    if not reason.strip():
        raise Refused("请写明撤销的理由。")
    if link.used_at or link.revoked_at:
        raise Refused("这个链接已经提交或撤销，不需要再撤销。")
    link.revoked_at, link.revoked_by, link.revoked_reason = now, by, reason.strip()[:300]
    link.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    audit.record(
        "review.revoke_link", link, by=by, now=now, edition=link.edition_id, reason=link.revoked_reason
    )
    return link


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def open_link(token: str, *, now: datetime) -> AnswerLink:
    """The link behind a key, or `LinkClosed`. The first opening is noted."""
    digest = digest_of(token)
    # Found by the digest of a random key: how long it takes says nothing about the key.
    link = (
        AnswerLink.objects.filter(token_sha256=digest)
        .select_related("edition__host", "hat__user", "hat__organisation")
        .first()
    )
    if link is None or not hmac.compare_digest(link.token_sha256, digest) or not is_open(link, now):
        raise LinkClosed
    if link.opened_at is None:
        AnswerLink.objects.filter(pk=link.pk, opened_at__isnull=True).update(opened_at=now)
    return link


def is_open(link: AnswerLink, now: datetime) -> bool:
    hat = link.hat
    return (
        link.used_at is None
        and link.revoked_at is None
        and now < link.expires_at
        and hat.active
        and hat.organisation.active
    )


def held(link: AnswerLink, now: datetime) -> AnswerLink:
    """The link, kept open until the transaction ends: revoking waits, or was before and cuts."""
    link = (
        AnswerLink.objects.select_for_update(of=("self",))
        .select_related("edition", "hat__user", "hat__organisation")
        .get(pk=link.pk)
    )
    if not is_open(link, now):
        raise LinkClosed
    return link


@transaction.atomic
def answer_by_link(
    link: AnswerLink,
    *,
    replies: Iterable[tuple[int, int, Reply]],
    proofs: Mapping[tuple[int, int], list] | None = None,
    now: datetime,
) -> list[Opinion]:
    """What the person behind the link answered, all of it or none."""
    link = held(link, now)
    return opinions.answer_list(link.edition, replies=replies, proofs=proofs, by=link.hat, now=now)


@transaction.atomic
def answer_rest_by_link(
    link: AnswerLink, *, looked_up_on: date, named: Iterable[int], now: datetime
) -> list[Opinion]:
    link = held(link, now)
    return opinions.answer_rest_clear(
        link.edition, link.hat.organisation, by=link.hat, now=now, looked_up_on=looked_up_on, named=named
    )


def still_open(link: AnswerLink, *, today: date) -> int:
    """How many questions of this organisation have no answer that counts."""
    lines = standing.progress([link.edition], today=today, department=link.hat.organisation)
    return sum(each.left for each in lines)


@transaction.atomic
def finish_link(link: AnswerLink, *, anyway: bool = False, by: Membership, now: datetime) -> AnswerLink:
    """提交全部答复: the link is used up. With questions open only when that is said (`anyway`)."""
    link = held(link, now)
    if by.pk != link.hat_id:
        raise LinkClosed
    left = still_open(link, today=timezone.localdate(now))
    if left and not anyway:
        raise Refused("还有 {count} 项没有答复。请答复完再提交，或勾选“其余不再答复”后提交。", count=left)
    link.used_at = now
    link.save(update_fields=["used_at"])
    audit.record(
        "review.use_link",
        link,
        by=by,
        now=now,
        edition=link.edition_id,
        department=link.hat.organisation.name,
        left=left,
    )
    return link


@transaction.atomic
def apply_by_link(link: AnswerLink, *, kept, choices: dict, now: datetime) -> list[Opinion]:
    """The workbook that was looked through, entered while the link still opens."""
    link = held(link, now)
    return apply_answers(kept, by=link.hat, now=now, choices=choices)

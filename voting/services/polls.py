"""Setting a poll up, opening, pausing and closing it."""

import re
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Declaration, Edition, Nomination
from nominations.services.editions import change_edition, freeze_rules
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import N_, Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from voting.models import Candidate, Effort, Poll, Result
from voting.rules import poll_settings_ok
from voting.services.counting import freeze_count
from voting.services.keys import new_key
from voting.services.quarantine import require_decided

#: What must never stand on a public page, wherever a declaration mentions it.
_CONTACTS = re.compile(
    r"(?<!\d)1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|[\w.+-]+@[\w-]+(\.[\w-]+)+"
)
LEFT_OUT = N_("（联系方式略）")

APPEAL_DAYS, MOST_APPEAL_DAYS = 30, 365


@transaction.atomic
def set_up_poll(
    edition: Edition,
    *,
    by: Membership,
    now: datetime,
    opens: datetime,
    closes: datetime,
    closes_itself: bool = True,
    area: str = "",
    appeal_days: int = APPEAL_DAYS,
    effort: str = Effort.NORMAL,
) -> Poll:
    """Number the nominees as candidates and fix the window `[opens, closes)`; again, until it is opened.

    `closes_itself` is off where the office looks through the ballots, or enters them from paper, before
    it counts. `area` names where the voters are expected; it refuses nobody. For `appeal_days` after the
    closing a voter may ask by number; then the key is destroyed.
    """
    require(by, "voting.set_up_poll", edition)
    edition = _edition(edition.pk)
    require_open(edition, StepKind.VOTING)
    poll = Poll.objects.select_for_update(of=("self",)).filter(edition=edition).first()
    if poll and poll.opened_at:
        raise Refused("投票已经开启，时间和候选企业不能再修改。")
    if closes <= now:
        raise Refused("投票的截止时间已经过去，请填写今后的时间。")
    if not 1 <= appeal_days <= MOST_APPEAL_DAYS:
        raise Refused("查询期请填 1 至 {most} 天。", most=MOST_APPEAL_DAYS)
    nominees = nominees_of(edition)
    _check(edition, nominees, opens, closes)
    poll = poll or Poll(edition=edition)
    poll.opens, poll.closes, poll.closes_itself = opens, closes, closes_itself
    poll.area, poll.appeal_days, poll.effort = area.strip(), appeal_days, Effort(effort)
    poll.key_id = poll.key_id or new_key()
    poll.save()
    pictures = {each.nomination_id: (each.picture, each.picture_digest) for each in poll.candidates.all()}
    poll.candidates.all().delete()
    Candidate.objects.bulk_create(_candidates(poll, nominees, pictures))
    change_edition(edition, by=by, now=now, dates={StepKind.VOTING: (opens, closes)})
    audit.record(
        "voting.set_up_poll",
        poll,
        by=by,
        now=now,
        opens=opens,
        closes=closes,
        closes_itself=closes_itself,
        area=poll.area,
        appeal_days=appeal_days,
        effort=poll.effort,
        candidates=[each.subject_name for each in nominees],
    )
    return poll


def _candidates(poll, nominees, pictures):
    for number, each in enumerate(nominees, start=1):
        picture, digest = pictures.get(each.pk, ("", ""))
        yield Candidate(
            poll=poll,
            nomination=each,
            number=number,
            introduction=introduction(each),
            picture=picture,
            picture_digest=digest,
        )


def nominees_of(edition: Edition) -> list[Nomination]:
    """Who stands, in an order that is no ranking."""
    rows = Nomination.objects.filter(edition=edition).at(State.VOTING)
    return list(rows.select_related("declaration", "enterprise").order_by("subject_key"))


def introduction(nomination: Nomination) -> str:
    """The first words of the deeds, as many as the ballot has room for, without contacts."""
    try:
        deeds = without_contacts(nomination.declaration.deeds)
    except Declaration.DoesNotExist:
        return ""
    return " ".join(deeds.split())[:500]


def without_contacts(text: str) -> str:
    """Free text as the public may read it: numbers and mail addresses are left out."""
    return _CONTACTS.sub(LEFT_OUT, text)


@transaction.atomic
def open_poll(poll: Poll, *, by: Membership, now: datetime) -> Poll:
    """Freeze the rules with their digest and the candidates; from `opens` on the clock lets ballots in.

    Opening is the office's approval and may be done days before: the window, asked at each ballot, does
    the rest, so no task has to be on time.
    """
    require(by, "voting.open_poll", poll)
    edition = _edition(poll.edition_id)
    poll = locked(poll)
    if poll.opened_at:
        raise Refused("投票已经开启，不需要再次开启。")
    require_open(edition, StepKind.VOTING)
    if now >= poll.closes:
        raise Refused("投票的截止时间已经过去，请先重新设置投票时间。")
    nominees = nominees_of(edition)
    standing = set(poll.candidates.values_list("nomination_id", flat=True))
    if {each.pk for each in nominees} != standing:
        raise Refused("进入公众投票的企业与候选名单不一致，请重新保存投票设置，再开启投票。")
    _check(edition, nominees, poll.opens, poll.closes)
    digest = freeze_rules(edition, by=by, now=now)
    poll.opened_at = now
    poll.save(update_fields=["opened_at"])
    audit.record(
        "voting.open_poll",
        poll,
        by=by,
        now=now,
        opens=poll.opens,
        closes=poll.closes,
        rules=digest,
        area=poll.area,
        appeal_days=poll.appeal_days,
        effort=poll.effort,
        candidates=[[each.number, each.nomination.subject_name] for each in candidates_of(poll)],
    )
    return poll


@transaction.atomic
def close_poll(poll: Poll, *, by: Membership, now: datetime) -> Result:
    """Count, freeze the result, close the step. Refused before `closes`: nobody shortens a vote."""
    require(by, "voting.close_poll", poll)
    poll = locked(poll)
    if not poll.opened_at:
        raise Refused("投票还没有开启，不能关闭。")
    if poll.closed_at:
        raise Refused("投票已经关闭并计票。")
    if now < poll.closes:
        raise Refused("投票还没有到截止时间，不能提前关闭。如需停止收票，请暂停投票并公开说明。")
    require_decided(poll)
    result = freeze_count(poll, by=by, now=now)
    poll.closed_at, poll.paused_at = now, None
    poll.save(update_fields=["closed_at", "paused_at"])
    close_step(poll.edition, StepKind.VOTING, by=by, now=now, cast=result.cast, set_aside=result.set_aside)
    audit.record(
        "voting.close_poll",
        poll,
        by=by,
        now=now,
        digest=result.digest,
        **result.inputs,
    )
    notify(
        "voting.counted",
        Membership.objects.at(poll.edition.host, Role.OFFICE).select_related("user"),
        subject=_("{edition}：公众投票已截止并计票").format(edition=poll.edition),
        url=reverse("voting:poll", args=[poll.edition_id]),
        now=now,
        edition=poll.edition,
    )
    return result


@transaction.atomic
def pause_poll(poll: Poll, *, by: Membership, now: datetime, note: str) -> Poll:
    """Take no ballots until resumed; `note` stands on the public page. The window does not grow."""
    require(by, "voting.pause_poll", poll)
    poll = _running(changing(poll), now)
    if poll.paused_at:
        raise Refused("投票已经暂停。")
    if not note.strip():
        raise Refused("请写明暂停的公开说明，公众在投票页面上会看到。")
    return _pause(poll, now, note.strip(), by=by, now=now)


@transaction.atomic
def resume_poll(poll: Poll, *, by: Membership, now: datetime, note: str = "") -> Poll:
    """Take ballots again; `note`, when given, stays on the public page."""
    require(by, "voting.pause_poll", poll)
    poll = _running(changing(poll), now)
    if not poll.paused_at:
        raise Refused("投票没有暂停。")
    return _pause(poll, None, note.strip(), by=by, now=now)


@transaction.atomic
def raise_effort(poll: Poll, *, by: Membership, now: datetime, effort: str, note: str) -> Poll:
    """Have telephones compute more, or less again, from the next request on; `note` is for the record."""
    require(by, "voting.raise_effort", poll)
    poll = _running(changing(poll), now)
    if effort == poll.effort:
        raise Refused("防刷强度已经是“{effort}”。", effort=poll.get_effort_display())
    if not note.strip():
        raise Refused("请写明调整的理由，留痕备查。")
    before, poll.effort = poll.effort, Effort(effort)
    poll.save(update_fields=["effort"])
    audit.record(
        "voting.raise_effort",
        poll,
        by=by,
        now=now,
        before=before,
        effort=poll.effort,
        note=note.strip()[:300],
    )
    return poll


def close_due_poll(poll_id: int, *, now: datetime) -> Result | None:
    """What the clock does: close a poll that is over and closes itself. Doing it twice changes nothing."""
    with transaction.atomic():
        poll = (
            _held().select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=poll_id).first()
        )
        # Somebody else is at it, for minutes where the poll is big: nobody need queue behind.
        if (
            poll is None
            or poll.closed_at
            or not poll.opened_at
            or not poll.closes_itself
            or now < poll.closes
        ):
            return None
        return close_poll(poll, by=Membership.objects.system(), now=now)


def _edition(pk: int) -> Edition:
    """The edition, held against others who would change or freeze its rules; whoever holds its poll as well
    holds the edition first. Rows that only name it are not waited for: who holds the poll writes such rows.
    """
    return Edition.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def locked(poll: Poll) -> Poll:
    """The poll, held against every ballot under way: each of them holds a share of this row."""
    return _held().select_for_update(of=("self",)).get(pk=poll.pk)


def changing(poll: Poll) -> Poll:
    """The poll, held against others who would change it, but not against ballots.

    Ballots come without a pause in a rush, each with a share of the row: whoever waited for a moment without
    one might wait for ever.
    """
    return _held().select_for_update(of=("self",), no_key=True).get(pk=poll.pk)


def _held():
    return Poll.objects.select_related("edition__host")


def _running(poll, now):
    if not poll.opened_at:
        raise Refused("投票还没有开启。")
    if poll.closed_at or now >= poll.closes:
        raise Refused("投票已经截止。")
    return poll


def _pause(poll, paused_at, note, *, by, now):
    poll.paused_at, poll.public_note = paused_at, note[:300]
    poll.save(update_fields=["paused_at", "public_note"])
    audit.record(
        "voting.pause_poll", poll, by=by, now=now, paused=paused_at is not None, note=poll.public_note
    )
    words = _("{edition}：公众投票已暂停") if paused_at else _("{edition}：公众投票已恢复")
    notify(
        "voting.paused",
        told_of_a_pause(poll, by),
        subject=words.format(edition=poll.edition),
        body=poll.public_note,
        url=reverse("voting:poll", args=[poll.edition_id]),
        now=now,
        edition=poll.edition,
    )
    return poll


def told_of_a_pause(poll: Poll, hat: Membership) -> list[Membership]:
    """The others of the host's office than the one under this hat, and who audits it."""
    hats = Membership.objects.at(poll.edition.host, Role.OFFICE, Role.AUDITOR).select_related("user")
    return [each for each in hats.order_by("role", "pk") if each.user_id != hat.user_id]


def candidates_of(poll: Poll) -> list[Candidate]:
    """Those who stand, in the order of their numbers; who withdrew meanwhile can be picked no more."""
    rows = poll.candidates.select_related("nomination__enterprise", "nomination__declaration")
    return [each for each in rows.order_by("number") if each.nomination.state != State.WITHDRAWN]


def _check(edition, nominees, opens, closes):
    if not nominees and not edition.has(StepKind.REVIEW):
        raise Refused("还没有进入公众投票的企业。请先关闭资格审查环节，再设置投票。")
    if not nominees:
        raise Refused("还没有提名企业。请先关闭专家评审环节，再设置投票。")
    poll_settings_ok(
        candidates=len(nominees),
        min_picks=edition.min_picks,
        max_picks=edition.max_picks,
        opens=opens,
        closes=closes,
        ballots_per=edition.ballots_per,
    )

"""提名公示: who is proposed, the list with its period, and who replaces one that is out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards import documents, rules
from awards.models import Notice, NoticeRow, ShortlistRow
from awards.services.notice_papers import rows_of
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review.services.expiry import lapsed
from review.services.rechecks import refuse_standing, standing_problems

PUBLISHED = (State.PUBLICITY, State.NAMED)


OUT = (State.REJECTED, State.WITHDRAWN)


@dataclass(frozen=True)
class Place:
    id: int
    rank: int


@dataclass(frozen=True)
class Proposed:
    """Those who passed the inspection, in composite order, and whom the rule proposes for `seats` seats."""

    passed: list[ShortlistRow]
    computed: rules.Proposal
    seats: int

    @property
    def ids(self) -> tuple[int, ...]:
        return self.computed.ids

    @property
    def rows(self) -> list[ShortlistRow]:
        return [row for row in self.passed if row.nomination_id in self.computed.ids]

    @property
    def undecided(self) -> list[ShortlistRow]:
        return [row for row in self.passed if row.nomination_id in self.computed.undecided]

    @property
    def reserves(self) -> list[ShortlistRow]:
        taken = {*self.computed.ids, *self.computed.undecided}
        return [row for row in self.passed if row.nomination_id not in taken]


@dataclass(frozen=True)
class NoticePreview:
    """What publishing these would mean: who, until when, and what needs a word of the office."""

    rows: list[ShortlistRow]
    workdays: int
    starts_on: date
    ends_on: date
    provisional: bool
    departs: bool
    # Nominations whose exclusions were looked up too long ago: (name, the oldest expiry).
    stale: list[tuple[str, date]] = field(default_factory=list)
    # What a re-check found against them and nobody has set aside.
    problems: list = field(default_factory=list)


def propose(edition: Edition) -> Proposed:
    """S1 四.3⑥: seats-many of those who passed, in composite order; the others are reserves."""
    return _proposed(edition, edition.seats)


def propose_replacement(edition: Edition) -> Proposed:
    """递补: the free seats, for those who were inspected and passed and stand on no notice yet."""
    return _proposed(edition, free_seats(edition))


def _proposed(edition, seats) -> Proposed:
    passed = list(
        ShortlistRow.objects.filter(
            nomination__edition=edition,
            nomination__state=State.INSPECTION,
            nomination__inspection__verdict="passed",
        ).select_related("nomination__recommender", "nomination__enterprise", "nomination__declaration")
    )
    places = [Place(row.nomination_id, row.rank) for row in passed]
    ids = {place.id for place in places}
    return Proposed(passed, rules.notice_proposal(places, ids, seats), seats)


def free_seats(edition: Edition) -> int:
    """Seats whose holder was published and is out, and that nobody has taken over yet."""
    rows = NoticeRow.objects.filter(notice__edition=edition)
    out = rows.filter(nomination__state__in=OUT).count()
    replaced = rows.filter(notice__kind=Notice.Kind.REPLACEMENT).count()
    held = Nomination.objects.filter(edition=edition, state__in=PUBLISHED).count()
    return max(0, min(out - replaced, edition.seats - held))


def list_of(edition: Edition) -> Notice | None:
    """The published list of an edition, in its newest version."""
    return edition.notices.filter(kind=Notice.Kind.LIST, superseded_by__isnull=True).first()


def preview_notice(edition: Edition, chosen: Iterable, published_on: date) -> NoticePreview:
    return preview(edition, propose(edition), chosen, published_on)


def preview(edition: Edition, proposed: Proposed, chosen: Iterable, published_on: date) -> NoticePreview:
    """What publishing these on that day would mean, against the list or against a replacement. Reads only."""
    ids = _ids(chosen)
    known = {row.nomination_id: row for row in proposed.passed}
    days = calendar.published()
    ends = rules.notice_ends(published_on, edition.notice_workdays, days)
    return NoticePreview(
        rows=[known[each] for each in ids if each in known],
        workdays=edition.notice_workdays,
        starts_on=days.add(published_on, 1),
        ends_on=ends,
        provisional=days.provisional(published_on, ends),
        departs=rules.departs(ids, proposed.computed),
        stale=stale_findings(ids, published_on),
        problems=standing_problems(ids),
    )


def stale_findings(ids: Iterable[int], today: date) -> list[tuple[str, date]]:
    """Whose negative items were looked up so long ago that they say nothing about today."""
    return sorted(lapsed(ids, today).values())


@transaction.atomic
def publish_notice(
    edition: Edition,
    *,
    chosen: Iterable,
    departs: str = "",
    minute: str = "",
    provisional_confirmed: bool = False,
    rechecked: bool = False,
    recheck_note: str = "",
    by: Membership,
    now: datetime,
) -> Notice:
    """Publish the list. `chosen` are nominations or their ids, in the order of the list."""
    require(by, "awards.publish_notice", edition)
    edition = _locked(edition)
    _refuse_before_inspection(edition)
    if list_of(edition):
        raise Refused("这一届的名单已经公示，不能重复发布。需要补充时请用递补公示。")
    return _publish(
        edition,
        Notice.Kind.LIST,
        propose(edition),
        _ids(chosen),
        {"departs": departs.strip(), "minute": minute.strip()},
        {
            "provisional_confirmed": provisional_confirmed,
            "rechecked": rechecked,
            "recheck_note": recheck_note.strip(),
        },
        by,
        now,
    )


@transaction.atomic
def publish_replacement(
    edition: Edition,
    *,
    chosen: Iterable,
    departs: str = "",
    minute: str = "",
    provisional_confirmed: bool = False,
    rechecked: bool = False,
    recheck_note: str = "",
    by: Membership,
    now: datetime,
) -> Notice:
    """递补: the next who was inspected and passed, with a notice and a period of its own."""
    require(by, "awards.publish_notice", edition)
    edition = _locked(edition)
    _refuse_before_inspection(edition)
    if not list_of(edition):
        raise Refused("还没有公示名单，不能递补。请先发布公示。")
    proposed = propose_replacement(edition)
    if not proposed.seats:
        raise Refused("公示名单没有空出的名额，不需要递补。")
    return _publish(
        edition,
        Notice.Kind.REPLACEMENT,
        proposed,
        _ids(chosen),
        {"departs": departs.strip(), "minute": minute.strip()},
        {
            "provisional_confirmed": provisional_confirmed,
            "rechecked": rechecked,
            "recheck_note": recheck_note.strip(),
        },
        by,
        now,
    )


def _publish(edition, kind, proposed, ids, words, confirmed, by, now) -> Notice:
    passed = {row.nomination_id for row in proposed.passed}
    rules.check_proposal(
        ids,
        proposed.computed,
        passed=passed,
        seats=proposed.seats,
        reason=words["departs"],
        minute=words["minute"],
    )
    refuse_standing(ids)
    seen = preview(edition, proposed, ids, timezone.localdate(now))
    _check_confirmed(seen, **confirmed)
    notice = Notice(
        edition=edition,
        kind=kind,
        title=documents.notice_title(edition, kind),
        published_at=now,
        published_by=by,
        workdays=seen.workdays,
        ends_on=seen.ends_on,
        **confirmed,
        **(words if seen.departs else {"minute": words["minute"]}),
    )
    notice.text = documents.notice_text(notice, seen)
    notice.full_clean()
    notice.save()
    NoticeRow.objects.bulk_create(
        NoticeRow(notice=notice, nomination=row.nomination, position=position)
        for position, row in enumerate(seen.rows, start=1)
    )
    for row in sorted(seen.rows, key=lambda each: each.nomination_id):
        advance(row.nomination, "publish", by=by, now=now, note=notice.title)
    notice.document.save(
        "公示公告.docx", ContentFile(documents.render_notice(notice, rows_of(notice))), save=True
    )
    audit.record(
        "awards.publish_notice",
        notice,
        by=by,
        now=now,
        kind=str(kind),
        chosen=[row.nomination.subject_key for row in seen.rows],
        ends_on=notice.ends_on,
        departs=notice.departs,
        minute=notice.minute,
        stale=[name for name, _expired in seen.stale],
        **confirmed,
    )
    _tell_recommenders(notice, seen.rows, now)
    return notice


def _refuse_before_inspection(edition):
    step = edition.steps.get(kind=StepKind.INSPECTION)
    if step.enabled and not step.closed_at:
        raise Refused("“差额考察”环节还没有关闭，请先办结考察，再发布公示。")
    require_open(edition, StepKind.PUBLICITY)


def _check_confirmed(preview, *, provisional_confirmed, rechecked, recheck_note):
    if preview.provisional and not provisional_confirmed:
        raise Refused("公示期涉及的放假安排为暂定，请核对截止日后确认，再发布公示。")
    if preview.stale and not (rechecked and recheck_note):
        raise Refused(
            "{names}的排除条件核查结果已过有效期。请在公示前重新核查，勾选确认并写明核查情况。",
            names="、".join(name for name, _expired in preview.stale),
        )


def _tell_recommenders(notice, rows, now):
    for row in rows:
        notify(
            "awards.notice_published",
            Membership.objects.at(row.nomination.recommender, Role.RECOMMENDER).select_related("user"),
            subject=f"{row.nomination.subject_name}已列入公示，{notice.ends_on:%m月%d日}24时截止",
            url=reverse("awards:notice", args=[notice.pk]),
            now=now,
            nomination=row.nomination,
        )


def _ids(chosen) -> list[int]:
    return [getattr(each, "pk", each) for each in chosen]


def _locked(edition: Edition) -> Edition:
    return Edition.objects.select_for_update(of=("self",)).select_related("host").get(pk=edition.pk)

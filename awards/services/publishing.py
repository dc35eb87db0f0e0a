"""提名公示: who is proposed, the list with its period, and who replaces one that is out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from awards import documents, rules
from awards.models import Notice, Shortlist, ShortlistRow
from awards.services import looks
from awards.services.issuing import issue, tell_recommenders
from awards.services.standing_list import free_places_of, list_in_force
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.last_step import after_scoring, last_step
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit, calendar
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from review.services.rechecks import refuse_standing, standing_problems


@dataclass(frozen=True)
class Place:
    id: int
    rank: int


@dataclass(frozen=True)
class Proposed:
    """Those who may be listed, in composite order, and whom the rule proposes for `seats` seats."""

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
    # Those of whom an exclusion has to be looked up again first.
    stale: list[looks.Freshness] = field(default_factory=list)
    # What a re-check found against them and nobody has set aside.
    problems: list = field(default_factory=list)


def may_be_listed() -> Q:
    """Who may be listed, for a filter of nominations over several editions: who was inspected and passed.

    委员会决定: where an edition leaves 差额考察 out, who is ranked and still stands in the last step.
    """
    passed = Q(state=State.INSPECTION, inspection__verdict="passed")
    ranked = Q(shortlist_row__shortlist__status=Shortlist.Status.DONE)
    return passed | after_scoring() & ranked


def candidates(edition: Edition) -> QuerySet[Nomination]:
    """Who may be listed, in no order of its own."""
    return Nomination.objects.filter(may_be_listed(), edition=edition)


def propose(edition: Edition) -> Proposed:
    """S1 四.3⑥: seats-many of those who passed, in composite order; the others are reserves."""
    return proposed_of(edition, edition.seats)


def propose_replacement(edition: Edition) -> Proposed:
    """递补: the free places, for those who may be listed and stand on no notice."""
    return proposed_of(edition, free_places_of(edition))


def proposed_of(edition: Edition, seats: int, *, listed: Iterable[int] = ()) -> Proposed:
    """The proposal for so many seats among the reserves and those who stand on the list already."""
    passed = list(
        ShortlistRow.objects.filter(nomination__edition=edition)
        .filter(Q(nomination__in=candidates(edition)) | Q(nomination__in=list(listed)))
        .select_related("nomination__recommender", "nomination__enterprise", "nomination__declaration")
    )
    places = [Place(row.nomination_id, row.rank) for row in passed]
    ids = {place.id for place in places}
    return Proposed(passed, rules.notice_proposal(places, ids, seats), seats)


def preview_notice(edition: Edition, chosen: Iterable, published_on: date) -> NoticePreview:
    return preview(edition, propose(edition), chosen, published_on)


def preview(edition: Edition, proposed: Proposed, chosen: Iterable, published_on: date) -> NoticePreview:
    """What publishing these on that day would mean, against the list or against a replacement. Reads only."""
    ids = ids_of(chosen)
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
        stale=looks.not_fresh(ids, published_on),
        problems=standing_problems(ids),
    )


@transaction.atomic
def publish_notice(
    edition: Edition,
    *,
    chosen: Iterable,
    departs: str = "",
    minute: str = "",
    provisional_confirmed: bool = False,
    by: Membership,
    now: datetime,
) -> Notice:
    """Publish the list. `chosen` are nominations or their ids, in the order of the list."""
    require(by, "awards.publish_notice", edition)
    edition = locked_edition(edition)
    _refuse_too_early(edition)
    if list_in_force(edition):
        raise Refused("这一届的名单已经公示，不能重复发布。需要补充时请用递补公示，需要改动时请用更正公示。")
    words = {"departs": departs.strip(), "minute": minute.strip()}
    proposed, ids = propose(edition), ids_of(chosen)
    return _publish(edition, Notice.Kind.LIST, proposed, ids, words, provisional_confirmed, by, now)


@transaction.atomic
def publish_replacement(
    edition: Edition,
    *,
    chosen: Iterable,
    departs: str = "",
    minute: str = "",
    provisional_confirmed: bool = False,
    by: Membership,
    now: datetime,
) -> Notice:
    """递补: the next who may be listed, with a notice and a period of its own."""
    require(by, "awards.publish_notice", edition)
    edition = locked_edition(edition)
    _refuse_too_early(edition)
    if not list_in_force(edition):
        raise Refused("还没有公示名单，不能递补。请先发布公示。")
    proposed = propose_replacement(edition)
    if not proposed.seats:
        raise Refused("公示名单没有空出的名额，不需要递补。")
    words = {"departs": departs.strip(), "minute": minute.strip()}
    ids = ids_of(chosen)
    return _publish(edition, Notice.Kind.REPLACEMENT, proposed, ids, words, provisional_confirmed, by, now)


def _publish(edition, kind, proposed, ids, words, provisional_confirmed, by, now) -> Notice:
    lock_nominations(ids)
    check_list(edition, proposed, ids, **words)
    seen = preview(edition, proposed, ids, timezone.localdate(now))
    check_confirmed(seen, ids, provisional_confirmed, timezone.localdate(now))
    notice = Notice(
        edition=edition,
        kind=kind,
        title=documents.notice_title(edition, kind),
        published_at=now,
        published_by=by,
        workdays=seen.workdays,
        starts_on=seen.starts_on,
        ends_on=seen.ends_on,
        provisional_confirmed=provisional_confirmed,
        places=len(ids),
        **(words if seen.departs else {"minute": words["minute"]}),
    )
    nominations = [row.nomination for row in seen.rows]
    issue(notice, nominations)
    for nomination in sorted(nominations, key=lambda each: each.pk):
        advance(nomination, "publish", by=by, now=now, note=notice.title)
    audit.record(
        "awards.publish_notice",
        notice,
        by=by,
        now=now,
        kind=str(kind),
        chosen=[each.subject_key for each in nominations],
        ends_on=notice.ends_on,
        departs=notice.departs,
        minute=notice.minute,
        provisional_confirmed=provisional_confirmed,
    )
    tell_recommenders("awards.notice_published", notice, nominations, now)
    return notice


def check_list(edition: Edition, proposed: Proposed, ids: list[int], *, departs: str, minute: str) -> None:
    """Refuse a list the rules do not allow, or one against which a re-check stands."""
    rules.check_proposal(
        ids,
        proposed.computed,
        passed={row.nomination_id for row in proposed.passed},
        seats=proposed.seats,
        reason=departs,
        minute=minute,
        inspected=edition.has(StepKind.INSPECTION),
    )
    refuse_standing(ids)


def check_confirmed(seen: NoticePreview, ids: list[int], provisional_confirmed: bool, today: date) -> None:
    if seen.provisional and not provisional_confirmed:
        raise Refused("公示期涉及的放假安排为暂定，请核对截止日后确认，再发布公示。")
    looks.refuse_not_fresh(ids, today)


def _refuse_too_early(edition):
    step = last_step(edition)
    if not step.closed_at:
        raise Refused(
            "“{step}”环节还没有关闭，请先办结该环节，再发布公示。", step=str(step.get_kind_display())
        )
    if not edition.has(StepKind.INSPECTION) and not is_ranked(edition):
        raise Refused("本届的综合排序还没有生成，请先计算综合排序，再发布公示。")
    require_open(edition, StepKind.PUBLICITY)


def is_ranked(edition: Edition) -> bool:
    """Whether the order of the edition is drawn."""
    return Shortlist.objects.filter(edition=edition, status=Shortlist.Status.DONE).exists()


def ids_of(chosen: Iterable) -> list[int]:
    return [getattr(each, "pk", each) for each in chosen]


def locked_edition(edition: Edition) -> Edition:
    return Edition.objects.select_for_update(of=("self",)).select_related("host").get(pk=edition.pk)


def lock_nominations(ids: Iterable[int]) -> None:
    """ADR 18: after the edition, before the notice, in the order of their numbers."""
    list(Nomination.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values("pk"))

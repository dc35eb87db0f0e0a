"""The discussion round: every sheet is in; experts see the spread without names, and may think again."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.figures import fraction_text
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review import rules
from review.models import Discussion
from review.services.discussed import locked, put_back, under_review, waiting_of
from review.services.reviewing import UNFINISHED, VALID, marks_of
from review.services.sheets import content_of


def preview_discussion(edition: Edition) -> tuple[int, int]:
    """How many sheets would be opened, and how many still have to be handed in first."""
    marks = marks_of(edition, under_review(edition))
    found = [each.status for mine in marks.values() for each in mine]
    return found.count(VALID), found.count(UNFINISHED)


@transaction.atomic
def open_discussion(edition: Edition, *, ends_at: datetime, by: Membership, now: datetime) -> Discussion:
    """Keep what every sheet says, keep the spread, and open the sheets once more until `ends_at`."""
    require(by, "review.open_discussion", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    if not edition.discussion:
        raise Refused("本届没有设讨论轮。需要的，请先在届次设置中选中。")
    if Discussion.objects.filter(edition=edition).exists():
        raise Refused("本届已经开过讨论轮，不能再开。")
    closes = edition.step(StepKind.REVIEW).closes
    if ends_at <= now or (closes and ends_at > closes):
        raise Refused("讨论轮的截止时间应晚于现在，且不晚于专家评审环节的截止时间。")
    rows = locked(edition)
    marks = marks_of(edition, under_review(edition))
    left = sum(1 for mine in marks.values() for each in mine if each.status == UNFINISHED)
    if left:
        raise Refused("还有 {count} 份评分表没有提交，全部提交或回避后才能开讨论轮。", count=left)
    if not any(each.status == VALID for mine in marks.values() for each in mine):
        raise Refused("还没有已提交的评分表，不能开讨论轮。")
    kept = Discussion.objects.create(
        edition=edition, opened_at=now, opened_by=by, ends_at=ends_at, spread=_spreads(marks)
    )
    for row in rows:
        sheet = row.sheet
        sheet.before_discussion = content_of(sheet)
        sheet.submitted_at, sheet.version = None, sheet.version + 1
        sheet.save()
    audit.record(
        "review.open_discussion",
        edition,
        by=by,
        now=now,
        ends_at=ends_at.isoformat(),
        sheets=len(rows),
        spread=kept.spread,
    )
    users = {row.member.user_id for row in rows if row.member.user_id}
    notify(
        "review.open_discussion",
        Membership.objects.active().filter(user__in=users, role=Role.EXPERT).select_related("user"),
        subject=_("{title}：讨论轮已开始，您可以修改评分").format(title=edition.title),
        body=_("您会看到每家总分的离散情况，不记名。不修改的不用办理，仍按原来的评分计。"),
        url=reverse("review:sheets"),
        now=now,
        edition=edition,
    )
    return kept


@transaction.atomic
def close_discussion(edition: Edition, *, by: Membership, now: datetime) -> int:
    """Put back what stood before where nothing was handed in again; how many. Twice changes nothing."""
    require(by, "review.close_discussion", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    kept = Discussion.objects.filter(edition=edition).first()
    if kept is None:
        return 0
    waiting = waiting_of(edition)
    if not waiting:
        return 0
    if now < kept.ends_at:
        raise Refused("讨论轮还没有到截止时间，还有 {count} 份评分表可以修改。", count=len(waiting))
    for row in waiting:
        put_back(row)
    audit.record(
        "review.close_discussion",
        edition,
        by=by,
        now=now,
        as_before=[[row.member.code, row.nomination_id] for row in waiting],
    )
    return len(waiting)


def _spreads(marks) -> dict:
    found = {}
    for nomination, mine in marks.items():
        seen = rules.spread(each.total for each in mine if each.status == VALID)
        if seen is not None:
            figures = {name: fraction_text(value) for name, value in vars(seen).items() if name != "n"}
            found[str(nomination)] = {"n": seen.n, **figures}
    return found

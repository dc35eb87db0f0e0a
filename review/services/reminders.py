"""催办 of experts: whoever has not handed everything in is told of the own sheets alone, once a day.

委员会决定: three days and one day before the step ends, and on the day itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify, told_today
from portal.permissions import require
from portal.templatetags.portal import cndate
from review.services.office_sight import hidden_from
from review.services.progress import ExpertLine, of_experts

EVENT = "review.remind_experts"
DAYS_BEFORE = (3, 1, 0)


@dataclass(frozen=True)
class Reminder:
    """One member who has not finished: who would be told: nobody without an account, or twice a day."""

    line: ExpertLine
    people: list[Membership]
    told: bool


def preview_reminders(edition: Edition, *, now: datetime, without: Collection[int] = ()) -> list[Reminder]:
    """Every member with something left, by the panel's numbers; who has left is not waited for."""
    lines = [each for each in of_experts(edition, without=without) if each.open and not each.has_left]
    told = told_today(edition, EVENT, timezone.localdate(now))
    hats = defaultdict(list)
    found = Membership.objects.active().filter(
        user__in=[each.member.user_id for each in lines if each.member.user_id], role=Role.EXPERT
    )
    for hat in found.select_related("user"):
        hats[hat.user_id].append(hat)
    return [
        Reminder(
            each,
            [] if each.member.user_id in told else hats[each.member.user_id][:1],
            each.member.user_id in told,
        )
        for each in lines
    ]


@transaction.atomic
def remind_experts(edition: Edition, members: Iterable[int], *, by: Membership, now: datetime) -> int:
    """Remind these members (by pk) now; returns how many were told. Who has finished is left alone."""
    require(by, "review.remind_experts", edition)
    edition = Edition.objects.select_for_update(of=("self",)).prefetch_related("steps").get(pk=edition.pk)
    require_open(edition, StepKind.REVIEW)
    wanted = set(members)
    rows = preview_reminders(edition, now=now, without=hidden_from(by, edition))
    chosen = [each for each in rows if each.line.member.pk in wanted]
    if not chosen:
        raise Refused("所选专家都已经提交完，不需要催办。")
    reached = [each for each in chosen if each.people]
    if not reached:
        raise Refused("所选专家今天已经催办过，或没有账户可以收到通知，请电话联系。")
    # The whole of what one has left, also what this person of the office may not see.
    whole = {each.line.member.pk: each for each in preview_reminders(edition, now=now)}
    count = sum(_tell(edition, whole[each.line.member.pk], now) for each in reached)
    audit.record(
        "review.remind_experts",
        edition,
        by=by,
        now=now,
        experts=[each.line.member.code for each in reached],
        count=count,
    )
    return count


@transaction.atomic
def remind_experts_of(edition: Edition, *, now: datetime) -> int:
    """The reminder of the day, where it is one; returns how many were told. Runs twice, tells once."""
    edition = Edition.objects.select_for_update(of=("self",)).prefetch_related("steps").get(pk=edition.pk)
    step = edition.step(StepKind.REVIEW)
    if step.closed_at or step.closes is None:
        return 0
    today, last = timezone.localdate(now), timezone.localdate(step.closes)
    if (last - today).days not in DAYS_BEFORE:
        return 0
    return sum(_tell(edition, each, now) for each in preview_reminders(edition, now=now) if each.people)


def due_editions() -> list[Edition]:
    """Editions whose panel may have something left."""
    running = Edition.objects.running().filter(
        published=True,
        steps__kind=StepKind.REVIEW,
        steps__enabled=True,
        steps__closed_at__isnull=True,
        panel__isnull=False,
    )
    return list(running.distinct().order_by("pk"))


def _tell(edition, reminder: Reminder, now) -> int:
    closes = edition.step(StepKind.REVIEW).closes
    words = {"title": edition.title, "count": reminder.line.open}
    if closes:
        subject = _("{title}：您还有 {count} 份评分表没有提交，{day} 截止").format(
            day=cndate(closes), **words
        )
    else:
        subject = _("{title}：您还有 {count} 份评分表没有提交").format(**words)
    return notify(
        EVENT,
        reminder.people,
        subject=subject,
        body=_("请登录后评分并提交；需要回避的，请先办理回避。"),
        url=reverse("review:sheets"),
        now=now,
        edition=edition,
    )

"""S1 四.1 仍处于: the exclusions are asked again before publicity and before naming.

委员会决定: how long a look-up holds is the edition's; the office asks again about those whose look-ups end
before the list is to be published or the winners are to be named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.last_step import last_step
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from review.models import Batch, Consultation, Opinion
from review.services.batches import put_before
from review.services.expiry import EXCLUSIONS, lapsed
from review.services.standing import Cell, cells_of, now_asked, rechecked, with_overrules


@dataclass(frozen=True)
class Lapsing:
    """One nomination whose look-ups do not last: the last day they hold, and the day they are needed.

    `until` is None where a department could not verify something and the office has not settled it.
    """

    nomination: Nomination
    until: date | None
    needed_on: date
    asked: bool

    def is_past(self, today: date) -> bool:
        return self.until is None or self.until < today


def needed_on(edition: Edition, state: str, today: date) -> date:
    """Until when the look-ups must hold: naming for the published, publishing for those before."""
    step = edition.step(StepKind.PUBLICITY)
    moment = step.closes if state == State.PUBLICITY else step.opens
    return max(today, timezone.localdate(moment)) if moment else today


def lapsing(edition: Edition, *, today: date) -> list[Lapsing]:
    """Those before or in publicity whose look-ups end before they are needed, the earliest first."""
    there = list(
        edition.nominations.filter(rechecked()).select_related("enterprise", "recommender").order_by("pk")
    )
    asked = _waiting(edition, there, today)
    rows = []
    for state in (last_step(edition).kind, State.PUBLICITY):
        day = needed_on(edition, state, today)
        mine = [each for each in there if each.state == state]
        found = lapsed([each.pk for each in mine], day)
        rows += [Lapsing(each, found[each.pk][1], day, each.pk in asked) for each in mine if each.pk in found]
    return sorted(rows, key=lambda row: (row.until or date.min, row.nomination.pk))


def _waiting(edition, nominations, today) -> set[int]:
    """Those a re-check has been sent out for that is not answered yet."""
    return {each.nomination for each in answers_of(edition, nominations, today=today) if each.open}


def answers_of(edition: Edition, nominations: Iterable[Nomination], *, today: date) -> list[Cell]:
    """The questions of the re-checks of these nominations, and how they stand."""
    questions = list(exclusion_questions(edition))
    return cells_of(edition, questions, today=today, nominations=[each.pk for each in nominations])


def exclusion_questions(edition: Edition):
    return edition.consultations.filter(item__in=EXCLUSIONS).select_related("department", "edition")


@transaction.atomic
def send_recheck(
    edition: Edition,
    nominations: Iterable[int],
    *,
    due_on: date,
    note: str = "",
    by: Membership,
    now: datetime,
) -> Batch:
    """Ask the departments of the exclusions again about these nominations."""
    require(by, "review.send_batch", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    today = timezone.localdate(now)
    wanted = set(nominations)
    chosen = list(edition.nominations.filter(rechecked(), pk__in=wanted).order_by("pk"))
    if not chosen:
        raise Refused("请选择要再次核查的企业：公示前和公示中的企业才需要再次核查。")
    questions = list(exclusion_questions(edition))
    if not questions:
        raise Refused("本届没有向任何部门征求五项排除情形的意见，不能再次核查。")
    if due_on < today:
        raise Refused("答复期限 {day} 已经过去，请改为今天或以后的日期。", day=due_on)
    if waiting := _waiting(edition, chosen, today):
        names = "、".join(each.subject_name for each in chosen if each.pk in waiting)
        raise Refused("{names}已经送出再次核查，部门还没有答复完，不需要重复送出。", names=names)
    departments = list({each.department_id: each.department for each in questions}.values())
    return put_before(
        edition, departments, chosen, due_on=due_on, note=note, kind=Batch.Kind.RECHECK, by=by, now=now
    )


@dataclass(frozen=True)
class Standing:
    """A 有问题 that nobody has set aside."""

    nomination: Nomination
    question: Consultation
    opinion: Opinion


def standing_problems(nominations: Iterable[int]) -> list[Standing]:
    """有问题 on an exclusion against these nominations that stands: neither taken back nor set aside.

    While there is one, nobody is published or named.
    """
    opinions = with_overrules(
        Opinion.objects.filter(
            nomination__in=list(nominations),
            answer=Opinion.Answer.PROBLEM,
            consultation__item__in=EXCLUSIONS,
        )
    ).select_related("nomination__enterprise", "consultation__department", "consultation__edition")
    return [
        Standing(each.nomination, each.consultation, each)
        for each in opinions.order_by("nomination_id", "consultation__department__position", "pk")
        if not each.overruled
    ]


def refuse_standing(nominations: Iterable[int]) -> None:
    """Raise the sentence that says against whom what stands; for publishing and naming."""
    if found := standing_problems(nominations):
        first = found[0]
        raise Refused(
            "“{name}”再次核查有问题（{department}：{explanation}），不能公示或命名。请先作不予通过，或由办公室两人"
            "不采纳这一意见。",
            name=first.nomination.subject_name,
            department=first.question.department.short_name,
            explanation=first.opinion.explanation,
        )


@transaction.atomic
def refuse_rechecked(nomination: Nomination, *, reason: str, by: Membership, now: datetime) -> Nomination:
    """S1 四.1: whom a re-check found in an exclusion ends here, with the reason."""
    require(by, "nominations.reject", nomination)
    nomination = (
        Nomination.objects.select_for_update(of=("self",)).select_related("edition").get(pk=nomination.pk)
    )
    here = Nomination.objects.filter(rechecked(), pk=nomination.pk).exists()
    if not here or not standing_problems([nomination.pk]):
        raise Refused("“{name}”没有再次核查发现的问题，不能据此不予通过。", name=nomination.subject_name)
    if not reason.strip():
        raise Refused("请写明不予通过的理由。")
    ended = advance(nomination, "reject", by=by, now=now, note=reason.strip())
    audit.record("review.find", ended, by=by, now=now, verdict="failed", reason=reason.strip())
    return ended


def may_decide(nomination: Nomination) -> bool:
    """Whether the departments' answers on this nomination may still be decided about after the screening."""
    asked = now_asked(nomination.edition, [nomination.pk]).get(nomination.pk)
    return asked is not None and asked.again


def default_due(edition: Edition, *, today: date) -> date:
    """A week, or the day before the first is needed where that is sooner."""
    days = [needed_on(edition, state, today) for state in (last_step(edition).kind, State.PUBLICITY)]
    later = [day - timedelta(days=1) for day in days if day > today]
    return min([today + timedelta(days=7), *later])

"""What the departments answer: one by one, the rest at once, and how far they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations.models import Edition, Nomination
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from review.models import Consultation, Opinion
from review.rules import ITEM


@dataclass(frozen=True)
class Reply:
    """One answer as it was given; `version` is that of the answer it replaces (0: none), None: whatever."""

    answer: str
    explanation: str
    looked_up_on: date
    version: int | None = None


@transaction.atomic
def answer(
    nomination: Nomination,
    consultation: Consultation,
    *,
    by: Membership,
    now: datetime,
    answer: str,
    explanation: str = "",
    looked_up_on: date | None = None,
    version: int | None = None,
) -> Opinion:
    """A department's answer to one item for one nomination; it may be given anew until the step closes."""
    require(by, "review.answer", consultation)
    reply = Reply(answer, explanation, looked_up_on or localdate(now), version)
    return answer_all([(nomination.pk, consultation.pk, reply)], consultation.edition, by=by, now=now)[0]


@transaction.atomic
def answer_all(
    replies: Iterable[tuple[int, int, Reply]], edition: Edition, *, by: Membership, now: datetime
) -> list[Opinion]:
    """Several answers as one unit: (nomination, consultation, reply). What says nothing new is left alone."""
    replies = list(replies)
    questions = {
        each.pk: each for each in edition.consultations.select_related("department", "edition").all()
    }
    for pk in {question for _nomination, question, _reply in replies}:
        if pk not in questions:
            raise Refused("这一项征求意见不属于本届，请刷新页面后重试。")
        require(by, "review.answer", questions[pk])
    require_open(edition, StepKind.SCREENING)
    nominations = {
        each.pk: each
        for each in edition.nominations.select_for_update(of=("self",))
        .select_related("enterprise")
        .filter(pk__in={nomination for nomination, _question, _reply in replies})
        .order_by("pk")
    }
    known = {
        (each.nomination_id, each.consultation_id): each
        for each in Opinion.objects.filter(nomination__in=nominations)
    }
    written = []
    for nomination, question, reply in replies:
        if nomination not in nominations:
            raise Refused("这家企业不在本届名单中，请刷新页面后重试。")
        before = known.get((nomination, question))
        opinion = _answer(nominations[nomination], questions[question], before, reply, by=by, now=now)
        known[nomination, question] = opinion
        written.append(opinion)
    return written


def answer_list(
    edition: Edition, *, replies: Iterable[tuple[int, int, Reply]], by: Membership, now: datetime
) -> list[Opinion]:
    """What a department filled in on its list, all of it or none."""
    return answer_all(replies, edition, by=by, now=now)


def _answer(nomination, consultation, before, reply: Reply, *, by, now) -> Opinion:
    _check(nomination, consultation, before, reply, now)
    explanation = reply.explanation.strip()[:500]
    same = (reply.answer, explanation, reply.looked_up_on)
    if before and (before.answer, before.explanation, before.looked_up_on) == same:
        return before
    opinion = before or Opinion(nomination=nomination, consultation=consultation, version=0)
    opinion.answer, opinion.explanation, opinion.looked_up_on = same
    opinion.version += 1
    opinion.answered_at, opinion.answered_by = now, by
    opinion.save()
    audit.record(
        "review.answer",
        opinion,
        by=by,
        now=now,
        edition=nomination.edition_id,
        department=consultation.department.name,
        item=consultation.item,
        answer=opinion.answer,
        explanation=opinion.explanation,
        looked_up_on=opinion.looked_up_on,
        on_behalf=by.organisation_id != consultation.department_id,
        note=f"{consultation.title}，{Opinion.Answer(opinion.answer).label}",
    )
    return opinion


def _check(nomination, consultation, before, reply: Reply, now) -> None:
    name = nomination.subject_name
    if nomination.state != State.SCREENING:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再答复核查意见。", name=name, state=str(nomination.state_label)
        )
    if reply.answer not in Opinion.Answer.values:
        raise Refused("请为“{name}”选择核查结果：无异议、有问题或无法核查。", name=name)
    if reply.answer != Opinion.Answer.CLEAR and not reply.explanation.strip():
        raise Refused(
            "“{name}”的结果是“{answer}”，请写明情况：是什么问题、何时发生、依据是什么。",
            name=name,
            answer=str(Opinion.Answer(reply.answer).label),
        )
    if reply.looked_up_on > localdate(now):
        raise Refused("“{name}”的查询日期 {day} 晚于今天，请核对。", name=name, day=reply.looked_up_on)
    if reply.version is not None and reply.version != (before.version if before else 0):
        raise Refused(
            "“{name}”的“{item}”刚由他人答复过，请刷新页面查看后再填。",
            name=name,
            item=ITEM[consultation.item].title,
        )


def unanswered(edition: Edition, department: Organisation) -> list[tuple[Nomination, Consultation]]:
    """What this department has still to answer, in the order of the list."""
    questions = list(edition.consultations.filter(department=department))
    done = set(
        Opinion.objects.filter(consultation__in=questions).values_list("nomination_id", "consultation_id")
    )
    return [
        (nomination, question)
        for nomination in at_screening(edition)
        for question in questions
        if (nomination.pk, question.pk) not in done
    ]


def at_screening(edition: Edition):
    return (
        edition.nominations.filter(state=State.SCREENING)
        .select_related("enterprise", "recommender")
        .order_by("recommender__position", "rank", "pk")
    )


@transaction.atomic
def answer_rest_clear(
    edition: Edition,
    department: Organisation,
    *,
    by: Membership,
    now: datetime,
    looked_up_on: date | None = None,
    named: Iterable[int] | None = None,
) -> list[Opinion]:
    """无异议 for all that this department has not answered; `named` keeps it to those the preview named."""
    named = None if named is None else set(named)
    rest = [pair for pair in unanswered(edition, department) if named is None or pair[0].pk in named]
    if not rest:
        raise Refused("没有尚未答复的企业，不需要批量答复。")
    reply = Reply(Opinion.Answer.CLEAR, "", looked_up_on or localdate(now), version=0)
    return answer_all(
        [(nomination.pk, question.pk, reply) for nomination, question in rest], edition, by=by, now=now
    )

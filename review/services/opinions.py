"""What the departments answer: one by one, the rest at once, and how far they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from portal.permissions import can, require
from review.models import Batch, Consultation, Opinion, Proof
from review.rules import ITEM
from review.services.batches import at_screening
from review.services.proofs import store_proof
from review.services.standing import Asked, cells_of, now_asked

__all__ = [
    "Overtaken",
    "Reply",
    "answer",
    "answer_all",
    "answer_list",
    "answer_rest_clear",
    "at_screening",
    "attach_proof",
    "unanswered",
]


@dataclass(frozen=True)
class Reply:
    """One answer as it was given; `version` is that of the answer it replaces (0: none), None: whatever.

    `since`: when the problem began, where that is known.
    """

    answer: str
    explanation: str
    looked_up_on: date
    version: int | None = None
    since: date | None = None


class Overtaken(Refused):
    """Somebody else has answered in the meantime; `opinion` is what they said."""

    def __init__(self, message: str, *, opinion: Opinion | None, **params):
        super().__init__(message, **params)
        self.opinion = opinion


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
    since: date | None = None,
) -> Opinion:
    """A department's answer to one item for one nomination; it may be given anew until the step closes."""
    require(by, "review.answer", consultation)
    reply = Reply(answer, explanation, looked_up_on or localdate(now), version, since)
    return answer_all([(nomination.pk, consultation.pk, reply)], consultation.edition, by=by, now=now)[0]


@transaction.atomic
def answer_all(
    replies: Iterable[tuple[int, int, Reply]], edition: Edition, *, by: Membership, now: datetime
) -> list[Opinion]:
    """Several answers as one unit: (nomination, consultation, reply). What says nothing new is left alone."""
    replies = list(replies)
    hold(edition, replies)
    questions = {
        each.pk: each for each in edition.consultations.select_related("department", "edition").all()
    }
    for pk in {question for _nomination, question, _reply in replies}:
        if pk not in questions:
            raise Refused("这一项征求意见不属于本届，请刷新页面后重试。")
        require(by, "review.answer", questions[pk])
    nominations = {
        each.pk: each
        for each in edition.nominations.select_related("enterprise").filter(
            pk__in={nomination for nomination, _question, _reply in replies}
        )
    }
    asked = now_asked(edition, nominations)
    if any(pk not in asked or not asked[pk].again for pk in nominations):
        require_open(edition, StepKind.SCREENING)
    known = {
        (each.nomination_id, each.consultation_id): each
        for each in Opinion.objects.filter(nomination__in=nominations, consultation__in=questions)
    }
    written = []
    for nomination, question, reply in replies:
        if nomination not in nominations:
            raise Refused("这家企业不在本届名单中，请刷新页面后重试。")
        before = known.get((nomination, question))
        _asked(nominations[nomination], questions[question], asked.get(nomination))
        opinion = _answer(
            nominations[nomination], questions[question], before, reply, asked[nomination], by=by, now=now
        )
        known[nomination, question] = opinion
        written.append(opinion)
    return written


def require_answering(edition: Edition, by: Membership) -> None:
    """Whoever answers in this edition: a department that is asked something in it, or its office."""
    questions = edition.consultations.select_related("edition")
    if not any(can(by, "review.answer", each) for each in questions):
        require(by, "review.consult", edition)


def hold(edition: Edition, replies: Iterable[tuple[int, int, Reply]]) -> None:
    """Lock the questions, so that none is taken off the list meanwhile, and then the nominations.

    Always in this order: whoever enters a file in parts holds all of it first.
    """
    replies = list(replies)
    questions = edition.consultations.filter(pk__in={question for _nomination, question, _reply in replies})
    list(questions.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    nominations = edition.nominations.filter(pk__in={nomination for nomination, _question, _reply in replies})
    list(nominations.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


@transaction.atomic
def answer_list(
    edition: Edition,
    *,
    replies: Iterable[tuple[int, int, Reply]],
    proofs: Mapping[tuple[int, int], list] | None = None,
    by: Membership,
    now: datetime,
) -> list[Opinion]:
    """What a department filled in on its list with the papers to it, all of it or none."""
    written = answer_all(replies, edition, by=by, now=now)
    for key, files in (proofs or {}).items():
        opinion = Opinion.objects.filter(nomination=key[0], consultation=key[1]).first()
        if opinion is None:
            raise Refused("请先选择核查结果，再上传证明。")
        for file in files:
            attach_proof(opinion, file=file, by=by, now=now)
    return written


@transaction.atomic
def attach_proof(opinion: Opinion, *, file, title: str = "", by: Membership, now: datetime) -> Proof:
    """One paper more behind a department's answer, while that answer can still be changed."""
    nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=opinion.nomination_id)
    opinion = Opinion.objects.select_related("consultation__department", "consultation__edition").get(
        pk=opinion.pk
    )
    require(by, "review.answer", opinion.consultation)
    edition = opinion.consultation.edition
    asked = now_asked(edition, [nomination.pk]).get(nomination.pk)
    if asked is None or not asked.again:
        require_open(edition, StepKind.SCREENING)
    _asked(nomination, opinion.consultation, asked)
    proof = Proof(nomination=nomination, opinion=opinion, title=title, uploaded_at=now, uploaded_by=by)
    store_proof(proof, file)
    audit.record(
        "review.attach_proof", proof, by=by, now=now, edition=edition, title=proof.title, sha256=proof.sha256
    )
    return proof


def _asked(nomination, consultation, asked: Asked | None) -> None:
    name = nomination.subject_name
    if asked is None and nomination.state == State.SCREENING:
        raise Refused("“{name}”还没有送部门联审，请先送出这一批。", name=name)
    if asked is None:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再答复核查意见。", name=name, state=str(nomination.state_label)
        )
    if not asked.covers(consultation):
        item = ITEM[consultation.item].title
        if asked.kind == Batch.Kind.REFERRAL:
            raise Refused("考察转回的只答复所列的核查项，“{item}”不需要再答复。", item=item)
        raise Refused("再次核查只答复五项排除情形，“{item}”不需要再答复。", item=item)


def _answer(nomination, consultation, before, reply: Reply, asked: Asked, *, by, now) -> Opinion:
    _check(nomination, consultation, before, reply, now)
    explanation = reply.explanation.strip()[:500]
    since = reply.since if reply.answer == Opinion.Answer.PROBLEM else None
    said = (reply.answer, explanation, reply.looked_up_on, since)
    same = before and (before.answer, before.explanation, before.looked_up_on, before.since) == said
    # Asked again, the same words are a new answer.
    if same and not (asked.again and before.answered_at < asked.sent_at):
        return before
    opinion = before or Opinion(nomination=nomination, consultation=consultation, version=0)
    opinion.answer, opinion.explanation, opinion.looked_up_on, opinion.since = said
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
        since=opinion.since,
        looked_up_on=opinion.looked_up_on,
        again=asked.again,
        on_behalf=by.organisation_id != consultation.department_id,
        note=f"{consultation.title}，{Opinion.Answer(opinion.answer).label}",
    )
    return opinion


def _check(nomination, consultation, before, reply: Reply, now) -> None:
    name = nomination.subject_name
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
    if reply.since and reply.since > localdate(now):
        raise Refused("“{name}”的问题起始日期 {day} 晚于今天，请核对。", name=name, day=reply.since)
    if reply.version is not None and reply.version != (before.version if before else 0):
        raise Overtaken(
            "“{name}”的“{item}”刚由他人答复过，请刷新页面查看后再填。",
            opinion=before,
            name=name,
            item=ITEM[consultation.item].title,
        )


def unanswered(
    edition: Edition, department: Organisation, *, today: date
) -> list[tuple[Nomination, Consultation, int]]:
    """What 无异议 may be said of at once, in the order of the list, with the version there is so far.

    A 无异议 that was looked up too long ago is among it, and so is what a re-check asks anew; what was last
    answered otherwise is not: who once saw a problem looks at that one by itself.
    """
    questions = list(edition.consultations.filter(department=department).select_related("department"))
    cells = [
        each
        for each in cells_of(edition, questions, today=today)
        if each.open and (each.opinion is None or each.opinion.answer == Opinion.Answer.CLEAR)
    ]
    found = (
        edition.nominations.filter(pk__in={each.nomination for each in cells})
        .select_related("enterprise", "recommender")
        .order_by("recommender__position", "rank", "pk")
    )
    mine = defaultdict(list)
    for cell in cells:
        mine[cell.nomination].append((cell.question, cell.opinion.version if cell.opinion else 0))
    return [(nomination, *pair) for nomination in found for pair in mine[nomination.pk]]


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
    rest = unanswered(edition, department, today=localdate(now))
    rest = [each for each in rest if named is None or each[0].pk in named]
    if not rest:
        raise Refused("没有尚未答复的企业，不需要批量答复。")
    day = looked_up_on or localdate(now)
    return answer_all(
        [
            (nomination.pk, question.pk, Reply(Opinion.Answer.CLEAR, "", day, version))
            for nomination, question, version in rest
        ],
        edition,
        by=by,
        now=now,
    )

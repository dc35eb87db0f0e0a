"""Sending nominations to the joint check, batch by batch: who was never sent is nobody's to answer for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from nominations.services.referred import screening_over
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require
from portal.templatetags.portal import cndate
from review.models import Batch


@dataclass(frozen=True)
class BatchPreview:
    """What sending would do: these nominations, to these departments, by that day."""

    nominations: list[Nomination]
    departments: list[Organisation]
    questions: int
    due_on: date | None
    number: int


def at_screening(edition: Edition):
    """Those the step is about; whom a visit sent back after it was closed is not among them."""
    return (
        edition.nominations.filter(~screening_over(), state=State.SCREENING)
        .select_related("enterprise", "recommender")
        .order_by("recommender__position", "rank", "pk")
    )


def unsent(edition: Edition):
    """Those at screening that no batch has taken to the departments yet."""
    sent = Batch.objects.filter(kind=Batch.Kind.SCREENING, nominations=OuterRef("pk"))
    return at_screening(edition).filter(~Exists(sent))


def preview_batch(edition: Edition) -> BatchPreview:
    questions = list(edition.consultations.select_related("department"))
    departments = list({each.department_id: each.department for each in questions}.values())
    due_on = next((each.due_on for each in questions if each.due_on), None) or _last_day(edition)
    return BatchPreview(list(unsent(edition)), departments, len(questions), due_on, _next(edition))


@transaction.atomic
def send_batch(
    edition: Edition,
    *,
    by: Membership,
    now: datetime,
    due_on: date | None = None,
    note: str = "",
    named: Iterable[int] | None = None,
) -> Batch:
    """Put those not yet sent before the departments; `named` keeps it to those the preview named."""
    require(by, "review.send_batch", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.SCREENING)
    preview = preview_batch(edition)
    named = None if named is None else set(named)
    waiting = [each for each in preview.nominations if named is None or each.pk in named]
    if not preview.departments:
        raise Refused("还没有确定向哪些部门征求意见，请先确定。")
    if not waiting:
        raise Refused("没有等待送出的企业：进入资格审查的都已经送部门联审。")
    if due_on and due_on < localdate(now):
        raise Refused("答复期限 {day} 已经过去，请改为今天或以后的日期。", day=due_on)
    return put_before(
        edition, preview.departments, waiting, due_on=due_on or preview.due_on, note=note, by=by, now=now
    )


def put_before(
    edition: Edition,
    departments: list[Organisation],
    nominations: list[Nomination],
    *,
    due_on: date | None,
    note: str,
    kind: str = Batch.Kind.SCREENING,
    items: Iterable[str] = (),
    by: Membership,
    now: datetime,
) -> Batch:
    """Store the batch, record it, tell the departments. The caller has asked who may, and locked."""
    batch = Batch.objects.create(
        edition=edition,
        number=_next(edition),
        kind=kind,
        due_on=due_on,
        note=note.strip()[:500],
        items=list(items),
        sent_at=now,
        sent_by=by,
    )
    batch.nominations.set(nominations)
    audit.record(
        "review.send_batch",
        batch,
        by=by,
        now=now,
        edition=edition,
        number=batch.number,
        kind=str(kind),
        nominations=sorted(each.subject_key for each in nominations),
        departments=sorted(each.name for each in departments),
        due_on=due_on,
        note=batch.note,
    )
    tell(departments, edition, now, due_on=due_on, count=len(nominations), batch=batch)
    return batch


def tell(departments, edition, now, *, due_on, count: int | None = None, batch: Batch | None = None) -> int:
    """Tell those who answer for the departments that something is asked of them."""
    hats = Membership.objects.active().filter(organisation__in=departments, role=Role.DEPARTMENT)
    subject = _("请就《{title}》的推荐企业答复核查意见").format(title=edition.title)
    if batch is not None and batch.kind == Batch.Kind.RECHECK:
        subject = _("请对《{title}》的 {count} 家企业再次核查").format(title=edition.title, count=count)
    elif batch is not None and batch.kind == Batch.Kind.REFERRAL:
        subject = _("请对《{title}》考察转回的 {count} 家企业核查").format(title=edition.title, count=count)
    elif batch is not None:
        subject = _("请就《{title}》的 {count} 家推荐企业答复核查意见").format(
            title=edition.title, count=count
        )
    lines = [_("请于 {day} 前答复。").format(day=cndate(due_on))] if due_on else []
    if batch is not None and batch.note:
        lines.append(batch.note)
    return notify(
        "review.consult",
        hats.select_related("user"),
        subject=subject,
        body="\n".join(lines),
        url=reverse("review:screening", args=[edition.pk]),
        now=now,
        edition=edition,
    )


def _next(edition) -> int:
    return (edition.batches.aggregate(last=Max("number"))["last"] or 0) + 1


def _last_day(edition) -> date | None:
    closes = edition.steps.get(kind=StepKind.SCREENING).closes
    return localdate(closes) if closes else None

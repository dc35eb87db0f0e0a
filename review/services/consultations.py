"""Which department is asked what, and telling it so."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation
from portal.permissions import require
from review.models import Batch, Consultation, Opinion
from review.rules import ITEM
from review.services.batches import put_before, tell, unsent

#: 委员会决定: the eight members of S1 五.1 and two consultees, each with the item it keeps the books of.
DEFAULT_QUESTIONS = (
    ("市总工会", "overall"),
    ("市工商联", "overall"),
    ("市发展改革委", "prohibited"),
    ("市教育局", "overall"),
    ("市科技局", "misconduct"),
    ("市工业和信息化局", "overall"),
    ("市国资委", "overall"),
    ("市市场监管局", "abnormal"),
    ("市应急管理局", "accident"),
    ("市生态环境局", "environment"),
)


def default_questions() -> list[tuple[Organisation, str]]:
    """The usual questions, for those of the ten that the portal knows, in their usual order."""
    consulted = Organisation.objects.filter(kind__in=Organisation.CONSULTED, active=True)
    known = {organisation.name: organisation for organisation in consulted}
    return [(known[name], item) for name, item in DEFAULT_QUESTIONS if name in known]


@transaction.atomic
def consult(
    edition: Edition,
    questions: Iterable[tuple[Organisation, str]],
    *,
    by: Membership,
    now: datetime,
    due_on: date | None = None,
    send: bool = True,
) -> list[Consultation]:
    """Set who answers which item. A question already answered stays.

    With `send`, whoever is at screening goes out as the first batch; later ones wait to be sent.
    """
    require(by, "review.consult", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.SCREENING)
    wanted = {(department.pk, item): department for department, item in questions}
    if not wanted:
        raise Refused("请至少选择一个部门和一个核查项。")
    if unknown := sorted({item for _pk, item in wanted if item not in ITEM}):
        raise Refused("没有“{item}”这一核查项，请重新选择。", item=unknown[0])
    step = edition.steps.get(kind=StepKind.SCREENING)
    due_on = due_on or (step.closes and localdate(step.closes))
    before = {(each.department_id, each.item): each for each in edition.consultations.all()}
    _drop([each for key, each in before.items() if key not in wanted])
    Consultation.objects.bulk_create(
        Consultation(edition=edition, department=department, item=item, due_on=due_on)
        for (pk, item), department in wanted.items()
        if (pk, item) not in before
    )
    edition.consultations.update(due_on=due_on)
    audit.record(
        "review.consult",
        edition,
        by=by,
        now=now,
        questions=sorted([department.name, item] for (_pk, item), department in wanted.items()),
        due_on=due_on,
    )
    _go_on(edition, wanted, before, due_on, send=send, by=by, now=now)
    return list(edition.consultations.select_related("department"))


def _go_on(edition, wanted, before, due_on, *, send, by, now) -> None:
    """The first batch tells everybody; who is asked something after it has to be told apart."""
    out = edition.batches.filter(kind=Batch.Kind.SCREENING).exists()
    if out:
        fresh = {each.pk: each for key, each in wanted.items() if key not in before}
        tell(list(fresh.values()), edition, now, due_on=due_on)
    elif send and (waiting := list(unsent(edition))):
        everybody = {each.pk: each for each in wanted.values()}
        put_before(edition, list(everybody.values()), waiting, due_on=due_on, note="", by=by, now=now)


def _drop(consultations):
    # Whoever is answering one of them right now is waited for, and then seen.
    gone = Consultation.objects.filter(pk__in=[each.pk for each in consultations]).order_by("pk")
    list(gone.select_for_update().values_list("pk", flat=True))
    answered = Opinion.objects.filter(consultation__in=consultations).select_related(
        "consultation__department"
    )
    if first := answered.first():
        raise Refused(
            "{department}已经就“{item}”答复过，不能再取消这一项征求意见。",
            department=first.consultation.department.short_name,
            item=ITEM[first.consultation.item].title,
        )
    gone.delete()

"""Which department is asked what, and telling it so."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Edition
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role
from portal.notify import notify
from portal.permissions import require
from review.models import Consultation, Opinion
from review.rules import ITEM

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
) -> list[Consultation]:
    """Set who answers which item, and tell those who are asked. A question already answered stays."""
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
    _tell(edition, [department for key, department in wanted.items() if key not in before], due_on, now)
    return list(edition.consultations.select_related("department"))


def _drop(consultations):
    answered = Opinion.objects.filter(consultation__in=consultations).select_related(
        "consultation__department"
    )
    if first := answered.first():
        raise Refused(
            "{department}已经就“{item}”答复过，不能再取消这一项征求意见。",
            department=first.consultation.department.short_name,
            item=ITEM[first.consultation.item].title,
        )
    Consultation.objects.filter(pk__in=[each.pk for each in consultations]).delete()


def _tell(edition, departments, due_on, now):
    hats = Membership.objects.active().filter(organisation__in=departments, role=Role.DEPARTMENT)
    notify(
        "review.consult",
        hats.select_related("user"),
        subject=_("请就《{title}》的推荐企业答复核查意见").format(title=edition.title),
        body=_("请于 {day} 前答复。").format(day=due_on) if due_on else "",
        url=reverse("review:screening", args=[edition.pk]),
        now=now,
        edition=edition,
    )


def progress_of(edition: Edition) -> dict[int, tuple[int, int]]:
    """For each consultation: how many of those at screening it has answered, and how many there are."""
    there = edition.nominations.filter(state=State.SCREENING).count()
    answered = Counter(
        Opinion.objects.filter(consultation__edition=edition, nomination__state=State.SCREENING).values_list(
            "consultation_id", flat=True
        )
    )
    return {each.pk: (answered[each.pk], there) for each in edition.consultations.all()}

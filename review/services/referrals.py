"""One that a visit sent back to 资格审查: put before the departments, and how they answer.

`send_referral` asks; they answer where they always answer. What follows from it is settled above this app.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from nominations.models import Edition, Nomination
from portal.errors import Refused
from portal.models import Membership
from review.models import Batch, Consultation, Opinion
from review.rules import ITEM
from review.services.batches import put_before
from review.services.standing import Asked, Cell, cell_of, settled

#: 委员会决定: how many days the departments have.
DAYS = 7


def askable(edition: Edition) -> list[tuple[str, str, list[str]]]:
    """The items some department is asked about: (code, title, short names), in the order of the items."""
    asked: dict[str, list[str]] = {}
    for question in edition.consultations.select_related("department"):
        asked.setdefault(question.item, []).append(question.department.short_name)
    return [(code, item.title, asked[code]) for code, item in ITEM.items() if code in asked]


def default_due(*, today: date) -> date:
    return today + timedelta(days=DAYS)


def send_referral(
    nomination: Nomination,
    items: Iterable[str],
    *,
    note: str,
    due_on: date | None = None,
    by: Membership,
    now: datetime,
) -> Batch:
    """Ask the departments of these items about one nomination. The caller has asked who may, and locked."""
    today = timezone.localdate(now)
    items = list(dict.fromkeys(items))
    due_on = due_on or default_due(today=today)
    if due_on < today:
        raise Refused("答复期限 {day} 已经过去，请改为今天或以后的日期。", day=due_on)
    if not items:
        raise Refused("请选择要部门重新核查的事项。")
    known = {code for code, _title, _departments in askable(nomination.edition)}
    if strange := [each for each in items if each not in known]:
        title = ITEM[strange[0]].title if strange[0] in ITEM else strange[0]
        raise Refused("本届没有向任何部门征求“{item}”的意见，请改选其他核查项。", item=title)
    questions = nomination.edition.consultations.filter(item__in=items).select_related("department")
    departments = {each.department_id: each.department for each in questions}
    return put_before(
        nomination.edition,
        list(departments.values()),
        [nomination],
        due_on=due_on,
        note=note,
        kind=Batch.Kind.REFERRAL,
        items=items,
        by=by,
        now=now,
    )


def answers_to(batch: Batch, nomination: Nomination, *, today: date) -> list[Cell]:
    """Every question of the batch about this nomination, and how it stands, in the order of the departments.

    Whether it is open is said as of this batch, also when the nomination is no longer before the departments.
    """
    questions: list[Consultation] = list(
        batch.edition.consultations.filter(item__in=batch.items).select_related("department")
    )
    opinions = Opinion.objects.filter(nomination=nomination, consultation__in=questions)
    given = {each.consultation_id: each for each in settled(opinions).select_related("answered_by__user")}
    asked = Asked(batch.pk, batch.kind, batch.due_on, batch.sent_at, batch.items)
    days = batch.edition.finding_days
    return [
        cell_of(nomination.pk, question, asked, given.get(question.pk), days, today) for question in questions
    ]

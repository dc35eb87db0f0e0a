"""The end of 提名公示: nobody waits for a naming any more, or the office says that nobody will follow."""

from datetime import datetime

from django.db import transaction

from awards import rules
from awards.models import Objection
from awards.services import publishing
from awards.services.standing_list import list_in_force
from nominations.models import Edition
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


def close_when_over(edition: Edition, *, by: Membership, now: datetime, **detail) -> bool:
    """Close the step with the last naming. The caller holds the lock of the edition."""
    left = publishing.propose_replacement(edition)
    over = rules.naming_is_over(
        in_publicity=in_publicity(edition), free=left.seats, reserves=len(left.passed)
    )
    if over:
        close_step(edition, StepKind.PUBLICITY, by=by, now=now, **detail)
    return over


@transaction.atomic
def close_publicity(edition: Edition, *, reason: str, by: Membership, now: datetime) -> None:
    """委员会决定: no replacement will follow; the free places stay empty."""
    require(by, "awards.name", edition)
    edition = Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    require_open(edition, StepKind.PUBLICITY)
    if not list_in_force(edition):
        raise Refused("还没有公示名单，不能关闭“提名公示”环节。")
    if count := in_publicity(edition):
        raise Refused("还有 {count} 家企业在公示中，请先命名或作不予通过，再关闭本环节。", count=count)
    if count := Objection.objects.open().filter(notice__edition=edition).count():
        raise Refused("还有 {count} 件异议没有办结，请先办结，再关闭本环节。", count=count)
    if not reason.strip():
        raise Refused("请写明不再递补的理由。")
    close_step(edition, StepKind.PUBLICITY, by=by, now=now, reason=reason.strip())


def in_publicity(edition: Edition) -> int:
    return edition.nominations.filter(state=State.PUBLICITY).count()

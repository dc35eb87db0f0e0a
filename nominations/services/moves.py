"""The one door: a nomination moves only through `advance`."""

from datetime import datetime

from django.db import transaction
from django_fsm import TransitionNotAllowed

from nominations.models import Nomination
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

ENDS_WITH_REASON = ("reject", "withdraw")


@transaction.atomic
def advance(
    nomination: Nomination,
    move: str,
    *,
    by: Membership,
    now: datetime,
    note: str = "",
    detail: dict | None = None,
) -> Nomination:
    """Lock, ask, move, save, record: all of it or none of it. `detail` goes on the record beside the note.

    Returns the locked row. A move the machine does not know from here raises `Refused`.
    """
    nomination = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("edition", "enterprise")
        .get(pk=nomination.pk)
    )
    require(by, f"nominations.{move}", nomination)
    before = nomination.state
    try:
        getattr(nomination, move)()
    except TransitionNotAllowed:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再作此处理。请刷新页面查看最新情况。",
            name=nomination.subject_name,
            state=str(nomination.state_label),
        ) from None
    if move in ENDS_WITH_REASON:
        nomination.ended_reason = note[:500]
    nomination.save()
    audit.record(
        f"nominations.{move}",
        nomination,
        by=by,
        now=now,
        before=before,
        after=nomination.state,
        note=note,
        **(detail or {}),
    )
    return nomination

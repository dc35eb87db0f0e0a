"""改正企业名称: a name that was written wrongly, after the enterprise can no longer mend it itself."""

from datetime import datetime

from django.db import transaction

from nominations.models import Edition, Enterprise, Nomination
from nominations.services.last_step import stands_at_last_step
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def rename(nomination: Nomination, *, name: str, reason: str, by: Membership, now: datetime) -> Nomination:
    """Give a nomination, and its enterprise, the right name. What was published stays as it was published."""
    require(by, "nominations.rename", nomination)
    Edition.objects.select_for_update(no_key=True).get(pk=nomination.edition_id)
    nomination = (
        Nomination.objects.select_for_update(of=("self",)).select_related("edition").get(pk=nomination.pk)
    )
    before, name = nomination.subject_name, name.strip()
    if nomination.state != State.PUBLICITY and not stands_at_last_step(nomination):
        raise Refused(
            "“{name}”现处于“{state}”环节，不能在这里改正名称。",
            name=before,
            state=str(nomination.state_label),
        )
    if not name:
        raise Refused("请填写企业名称，与营业执照一致。")
    if name == before:
        raise Refused("填写的名称与现在的名称相同，不需要改正。")
    if not reason.strip():
        raise Refused("请写明改正名称的理由和依据。")
    nomination.subject_name = name
    nomination.save(update_fields=["subject_name"])
    enterprise = Enterprise.objects.select_for_update().get(pk=nomination.enterprise_id)
    enterprise.name = name
    enterprise.save(update_fields=["name"])
    audit.record(
        "nominations.rename", nomination, by=by, now=now, before=before, after=name, reason=reason.strip()
    )
    return nomination

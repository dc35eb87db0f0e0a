"""改正企业名称: a name that was written wrongly, after the enterprise can no longer mend it itself."""

from datetime import datetime

from django.db import transaction

from nominations import rules, subjects
from nominations.models import Edition, Enterprise, Nomination
from nominations.services.last_step import stands_at_last_step
from nominations.states import State
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def rename(nomination: Nomination, *, name: str, reason: str, by: Membership, now: datetime) -> Nomination:
    """Give a nomination the right name, and its enterprise, where that is the subject.

    What was published stays as it was published.
    """
    require(by, "nominations.rename", nomination)
    Edition.objects.select_for_update(no_key=True).get(pk=nomination.edition_id)
    nomination = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("edition__category", "enterprise")
        .get(pk=nomination.pk)
    )
    before, name = nomination.subject_name, name.strip()
    if nomination.state != State.PUBLICITY and not stands_at_last_step(nomination):
        raise Refused(
            "“{name}”现处于“{state}”环节，不能在这里改正名称。",
            name=before,
            state=str(nomination.state_label),
        )
    own = not subjects.is_enterprise(nomination.edition)
    if not rules.normalise(name):
        raise Refused("请填写{title}，与原件一致。", title=subjects.title_of(nomination.edition))
    if name == before:
        raise Refused("填写的名称与现在的名称相同，不需要改正。")
    if not reason.strip():
        raise Refused("请写明改正名称的理由和依据。")
    if own:
        _refuse_another(nomination, name)
    # The key stays: what was counted, ranked and published is known by it.
    nomination.subject_name = name
    nomination.save(update_fields=["subject_name"])
    if not own:
        enterprise = Enterprise.objects.select_for_update().get(pk=nomination.enterprise_id)
        enterprise.name = name
        enterprise.save(update_fields=["name"])
    audit.record(
        "nominations.rename", nomination, by=by, now=now, before=before, after=name, reason=reason.strip()
    )
    return nomination


def _refuse_another(nomination: Nomination, name: str) -> None:
    """Two results of one enterprise cannot have one name."""
    key = subjects.row_key(nomination.edition, nomination.enterprise.credit_code, name)
    others = nomination.edition.nominations.exclude(pk=nomination.pk).exclude(state=State.WITHDRAWN)
    rows = others.filter(enterprise=nomination.enterprise_id).select_related("enterprise")
    if key in subjects.by_row(nomination.edition, rows):
        raise Refused("同一企业的“{name}”已在这一届推荐，请换一个名称。", name=name)

"""What an honour carries on: the person for the medal, the marks for 劳模 and for the province."""

from datetime import datetime

from django.db import transaction

from awards.models import Honour
from awards.services.naming import medal_of
from awards.services.revoking import locked, refuse_revoked
from portal import audit
from portal.models import Membership
from portal.permissions import require


@transaction.atomic
def set_medal(
    honour: Honour, *, name: str, office: str = "", position: str = "", by: Membership, now: datetime
) -> Honour:
    """S1 四.4: one person, the head or the deputy in charge. May be set and changed after naming."""
    honour = locked(honour)
    require(by, "awards.name", honour)
    refuse_revoked(honour)
    before = [honour.medal_name, honour.medal_office, honour.medal_position]
    for key, value in medal_of(honour.host, name, office, position).items():
        setattr(honour, key, value)
    honour.full_clean()
    honour.save()
    after = [honour.medal_name, honour.medal_office, honour.medal_position]
    audit.record("awards.set_medal", honour, by=by, now=now, before=before, after=after)
    return honour


@transaction.atomic
def set_flags(
    honour: Honour, *, model_worker: bool, to_province: bool, by: Membership, now: datetime
) -> Honour:
    """Marks for the lists of 劳模 and for the province (S1 二, 四.4)."""
    honour = locked(honour)
    require(by, "awards.name", honour)
    refuse_revoked(honour)
    honour.model_worker, honour.to_province = model_worker, to_province
    honour.save()
    audit.record(
        "awards.set_flags", honour, by=by, now=now, model_worker=model_worker, to_province=to_province
    )
    return honour

"""Giving a person a hat."""

import secrets
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.errors import Refused
from portal.models import Membership, Organisation, Role, User
from portal.permissions import require

SERVICE_ROLES = (Role.SYSTEM, Role.PUBLIC)


def stand_in(name: str, role: str, organisation: Organisation) -> Membership:
    """A hat for a named person who has no account: acts are recorded in that name, nobody signs in with it.

    Whoever opens the way by which this person acts asks who may, and records it.
    """
    user = User(username=f"-guest-{secrets.token_hex(8)}-", full_name=name, is_active=False)
    user.set_unusable_password()
    user.save()
    return Membership.objects.create(user=user, role=role, organisation=organisation)


@transaction.atomic
def appoint(
    user: User, role: str, organisation: Organisation, *, by: Membership, now: datetime
) -> Membership:
    """Let a person act in a role at an organisation; one who was let go is taken back."""
    require(by, "portal.manage_people", organisation)
    if role not in Role.values or role in SERVICE_ROLES:
        raise Refused(
            "没有“{role}”这一角色，可选：{roles}。",
            role=role,
            roles="、".join(each for each in Role.values if each not in SERVICE_ROLES),
        )
    hat, made = Membership.objects.get_or_create(user=user, role=role, organisation=organisation)
    if made or not hat.active:
        hat.active = True
        hat.save(update_fields=["active"])
        audit.record("portal.manage_people", hat, by=by, now=now, user=user.username, role=role, added=made)
    return hat

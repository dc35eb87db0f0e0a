"""Two people saved from the same version: what differs, and putting it together without losing either."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from nominations.declaration import shape_of
from nominations.declaration.facts import facts_of
from nominations.declaration.merging import MINE, THEIRS, Difference, differences
from nominations.models import Declaration, Nomination
from nominations.services.declaring import save_declaration
from portal.errors import Refused
from portal.models import Membership


def base_of(nomination: Nomination, version: int) -> dict | None:
    """What was declared at a version, from the history of the row; None where it is no longer kept."""
    events = Declaration.pgh_event_model.objects
    event = events.filter(nomination_id=nomination.pk, version=version).order_by("pgh_id").first()
    if event is None:
        return None
    names = Nomination.pgh_event_model.objects.filter(
        pgh_obj_id=nomination.pk, pgh_created_at__lte=event.pgh_created_at
    )
    name = names.order_by("-pgh_id").values_list("subject_name", flat=True).first()
    return facts_of(name or nomination.subject_name, event)


def differences_of(nomination: Nomination, *, version: int, mine: Mapping) -> list[Difference]:
    """Field by field, in the order of the form, where what I typed from `version` on is not what is saved."""
    keys = [each.key for each in shape_of(nomination.edition)]
    saved = facts_of(nomination.subject_name, nomination.declaration)
    return differences(keys, base_of(nomination, version), mine, saved)


@transaction.atomic
def settle(
    nomination: Nomination,
    *,
    by: Membership,
    now: datetime,
    version: int,
    mine: Mapping,
    chosen: Mapping[str, str],
) -> Declaration:
    """Save, on top of `version`, those of my answers that were chosen; `mine` holds the ones that differ."""
    shape = shape_of(nomination.edition)
    for key in mine:
        if key not in shape.by_key:
            raise Refused("申报表里没有“{key}”这一项。", key=key)
        if chosen.get(key) not in (MINE, THEIRS):
            raise Refused("请为“{title}”选定保留哪一份。", title=shape.by_key[key].title)
    kept = {key: value for key, value in mine.items() if chosen[key] == MINE}
    core = {key: kept[key] for key in kept if shape.by_key[key].core and key != "name"}
    answers = {key: kept[key] for key in kept if not shape.by_key[key].core}
    return save_declaration(
        nomination, by=by, now=now, version=version, name=kept.get("name"), answers=answers, **core
    )

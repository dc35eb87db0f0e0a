"""Closing a step of an edition: in order, once, on the record."""

from datetime import datetime

from nominations.models import Edition, Step
from portal import audit
from portal.errors import Refused
from portal.models import Membership


def close_step(edition: Edition, kind: str, *, by: Membership, now: datetime, **detail) -> Step:
    """Close a step whose turn it is. The caller has asked permission and holds the transaction."""
    steps = list(Step.objects.select_for_update().filter(edition=edition).order_by("position"))
    for step in steps:
        if not step.enabled or step.closed_at:
            if step.kind == kind:
                raise Refused("“{step}”环节已经关闭或未启用。", step=str(step.get_kind_display()))
            continue
        if step.kind != kind:
            raise Refused(
                "“{earlier}”环节还没有关闭，请先办结该环节，再关闭“{step}”。",
                earlier=str(step.get_kind_display()),
                step=str(next(s for s in steps if s.kind == kind).get_kind_display()),
            )
        step.closed_at, step.closed_by = now, by
        step.save(update_fields=["closed_at", "closed_by"])
        audit.record("nominations.close_step", edition, by=by, now=now, step=kind, **detail)
        return step
    raise Refused("这一届没有可以关闭的环节。")


def require_open(edition: Edition, kind: str) -> None:
    """Refuse what belongs to a step that is switched off, closed, or not yet reached."""
    step = edition.steps.get(kind=kind)
    if not step.enabled or step.closed_at:
        raise Refused("“{step}”环节已经关闭或未启用，不能再办理。", step=str(step.get_kind_display()))

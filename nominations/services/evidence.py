"""Evidence: checked by its content, kept privately, never replaced without a trace."""

import hashlib
from datetime import datetime

from django.db import transaction

from nominations.models import Evidence, Nomination
from nominations.services.declaring import locked, require_editable
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.files import clean_image, inspect
from portal.models import Membership, Role
from portal.permissions import require


@transaction.atomic
def attach_evidence(
    nomination: Nomination,
    *,
    by: Membership,
    now: datetime,
    kind: str,
    title: str,
    file,
    replaces: Evidence | None = None,
) -> Evidence:
    """Add one document; a photograph loses its place and time. The one replaced stays readable behind it."""
    nomination = locked(nomination)
    require(by, "nominations.attach", nomination)
    if by.role == Role.OFFICE and nomination.state == State.SCREENING:
        require_open(nomination.edition, StepKind.SCREENING)
    else:
        require_editable(nomination, by=by, now=now)
    found = inspect(file)
    content = clean_image(file) if found.is_image else file
    digest, size = _measure(content)
    current = {each.pk: each for each in nomination.evidence.select_for_update().current()}
    if any(each.sha256 == digest for each in current.values()):
        raise Refused("“{title}”与已上传的一份佐证内容相同，不需要重复上传。", title=title)
    if replaces is not None and replaces.pk not in current:
        raise Refused("要替换的佐证已被替换，请刷新页面后再办。")
    evidence = Evidence(
        nomination=nomination,
        kind=kind,
        title=title.strip() or file.name[:120],
        mime=found.mime,
        size=size,
        sha256=digest,
        uploaded_at=now,
        uploaded_by=by,
    )
    evidence.file.save(file.name, content, save=False)
    evidence.save()
    if replaces is not None:
        old = current[replaces.pk]
        old.replaced_by = evidence
        old.save(update_fields=["replaced_by"])
    audit.record(
        "nominations.attach",
        evidence,
        by=by,
        now=now,
        kind=kind,
        title=evidence.title,
        sha256=digest,
        replaces=getattr(replaces, "pk", None),
    )
    return evidence


def _measure(content) -> tuple[str, int]:
    content.seek(0)
    data = content.read()
    content.seek(0)
    return hashlib.sha256(data).hexdigest(), len(data)

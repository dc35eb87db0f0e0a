"""Evidence: checked by its content, kept privately, replaced or set aside, never without a trace."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.db import transaction

from nominations.folder import supports
from nominations.models import Evidence, Nomination
from nominations.services.declaring import locked, require_editable
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.files import MB, clean_image, inspect
from portal.models import Membership, Role
from portal.permissions import require
from portal.pictures import thumbnail

#: What a nomination's folder holds at most, older versions and what was set aside not counted.
MOST_DOCUMENTS = 60
MOST_BYTES = 300 * MB


@dataclass(frozen=True)
class Upload:
    """What became of one of several files: kept, or refused with a sentence."""

    name: str
    evidence: Evidence | None = None
    refusal: Refused | None = None


@transaction.atomic
def attach_evidence(
    nomination: Nomination,
    *,
    by: Membership,
    now: datetime,
    kind: str,
    title: str,
    file,
    about: str = "",
    replaces: Evidence | None = None,
) -> Evidence:
    """Add one document; a photograph loses its place and time. The one replaced stays readable behind it."""
    nomination = locked(nomination)
    require(by, "nominations.attach", nomination)
    require_attachable(nomination, by=by, now=now)
    _require_known(nomination, kind, about, replaces)
    found = inspect(file)
    content = clean_image(file) if found.is_image else file
    digest, size = _measure(content)
    title = title.strip() or PurePosixPath(file.name).stem[:120]
    current = {each.pk: each for each in nomination.evidence.select_for_update().current()}
    if any(each.sha256 == digest for each in current.values()):
        raise Refused("“{title}”与已上传的一份佐证内容相同，不需要重复上传。", title=title)
    if replaces is not None and replaces.pk not in current:
        raise Refused("要替换的佐证已被替换或作废，请刷新页面后再办。")
    staying = [each for pk, each in current.items() if replaces is None or pk != replaces.pk]
    _require_room(staying, size)
    evidence = Evidence(
        nomination=nomination,
        kind=kind,
        title=title,
        about=about,
        mime=found.mime,
        size=size,
        sha256=digest,
        uploaded_at=now,
        uploaded_by=by,
    )
    evidence.file.save(file.name, content, save=False)
    if found.is_image:
        evidence.thumbnail.save("thumbnail.webp", thumbnail(content), save=False)
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
        about=about,
        sha256=digest,
        replaces=getattr(replaces, "pk", None),
    )
    return evidence


def attach_several(
    nomination: Nomination, *, by: Membership, now: datetime, files: Iterable, title: str = "", **said
) -> list[Upload]:
    """Add several documents, each for itself: what is wrong with one stops none of the others."""
    files, done = list(files), []
    for file in files:
        try:
            kept = attach_evidence(
                nomination, by=by, now=now, file=file, title=title if len(files) == 1 else "", **said
            )
        except Refused as refusal:
            done.append(Upload(file.name, refusal=refusal))
        else:
            done.append(Upload(file.name, evidence=kept))
    return done


@transaction.atomic
def void_evidence(evidence: Evidence, *, by: Membership, now: datetime, reason: str) -> Evidence:
    """委员会决定: set aside what was uploaded by mistake, with a reason, while nobody above has received it.

    It is kept and marked; an earlier version that it had replaced stands in its place again.
    """
    nomination = locked(evidence.nomination)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    require(by, "nominations.void_evidence", evidence)
    if evidence.voided_at or evidence.replaced_by_id:
        raise Refused("“{title}”已被替换或作废，请刷新页面后再办。", title=evidence.title)
    require_editable(nomination, by=by, now=now)
    if not is_voidable(evidence, nomination):
        raise Refused(
            "“{title}”已随推荐上报，不能作废。内容有误的，请上传新的一份替换它。", title=evidence.title
        )
    reason = reason.strip()
    if not reason:
        raise Refused("作废佐证需要写明理由。")
    evidence.voided_at, evidence.voided_by, evidence.void_reason = now, by, reason
    evidence.save(update_fields=["voided_at", "voided_by", "void_reason"])
    earlier = Evidence.objects.select_for_update().filter(replaced_by=evidence).first()
    if earlier is not None:
        earlier.replaced_by = None
        earlier.save(update_fields=["replaced_by"])
    audit.record(
        "nominations.void_evidence",
        evidence,
        by=by,
        now=now,
        title=evidence.title,
        sha256=evidence.sha256,
        reason=reason,
        restores=getattr(earlier, "pk", None),
    )
    return evidence


def is_voidable(evidence: Evidence, nomination: Nomination) -> bool:
    """What went up with the recommendation stays; what came after it, or before any, may be set aside."""
    if evidence.voided_at or evidence.replaced_by_id:
        return False
    if nomination.state not in (State.DRAFT, State.RECOMMENDATION):
        return False
    said = getattr(nomination, "recommendation", None)
    return said is None or evidence.uploaded_at > said.recommended_at


def require_attachable(nomination: Nomination, *, by: Membership, now: datetime) -> None:
    """Refuse a new document where the declaration is closed; the office may add to a screening."""
    if by.role == Role.OFFICE and nomination.state == State.SCREENING:
        require_open(nomination.edition, StepKind.SCREENING)
    else:
        require_editable(nomination, by=by, now=now)


def _require_known(nomination, kind, about, replaces) -> None:
    if kind not in Evidence.Kind.values:
        raise Refused("请选择佐证的类型。")
    kept = replaces.about if replaces is not None else ""
    known = {kept, "", *(key for _group, lines in supports(nomination) for key, _title in lines)}
    if about not in known:
        raise Refused("所选的“佐证内容”不在这一家的申报表中，请重新选择。")


def _require_room(staying, size: int) -> None:
    if len(staying) >= MOST_DOCUMENTS:
        raise Refused(
            "每家最多 {most} 份佐证，已有 {most} 份。请把同类材料合并成一个 PDF，或替换已有的一份。",
            most=MOST_DOCUMENTS,
        )
    total = sum(each.size for each in staying)
    if total + size > MOST_BYTES:
        raise Refused(
            "每家佐证合计不超过 {most} MB，已有 {used} MB，这一份有 {size} MB。请压缩后再上传。",
            most=MOST_BYTES // MB,
            used=-(-total // MB),
            size=-(-size // MB),
        )


def _measure(content) -> tuple[str, int]:
    content.seek(0)
    data = content.read()
    content.seek(0)
    return hashlib.sha256(data).hexdigest(), len(data)
